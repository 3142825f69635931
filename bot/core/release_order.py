"""Names of release tags, and the order in which they come: 4.1rc1, 4.1, 4.1.5, 4.1.10, 2028.1."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORDS = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}
_ORDER = ("dev", "a", "b", "rc", "", "post")
_VERSION = re.compile(
    r"v?(\d+(?:\.\d+)+)(?:[-._]?(dev|alpha|a|beta|b|rc|c|preview|pre|post)[-._]?(\d*))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, order=True, slots=True)
class Version:
    """A version that sorts as releases come; 4.1 and 4.1.0 are the same one.

    `phase` is less than `FINAL` before the release, and `number` counts in it.
    """

    numbers: tuple[int, ...]
    phase: int
    number: int


FINAL = _ORDER.index("")


def version(text: str) -> Version | None:
    """Read a version or the name of a release tag (a `v` may lead); None for any other name."""
    found = _VERSION.fullmatch(text)
    if found is None:
        return None
    word = (found[2] or "").lower()
    numbers = [int(part) for part in found[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return Version(tuple(numbers), _ORDER.index(_WORDS.get(word, word)), int(found[3] or 0))


def spelled(tag: str) -> str:
    """Give the version that a release tag names, as people write it: v4.1.6 → 4.1.6."""
    return tag[1:] if tag[:1] in {"v", "V"} else tag


def belongs(text: str, series: str) -> bool:
    """Tell whether a version is of a series, which may be written `4.1`, `4.1.x` or `v4-1`."""
    read, wanted = version(text), tuple(map(int, re.findall(r"\d+", series)))
    if read is None or not wanted:
        return False
    padded = (*read.numbers, *(0,) * len(wanted))
    return padded[: len(wanted)] == wanted
