"""Find the commits that make a given change, wherever they stand."""

from __future__ import annotations

import os
from dataclasses import dataclass

from bot.adapters.git.objects import MissingObjectError, Objects
from bot.adapters.git.patch_ids import MAX_PATCHES, identify, patch_ids
from bot.adapters.git.run import Call
from bot.adapters.git.trees import changes

LITERAL = {"GIT_LITERAL_PATHSPECS": "1"}
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # of which git knows, stored or not


@dataclass(frozen=True, slots=True)
class Change:
    """What turns one commit into another; None is the commit before the first."""

    old: str | None
    new: str | None

    def reversed(self) -> Change:
        """Give the change that takes this one back."""
        return Change(self.new, self.old)


def change_of(objects: Objects, sha: str) -> Change:
    """Give what a commit changes of its first parent."""
    commit = objects.commit(sha)
    if commit is None:
        raise MissingObjectError(sha)
    return Change(commit.parents[0] if commit.parents else None, sha)


async def making(objects: Objects, span: tuple[str, ...], change: Change) -> set[str]:
    """Give the commits of a span, merges left out, that make this very change.

    Only those that touch just the same paths are compared: it saves reading the others' contents.
    """
    paths = _paths(objects, change)
    if not paths:
        return set()
    longest = max(paths, key=len)  # the rarest, more often than not
    listed = await objects.git.line(
        "rev-list", "--no-merges", *span, "--", os.fsdecode(longest), call=Call(env=LITERAL)
    )
    near = [sha for sha in listed.splitlines() if _paths(objects, change_of(objects, sha)) == paths]
    if not near:
        return set()
    wanted = await _patch_id(objects, change)
    return {sha for patch, sha in await patch_ids(objects.git, near) if patch == wanted}


async def _patch_id(objects: Objects, change: Change) -> str:
    sides = (change.old or EMPTY_TREE, change.new or EMPTY_TREE)
    call = Call(limit=MAX_PATCHES)
    patch = await objects.git("diff-tree", "--patch", "-r", *sides, call=call)
    return next((found for found, _ in await identify(objects.git, patch.out)), "")


def _paths(objects: Objects, change: Change) -> frozenset[bytes]:
    old, new = _tree(objects, change.old), _tree(objects, change.new)
    if new is None:
        old, new = new, old
    return frozenset(changes(objects, old, new)) if new else frozenset()


def _tree(objects: Objects, sha: str | None) -> str | None:
    commit = objects.commit(sha) if sha else None
    return commit.tree if commit else None
