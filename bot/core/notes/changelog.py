"""One changelog file with a section for what is not released yet: `## [Unreleased]`.

Source: keepachangelog.com, and the changelogs of Black, structlog and Click.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.core.errors import UserError
from bot.core.notes.changelog_text import Bullet, Section, bullets, sections, unreleased
from bot.core.notes.contents import like, readable
from bot.core.notes.plain import PlainNotes
from bot.core.notes.sentences import general_remarks, one_line, wrapped
from bot.core.release_notes import (
    Change,
    Files,
    Fix,
    Held,
    Place,
    Shape,
    Written,
    refused,
)

PATHS = (
    *("CHANGELOG.md", "CHANGES.md", "CHANGELOG.rst", "CHANGES.rst", "HISTORY.md", "HISTORY.rst"),
    *("docs/changelog.md", "docs/changelog.rst", "docs/changes.rst"),
)
_FIXES = ("fixed", "fixes", "bug fixes", "bugfixes", "bug fix")
_KINDS = ("added", "changed", "deprecated", "removed", "fixed", "security")
_REFERENCES = (
    (re.compile(r":pr:`\d+`"), ":pr:`{}`"),
    (re.compile(r"\(#\d+\)"), "(#{})"),
    (re.compile(r"\[#\d+\]\((\S+/)\d+\)"), "[#{}]({}{})"),
)
_LONGEST = 100
"""Columns beyond which a changelog is taken for one that does not wrap its lines."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a bullet goes: before a line, below a new heading or none, spaced as the others."""

    line: int
    where: str
    heading: tuple[str, ...] = ()
    gap: bool = False


class ChangelogNotes(PlainNotes):
    """A changelog that people write by hand."""

    wording = "The entry goes under “Unreleased”, in words for who uses the project."

    def wants(self, fix: Fix, files: Files, version: str = "") -> Collection[str]:
        """Name the files that a changelog may be, the first that is there is it."""
        del fix, version
        return () if any(files.get(path) for path in PATHS) else PATHS

    def place(self, fix: Fix, files: Files) -> Place | None:
        """Give the changelog, None where there is none."""
        del fix
        path = next((path for path in PATHS if files.get(path) is not None), None)
        return Place(path, exists=True, shape=Shape.UNRELEASED) if path else None

    def picked(self, place: Place, changed: Collection[str], files: Files) -> str | None:
        """Take the changelog itself."""
        del files
        return place.path if place.path in changed else None

    def check(self, fix: Fix) -> tuple[str, ...]:
        """Check the sentence."""
        text = one_line(fix.sentence)
        bullet = "It begins with a bullet; that is added."
        return general_remarks(fix, _LONGEST) + ((bullet,) if text.startswith(("- ", "* ")) else ())

    def holds(self, fix: Fix, files: Files, version: str = "") -> Held | None:
        """Find the entry among all, for what is unreleased becomes a release."""
        del version
        place = self.place(fix, files)
        content = files.get(place.path) if place else None
        if place is None or content is None:
            return None
        lines = content.decode(errors="replace").splitlines()
        known = bullets(lines, 0, len(lines))
        words = _words(fix, known)
        found = _same(fix, known, words)
        return Held(place.path, found.words, found.words == words) if found else None

    def write(self, fix: Fix, files: Files, version: str = "") -> Written:
        """Add a bullet to what is unreleased, in the manner of its neighbours; once."""
        del version
        place = self.place(fix, files)
        content = files.get(place.path) if place else None
        if place is None or content is None:
            return refused(f"There is no changelog: none of {', '.join(PATHS)}.")
        try:
            return _written(fix, place.path, content)
        except UserError as error:
            return refused(error.message)


def _written(fix: Fix, path: str, content: bytes) -> Written:
    try:
        lines = readable(path, content).decode().split("\n")
    except UnicodeDecodeError:
        raise UserError(f"`{path}` is not UTF-8.") from None
    section = _unreleased(path, lines)
    known = bullets(lines, 0, len(lines))
    words = _words(fix, known)
    _once(fix, path, [one for one in known if section.start <= one.start < section.end], words)
    spot = _spot(fix, path, lines, section)
    near = [one for one in known if one.start < spot.line] or known
    added = _bullet(words, near, lines, known)
    new = [*lines[: spot.line], *spot.heading, *([""] if spot.gap else ()), *added]
    text = like(content, "\n".join([*new, *lines[spot.line :]]).encode())
    shown = "\n".join([*spot.heading, *added]).strip("\n")
    return Written({path: text}, (Change(path, shown, spot.where),), ())


