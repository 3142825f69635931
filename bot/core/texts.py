"""The texts of a conflict, where all three are plain enough to be merged line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.resolution import ThreeWay

LARGEST = 4 << 20  # bytes; beyond it is data, and would take long
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_OTHER_ENCODING = re.compile(r"[ \t\f]*#.*?coding[:=][ \t]*(?!utf-?8\b)[-\w]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Texts:
    """Base, ours and theirs; of Python files, or what a formatter made of them."""

    base: str
    ours: str
    theirs: str

    @property
    def lines(self) -> tuple[list[str], list[str], list[str]]:
        """Give the lines of each."""
        return lines(self.base), lines(self.ours), lines(self.theirs)


def texts(conflict: ThreeWay) -> Texts | None:
    """Give the texts, None unless all three are there, not huge, in UTF-8, with plain line ends."""
    base, ours, theirs = map(_plain, (conflict.base, conflict.ours, conflict.theirs))
    if base is None or ours is None or theirs is None:
        return None
    return Texts(base, ours, theirs)


def lines(text: str) -> list[str]:
    r"""Cut at `\n` alone, which each line keeps; form feeds and the like stay inside a line."""
    return _LINE.findall(text)


def _plain(data: bytes | None) -> str | None:
    if data is None or len(data) > LARGEST:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    if not f"\n{text}".endswith("\n") or "\r" in text or text.startswith("\ufeff"):
        return None
    return None if any(map(_OTHER_ENCODING.match, text.split("\n", 2)[:2])) else text
