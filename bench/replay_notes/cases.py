"""Find what people wrote: commits of stable branches that add bullets to Django's release notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.replay.history_git import ask
from bench.replay_notes.contents import Contents
from bot.core.notes.blocks import parse
from bot.core.notes.django_version import numbers

NOTES = re.compile(r"docs/releases/\d+\.\d+\.\d+\.txt")
_PLACEHOLDER = b"* ..."


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of a stable branch; `subject` is without the branch's prefix, `time` in seconds."""

    sha: str
    parent: str
    time: int
    series: str
    subject: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One bullet: the heading above it, and its words without line breaks and the `* `."""

    heading: str
    words: str


@dataclass(frozen=True, slots=True)
class Case:
    """What a commit adds: by the path of each notes file the new bullets, in their order."""

    commit: Commit
    added: Mapping[str, tuple[Entry, ...]]


def stable_commits(clone: Path, series: str) -> list[Commit]:
    """Give the commits of a stable branch from its first pre-release on, oldest first."""
    tags = [tag for tag in ask(clone, "tag", "--list", f"{series}.*").split() if _is_plain(tag)]
    span = f"{series}a1..{max(tags, key=numbers)}"
    log = ask(clone, "log", "--first-parent", "--reverse", "--format=%H %P%x00%ct%x00%s", span)
    return [_commit(line, series) for line in log.splitlines()]


def _is_plain(tag: str) -> bool:
    return re.fullmatch(r"[\d.]+", tag) is not None


def _commit(line: str, series: str) -> Commit:
    shas, time, subject = line.split("\0", 2)
    sha, parent = shas.split()[:2]
    return Commit(sha, parent, int(time), series, re.sub(r"^\[[^\]]*\]\s*", "", subject))


def touched(clone: Path, commits: Iterable[Commit], kinds: str) -> dict[str, list[str]]:
    """Give by commit the notes files of bugfix releases that it adds (`A`) or changes (`M`)."""
    names = "".join(f"{commit.sha}\n" for commit in commits)
    options = (
        "diff-tree",
        "--stdin",
        "-r",
        "--name-only",
        f"--diff-filter={kinds}",
        "--no-renames",
    )
    found: dict[str, list[str]] = {}
    sha = ""
    for line in ask(clone, *options, "--", "docs/releases", stdin=names).splitlines():
        if re.fullmatch(r"[0-9a-f]{40}", line):
            sha = line
        elif NOTES.fullmatch(line):
            found.setdefault(sha, []).append(line)
    return found


def cases(clone: Path, contents: Contents, commits: list[Commit]) -> Iterator[Case]:
    """Give those of the commits that add bullets to notes of bugfix releases."""
    paths = touched(clone, commits, "AM")
    for commit in commits:
        added = {path: _added(contents, commit, path) for path in paths.get(commit.sha, ())}
        if found := {path: new for path, new in added.items() if new}:
            yield Case(commit, found)


def _added(contents: Contents, commit: Commit, path: str) -> tuple[Entry, ...]:
    """Give the bullets that are new in a file; a bullet that was only reworded is not."""
    before = entries(contents.read(commit.parent, path))
    after = entries(contents.read(commit.sha, path))
    new = tuple(entry for entry in after if entry not in before)
    return new if len(after) > len(before) else ()


def entries(content: bytes | None) -> list[Entry]:
    """Give all bullets of a file with their headings, but for placeholders."""
    found: list[Entry] = []
    heading = ""
    for block in parse(content or b"").blocks:
        if block.title is not None:
            heading = block.title.decode()
        elif block.lines[0].startswith(b"* ") and block.lines != (_PLACEHOLDER,):
            words = b" ".join(b" ".join(block.lines).split()).decode()
            found.append(Entry(heading, words.removeprefix("* ")))
    return found