def _unreleased(path: str, lines: Sequence[str]) -> Section:
    found = unreleased(lines, sections(lines))
    if not found:
        raise UserError(f"`{path}` has no section “Unreleased”; a person has to make one.")
    if len(found) > 1:
        raise UserError(f"`{path}` has {len(found)} sections “Unreleased”; one is meant.")
    return found[0]


def _once(fix: Fix, path: str, known: Sequence[Bullet], words: str) -> None:
    if found := _same(fix, known, words):
        raise UserError(f"`{path}` has this note already: “{found.words}”.")


def _same(fix: Fix, known: Sequence[Bullet], words: str) -> Bullet | None:
    found = (one for one in known if one.words == words or _refers(one.words, fix.number))
    return next(found, None)


def _refers(words: str, number: int) -> bool:
    """Tell whether an entry names a pull request, in any of the usual forms."""
    return number > 0 and re.search(rf"(?:#|`|/){number}(?!\d)", words) is not None


def _words(fix: Fix, known: Sequence[Bullet]) -> str:
    """Give the sentence with the pull request's number, as other entries have it."""
    text = one_line(fix.sentence).removeprefix("- ").removeprefix("* ")
    if not fix.number or _refers(text, fix.number):
        return text
    for one in known:
        for form, template in _REFERENCES:
            if found := form.search(one.words):
                reference = template.format(fix.number, *found.groups(), fix.number)
                return f"{text} {reference}"
    return text


def _spot(fix: Fix, path: str, lines: Sequence[str], section: Section) -> _Spot:
    inner = [one for one in sections(lines) if section.start < one.start <= section.end]
    wanted = (fix.kind.lower(),) if fix.kind else _FIXES
    named = next((one for one in inner if _plain(one.title) in wanted), None)
    if named:
        return _after(lines, named, f"under “{named.title}” of what is unreleased")
    titles = {_plain(one.title) for one in sections(lines)}
    if inner and not {_plain(one.title) for one in inner} <= {*_KINDS, *_FIXES}:
        headings = ", ".join(f"“{one.title}”" for one in inner)
        raise UserError(f"`{path}`: say under which heading it goes: {headings}.")
    if inner or titles & set(_KINDS):
        return _new_heading(fix, lines, section)
    return _after(lines, section, "under what is unreleased")


def _plain(title: str) -> str:
    return re.sub(r"[^\w\s]", "", title).strip().lower()


def _after(lines: Sequence[str], section: Section, where: str) -> _Spot:
    """Give the place after the last entry, or after the last words where there is none."""
    known = bullets(lines, section.start, section.end)
    apart = len(known) > 1 and all(one.end < two.start for one, two in pairwise(known))
    if known:
        return _Spot(known[-1].end, where, gap=apart)
    return _Spot(_last_line(lines, section), where, gap=not _tight(lines))


def _tight(lines: Sequence[str]) -> bool:
    """Tell whether entries follow their heading without a blank line."""
    starts = {one.start for one in bullets(lines, 0, len(lines))}
    return any(one.start in starts for one in sections(lines))


def _last_line(lines: Sequence[str], section: Section) -> int:
    last = section.end
    while last > section.start and not lines[last - 1].strip():
        last -= 1
    return last


def _new_heading(fix: Fix, lines: Sequence[str], section: Section) -> _Spot:
    """Open a heading for fixes, as its neighbours are drawn."""
    title = fix.kind or "Fixed"
    markdown = any(line.startswith("#") for line in lines)
    drawn = (f"{'#' * (section.level + 1)} {title}",) if markdown else (title, "~" * len(title))
    where = f"at the end of what is unreleased, under a new “{title}”"
    return _Spot(_last_line(lines, section), where, ("", *drawn), gap=not _tight(lines))


def _bullet(
    words: str, near: Sequence[Bullet], lines: Sequence[str], known: Sequence[Bullet]
) -> list[str]:
    """Draw an entry with its neighbour's mark, wrapped where the others are."""
    mark = near[-1].mark if near else "- "
    longest = max((len(line) for one in known for line in lines[one.start : one.end]), default=0)
    width = longest if longest <= _LONGEST else len(mark) + len(words)
    return wrapped(words, max(width, 72), mark, " " * len(mark))
