"""A changelog in Markdown or reStructuredText, as far as its headings and bullets go."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_MARKDOWN = re.compile(r"(#{1,6})\s+(.*?)\s*#*")
_RULE = re.compile(r"([=\-~^\"'#*+])\1{2,}")
_BULLET = re.compile(r"(\s*[-*+]\s+)\S")
_UNRELEASED = re.compile(r"\W*unreleased\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it: `lines[start:end]`; a lower level is a bigger heading."""

    title: str
    level: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bullet:
    """One entry: its lines are `lines[start:end]`, `mark` is what stands before the words."""

    mark: str
    start: int
    end: int
    words: str


def sections(lines: Sequence[str]) -> list[Section]:
    """Give all sections, outer ones too, in the order of their headings."""
    found = list(_headings(lines))
    return [
        Section(title, level, start, _end(found[i + 1 :], level, len(lines)))
        for i, (title, level, _, start) in enumerate(found)
    ]


def _end(later: Sequence[tuple[str, int, int, int]], level: int, last: int) -> int:
    return next((at for _, other, at, _ in later if other <= level), last)


def _headings(lines: Sequence[str]) -> Iterator[tuple[str, int, int, int]]:
    """Give title, level, the heading's first line and the first one below it."""
    rules: list[str] = []
    fenced = False
    for i, line in enumerate(lines):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        if fenced:
            continue
        if found := _MARKDOWN.fullmatch(line):
            yield found[2], len(found[1]), i, i + 1
        elif (
            i and _RULE.fullmatch(line) and lines[i - 1].strip() and not lines[i - 1][:1].isspace()
        ):
            if _RULE.fullmatch(lines[i - 1]):
                continue
            if line[0] not in rules:
                rules.append(line[0])
            over = i > 1 and lines[i - 2] == line
            yield lines[i - 1].strip(), rules.index(line[0]) + 1, i - 1 - over, i + 1


def unreleased(lines: Sequence[str], every: Sequence[Section]) -> list[Section]:
    """Give the sections of what is not released: by their title, or by the first words below it."""
    found = [one for one in every if _UNRELEASED.match(one.title) or _says_so(lines, one)]
    return [one for one in found if not any(_within(one, other) for other in found)]


def _says_so(lines: Sequence[str], section: Section) -> bool:
    inside = [line for line in lines[section.start : section.end] if line.strip()]
    first, second = (*inside, "", "")[:2]
    alone = len(first.split()) == 1 and not _RULE.fullmatch(second)
    return alone and _UNRELEASED.match(first) is not None


def _within(one: Section, other: Section) -> bool:
    return other.start < one.start < other.end


def bullets(lines: Sequence[str], start: int, end: int) -> list[Bullet]:
    """Give the entries of the first level between two lines."""
    found: list[Bullet] = []
    i = start
    while i < end:
        mark = _BULLET.match(lines[i])
        if not mark:
            i += 1
            continue
        last = _last(lines, i, end, len(mark[1]))
        words = " ".join(" ".join(lines[i:last]).split())
        found.append(Bullet(mark[1], i, last, words[1:].strip()))
        i = last
    return found


def _last(lines: Sequence[str], start: int, end: int, indent: int) -> int:
    """Give the line after an entry: what is indented belongs to it, blank lines between too."""
    last = start + 1
    for i in range(start + 1, end):
        line = lines[i]
        if not line.strip():
            continue
        if len(line) - len(line.lstrip()) < min(indent, 2):
            lazy = i == last and not _BULLET.match(line) and not _MARKDOWN.fullmatch(line)
            if not lazy:
                break
        last = i + 1
    return last
