"""Files of a tree on disk, read without ever leaving it, whatever links stand there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from bot.core.split import LINK, FileChange
from bot.core.test_labels import Tree

_FILE, _PROGRAM = 0o100644, 0o100755


def files_of(tree: Path) -> Tree:
    """Show a tree by the paths in it."""
    return Tree(lambda path: _inside(tree, path) is not None, lambda path: _read(tree, path))


def standing(tree: Path, changes: Iterable[FileChange]) -> tuple[FileChange, ...]:
    """Give the changes that take others back, from the files as they are now."""
    return tuple(_as_it_is(tree, change.path) for change in changes)


def _as_it_is(tree: Path, path: str) -> FileChange:
    folder = _inside(tree, path.rpartition("/")[0] or ".")
    place = tree / path
    if folder is None or not (place.is_symlink() or place.is_file()):
        return FileChange(path, _FILE, None)
    mode = place.lstat().st_mode
    if stat.S_ISLNK(mode):
        return FileChange(path, LINK, os.fsencode(place.readlink()))
    return FileChange(path, _PROGRAM if mode & 0o100 else _FILE, place.read_bytes())


def _inside(tree: Path, path: str) -> Path | None:
    """Give where a path really is; None where that is nowhere, or outside of the tree."""
    try:
        place = (tree / path).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL
        return None
    return place if place.is_relative_to(tree.resolve()) else None


def _read(tree: Path, path: str) -> bytes | None:
    place = _inside(tree, path)
    return place.read_bytes() if place and place.is_file() else None
