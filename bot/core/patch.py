"""A patch as git prints it, taken apart into what it does to each file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

_SECTION = re.compile(rb"^diff --git ", re.MULTILINE)
_FACTS = re.compile(rb"(?:new file|deleted file|old|new) mode \d+|rename (?:from|to) .*")
_INDEX = re.compile(rb"index [0-9a-f]+\.\.([0-9a-f]{10})")
_NO_NEWLINE = b"\\ "


class Kind(StrEnum):
    """What a line of a patch says."""

    CONTEXT = " "
    ADDED = "+"
    REMOVED = "-"
    FACT = "#"  # of the file as a whole: its mode, its old name, that it is binary
    HUNK = "@"  # some lines of the file are left out here


class Line(NamedTuple):
    """One line of a patch; the text is as stored, without the sign and the line feed."""

    kind: Kind
    text: bytes


@dataclass(frozen=True, slots=True)
class FileChange:
    """What a patch does to one file; the path is git's quoted form of it, fit to be shown."""

    path: str
    lines: tuple[Line, ...]

    @property
    def changes(self) -> tuple[Line, ...]:
        """Give what is changed, without what stands around it."""
        return tuple(line for line in self.lines if line.kind not in (Kind.CONTEXT, Kind.HUNK))

    @property
    def patch(self) -> tuple[Line, ...]:
        """Give what is changed and what stands around it, wherever in the file that is."""
        return tuple(line for line in self.lines if line.kind is not Kind.HUNK)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is changed, as `git diff --shortstat` counts it."""

    files: int
    added: int
    removed: int


def parse(patch: bytes) -> tuple[FileChange, ...]:
    """Read what `git diff-tree --patch --full-index --no-prefix` printed, once or several times.

    What befalls one path in several places is put together. Of a binary file only its new name as
    an object is known, so two binary changes are equal when they end in the same bytes.
    """
    found: dict[str, list[Line]] = {}
    for section in _SECTION.split(patch)[1:]:
        rows = section.split(b"\n")
        path = _path(rows).decode(errors="backslashreplace")
        found.setdefault(path, []).extend(_lines(rows))
    return tuple(FileChange(path, tuple(lines)) for path, lines in found.items())


def size(changes: tuple[FileChange, ...]) -> Size:
    """Count files and lines."""
    kinds = [line.kind for change in changes for line in change.lines]
    return Size(len(changes), kinds.count(Kind.ADDED), kinds.count(Kind.REMOVED))


def _path(rows: list[bytes]) -> bytes:
    for row in rows[1:]:
        if row.startswith(b"rename to "):
            return row.removeprefix(b"rename to ")
        if row.startswith(b"@@ "):
            break
    return rows[0][: len(rows[0]) // 2]  # the same name twice, and a blank between


def _lines(rows: list[bytes]) -> Iterator[Line]:
    start = next((i for i, row in enumerate(rows) if row.startswith(b"@@ ")), len(rows))
    head = rows[1:start]
    yield from (Line(Kind.FACT, row) for row in head if _FACTS.fullmatch(row))
    if any(row.startswith(b"Binary files ") for row in head):
        names = filter(None, map(_INDEX.match, head))
        yield from (Line(Kind.FACT, b"binary, now " + name[1]) for name in names)
    yield from _hunk_lines(rows[start:])


def _hunk_lines(rows: list[bytes]) -> Iterator[Line]:
    for row, following in pairwise([*rows, b""]):
        kind = row[:1].decode(errors="replace")
        if kind in (Kind.CONTEXT, Kind.ADDED, Kind.REMOVED):
            end = b" (no line end)" if following.startswith(_NO_NEWLINE) else b""
            yield Line(Kind(kind), row[1:] + end)
        elif kind == Kind.HUNK:
            yield Line(Kind.HUNK, b"")
