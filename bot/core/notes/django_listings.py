"""Django's two lists: the index of all release notes, and the archive of security issues."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.core.notes import three_way
from bot.core.notes.blocks import Block, Text
from bot.core.notes.django_version import series_of
from bot.core.notes.rst_sections import Blocks, Key

_VERSION = re.compile(rb"\s+\d+(\.\d+)+\S*\s*")
_MONTHS = (
    *(b"January", b"February", b"March", b"April", b"May", b"June"),
    *(b"July", b"August", b"September", b"October", b"November", b"December"),
)


class Index:
    """A section `4.1 release` for each series, with its versions line by line, newest first."""

    def key(self, title: bytes) -> Key | None:
        """Read the series."""
        found = re.fullmatch(rb"(\d+\.\d+) release", title)
        return (_numbers(found[1]), found[1]) if found else None

    def merge(self, base: Blocks, ours: Blocks, theirs: Blocks) -> Blocks | None:
        """Merge the versions as a set; None where more than versions changed."""
        was, now = _versions(base), _versions(theirs)
        lines = [line for line in _versions(ours) if line in now or line not in was]
        for line in now:
            if line not in was and line not in lines:
                lines.insert(_rank(line, lines), line)
        if not lines or len(ours) != len(_others(ours)) + 1 or _others(base) != _others(theirs):
            return None
        return tuple(replace(b, lines=tuple(lines)) if _lists(b) else b for b in ours)


class Archive:
    """A section such as `March 4, 2024 - :cve:...` for each issue, the same on every branch."""

    def key(self, title: bytes) -> Key | None:
        """Read the date, and the number of the issue."""
        found = re.fullmatch(rb"([A-Z][a-z]+) (\d{1,2}), (\d{4}) - (.+)", title)
        if not found or found[1] not in _MONTHS:
            return None
        number = re.search(rb"(\d{4}-)(\d+)", found[4])
        date = int(found[3]), _MONTHS.index(found[1]) + 1, int(found[2])
        return date, number[1] + number[2].zfill(8) if number else found[4]

    def merge(self, base: Blocks, ours: Blocks, theirs: Blocks) -> Blocks | None:
        """Merge by paragraph."""
        return three_way.merge_blocks(base, ours, theirs)


def listed(index: Text, version: str) -> Text | None:
    """Add a version to the index, newest first among those of its series; None where none is there.

    A version that stands in it already changes nothing.
    """
    for i, block in enumerate(index.blocks):
        if _lists(block) and any(_series(line) == series_of(version) for line in block.lines):
            new = f"   {version}".encode()
            lines = list(block.lines)
            if new.strip() not in map(bytes.strip, lines):
                lines.insert(_rank(new, lines), new)
            blocks = (*index.blocks[:i], replace(block, lines=tuple(lines)), *index.blocks[i + 1 :])
            return replace(index, blocks=blocks)
    return None


def _series(line: bytes) -> str:
    return series_of(line.strip().decode(errors="replace"))


def _lists(block: Block) -> bool:
    """Tell whether a block is nothing but versions, one a line."""
    return all(_VERSION.fullmatch(line) for line in block.lines)


def _versions(section: Blocks) -> list[bytes]:
    return [line for block in section if _lists(block) for line in block.lines]


def _others(section: Blocks) -> list[Block]:
    return [block for block in section if not _lists(block)]


def _rank(version: bytes, versions: Sequence[bytes]) -> int:
    """Give the place of a version among others, newest first."""
    older = (i for i, other in enumerate(versions) if _numbers(other) < _numbers(version))
    return next(older, len(versions))


def _numbers(version: bytes) -> tuple[int, ...]:
    return tuple(map(int, re.findall(rb"\d+", version)))
