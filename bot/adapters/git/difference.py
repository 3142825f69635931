"""The files in which two commits differ, whole, as they are written to a tree on disk."""

from __future__ import annotations

import os
import stat

from bot.adapters.git.objects import MissingObjectError, Objects
from bot.adapters.git.trees import Entry, changes
from bot.core.split import FileChange

_SUBMODULE = b"160000"


def difference(objects: Objects, old: str, new: str) -> tuple[FileChange, ...]:
    """Give what turns the tree of one commit into that of another, sorted by path.

    A rename is a deletion and a new file. Submodules have no files of ours and are left out; one
    that takes a file's place deletes it. Paths that are no UTF-8 are as `os.fsdecode` gives them.
    """
    differing = changes(objects, _tree(objects, old), _tree(objects, new))
    found = (
        _change(objects, os.fsdecode(path), _file(before), _file(after))
        for path, (before, after) in differing.items()
    )
    return tuple(change for change in found if change)


def _change(
    objects: Objects, path: str, before: Entry | None, after: Entry | None
) -> FileChange | None:
    if after is not None:
        return FileChange(path, _mode(after), objects.data(after.sha))
    return FileChange(path, _mode(before), None) if before else None


def _mode(entry: Entry) -> int:
    """Read a mode; old gits wrote more than two for plain files."""
    mode = int(entry.mode, 8)
    if stat.S_ISLNK(mode):
        return 0o120000
    return 0o100755 if mode & stat.S_IXUSR else 0o100644


def _file(entry: Entry | None) -> Entry | None:
    """Take a submodule for nothing."""
    return None if entry is None or entry.mode == _SUBMODULE else entry


def _tree(objects: Objects, commit: str) -> str:
    found = objects.commit(commit)
    if found is None:
        raise MissingObjectError(commit)
    return found.tree
