"""Set what the bot would write beside what a person wrote, commit by commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.replay_notes.cases import Case, Commit, Entry, entries
from bench.replay_notes.contents import Contents
from bot.core.notes import STYLES
from bot.core.notes.blocks import parse, render
from bot.core.notes.django_listings import listed
from bot.core.notes.django_version import numbers
from bot.core.notes.paths import INDEX
from bot.core.notes.sentences import tickets
from bot.core.release_notes import Fix, Shape

DJANGO = STYLES["django"]
NEAR = 3 * 24 * 3600
"""Seconds within which commits of one ticket are taken for the same fix on several branches."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One file: whether heading and order are the person's, and every byte; if not, why."""

    path: str
    right: bool
    exact: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """One commit: the files that the bot would choose, and how it would write the person's."""

    case: Case
    chosen: frozenset[str]
    placements: tuple[Placement, ...]

    @property
    def right_files(self) -> bool:
        """Tell whether the bot chooses the person's files, all and no others."""
        return self.chosen == self.case.added.keys()


def judge(contents: Contents, case: Case, history: Mapping[str, Sequence[Commit]]) -> Judged:
    """Ask the bot for the files and the places of a commit's bullets.

    `history` holds the commits of each series. A fix is for the commit's own series and for those
    older ones on which the same fix stands; the bot learns each one's version on its own branch.
    """
    chosen = {_choice(contents, commit) for commit in _targets(case.commit, history)}
    placements = (_placed(contents, case, path, new) for path, new in case.added.items())
    return Judged(case, frozenset(filter(None, chosen)), tuple(placements))


def _targets(own: Commit, history: Mapping[str, Sequence[Commit]]) -> Iterable[Commit]:
    yield own
    for series, commits in history.items():
        if numbers(series) < numbers(own.series):
            same = [commit for commit in commits if _same_fix(commit, own)]
            yield from sorted(same, key=lambda one: abs(one.time - own.time))[:1]


def _same_fix(one: Commit, other: Commit) -> bool:
    near = abs(one.time - other.time) < NEAR
    shared = set(tickets(one.subject)) & set(tickets(other.subject))
    return near and (one.subject == other.subject or bool(shared))


def _choice(contents: Contents, commit: Commit) -> str:
    """Give the file that the bot chooses on a branch, empty where it chooses none."""
    fix = Fix(commit.subject, 0)
    place = DJANGO.place(fix, _read(contents, commit, fix, ""))
    return place.path if place and place.shape is not Shape.FIRST else ""


def _read(contents: Contents, commit: Commit, fix: Fix, version: str) -> dict[str, bytes | None]:
    """Read what the style wants, as it was before the commit."""
    files: dict[str, bytes | None] = {}
    while missing := [path for path in DJANGO.wants(fix, files, version) if path not in files]:
        files |= {path: contents.read(commit.parent, path) for path in missing}
    return files


def _placed(contents: Contents, case: Case, path: str, new: Sequence[Entry]) -> Placement:
    """Have the bot write a person's bullets, and compare the file with the person's."""
    version = path.rpartition("/")[2].removesuffix(".txt")
    files = _read(contents, case.commit, Fix(case.commit.subject, 0), version)
    refusal = ""
    for entry in new:
        written = DJANGO.write(Fix("", 0, entry.words), files, version)
        refusal = refusal or ("" if written.files else written.remarks[0])
        files |= written.files
    content, theirs = files[path], contents.read(case.commit.sha, path)
    ours, persons = entries(content), entries(theirs)
    wrong = [entry for entry in new if _spot(entry, ours) != _spot(entry, persons)]
    why = refusal or "; ".join(_difference(entry, ours, persons) for entry in wrong)
    return Placement(path, not wrong, content == theirs, why)


def _spot(entry: Entry, among: Sequence[Entry]) -> int | None:
    return among.index(entry) if entry in among else None


def _difference(entry: Entry, ours: Sequence[Entry], persons: Sequence[Entry]) -> str:
    if entry not in ours:
        return f"the person put it under “{entry.heading}”"
    return f"the person put it as number {persons.index(entry) + 1} of {len(persons)}"


def indexed(contents: Contents, commit: Commit, added: Iterable[str]) -> str:
    """List new notes files in the index; give how that differs from the person's, or nothing."""
    index = parse(contents.read(commit.parent, INDEX) or b"")
    for path in added:
        version = path.rpartition("/")[2].removesuffix(".txt")
        new = listed(index, version)
        if new is None:
            return f"no list for {version}"
        index = new
    theirs = contents.read(commit.sha, INDEX)
    if render(index) == theirs:
        return ""
    lists = {line for block in index.blocks for line in block.lines}
    more = sorted(set((theirs or b"").split(b"\n")) - lists - {b""})
    return f"the person's lists {b', '.join(more).decode() or 'no such line'} too"
