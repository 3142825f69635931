"""Bring what was pushed from the quarantine into the mirror, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bot.adapters.git import loose
from bot.adapters.git.commit import parse_commit
from bot.adapters.git.objects import Objects
from bot.adapters.git.reader import Stored
from bot.adapters.git.trees import shas_in


def adopt(objects: Objects, tip: str, into: Path) -> None:
    """Copy a commit and all below it that lies in the quarantine; what it stands on comes first.

    Nothing outside the quarantine can need what is in it, so the way ends where it does.
    """
    found: dict[str, None] = {}
    left = [tip]
    while left:
        sha = left.pop()
        if not loose.path_of(objects.folder, sha).exists():
            continue
        found.pop(sha, None)
        found[sha] = None
        stored = objects.read(sha.encode())
        left += _needed_by(stored) if stored else ()
    for sha in reversed(found):
        loose.copy(sha, objects.folder, into)


def _needed_by(stored: Stored) -> Iterable[str]:
    if stored.kind == "commit":
        commit = parse_commit(stored.sha, stored.data)
        return commit.tree, *commit.parents
    return shas_in(stored.data) if stored.kind == "tree" else ()
