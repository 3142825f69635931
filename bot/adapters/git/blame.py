"""Whose the lines are over which a pick stumbles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.adapters.git.commit import Commit
from bot.adapters.git.objects import Objects
from bot.adapters.git.run import Git
from bot.adapters.git.sizes import largest
from bot.adapters.git.trees import Entry, changes, find
from bot.core.contested import Contested, contested, runs
from bot.core.model import Conflict

MOST_FILES = 10
LARGEST = 1 << 20  # bytes of a file that is looked into: finding lines in more takes seconds
ENTRY = re.compile(
    rb"^(?P<sha>[0-9a-f]{40}) [^\n]*\nauthor (?P<author>[^\n]*)\n.*?"
    rb"^summary (?P<subject>[^\n]*)\n(?P<more>.*?)^\t",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A file in conflict, by its name where the fix was made, and its contested lines there."""

    path: bytes
    lines: Contested


@dataclass(frozen=True, slots=True)
class Blamed:
    """The commit that gave one line its present form; `author` is a name without an address."""

    sha: str
    author: str
    subject: str


def places(
    objects: Objects, source: Commit, onto: str, conflicts: Sequence[Conflict]
) -> Iterator[Place]:
    """Find the contested lines, in the first few files that conflict.

    A conflict in a name that the fix does not know is one in a file that was renamed meanwhile:
    the files that the fix changes and the target lacks stand for it.
    """
    before, target = objects.commit(source.parents[0]), objects.commit(onto)
    if before is None or target is None:
        return
    changed = changes(objects, before.tree, source.tree)
    shown = {path.decode(errors="backslashreplace"): path for path in changed}
    named = {shown.get(conflict.path) for conflict in conflicts}
    count = 0
    for path, (old, new) in changed.items():
        ours = find(objects, target.tree, path)
        if count == MOST_FILES:
            return
        if path in named or (None in named and ours is None):
            count += 1
            if lines := _contested(objects, (old, ours, new)):
                yield Place(path, lines)


def _contested(objects: Objects, versions: tuple[Entry | None, ...]) -> Contested | None:
    if versions[0] is None or largest(objects, versions) > LARGEST:
        return None
    if not all(entry.is_file for entry in versions if entry is not None):
        return None
    return contested(*(objects.data(entry.sha) if entry else b"" for entry in versions))


async def blame(git: Git, path: bytes, lines: Sequence[int], *args: str) -> tuple[Blamed, ...]:
    """Say for each line who wrote it last; `args` are options and revisions.

    Lines older than the revisions asked for are left out.
    """
    if not lines:
        return ()
    ranges = [f"-L{first},{last}" for first, last in runs(lines)]
    out = (await git("blame", "--line-porcelain", *ranges, *args, "--", path)).out
    return tuple(
        Blamed(entry["sha"].decode(), _text(entry["author"]), _text(entry["subject"]))
        for entry in ENTRY.finditer(out)
        if not entry["more"].startswith(b"boundary\n")
    )


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
