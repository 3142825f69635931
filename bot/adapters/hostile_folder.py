"""A folder that hostile code writes to: how much is in it, and emptying it whatever is in it."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

_DEEPEST = 64
_LEAST = 4096  # what an empty file takes in bytes, if not there then in the tables of the disk
_BLOCK = 512


def holds_more(folder: Path, limit: int) -> bool:
    """Tell whether more than `limit` bytes are in a folder, or more than can be looked at."""
    size = 0
    left = [(folder, 0)]
    while left:
        inner, depth = left.pop()
        try:
            with os.scandir(inner) as entries:
                for entry in entries:
                    size += max(_LEAST, _size(entry))
                    if size > limit or depth > _DEEPEST:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        left.append((Path(entry), depth + 1))
        except FileNotFoundError:  # it went meanwhile
            continue
        except OSError:  # closed to us, or too deep to be named
            return True
    return False


def empty(folder: Path) -> None:
    """Remove all that is in a folder which nobody uses any more.

    What is deeper is brought up first: no depth, and no folder closed to ourselves, is a hindrance.
    """
    numbers = itertools.count()
    while names := os.listdir(folder):  # noqa: PTH208 - names are all that is needed
        for name in names:
            path = folder / name
            if path.is_symlink() or not path.is_dir():
                path.unlink()
                continue
            path.chmod(0o700)
            for inner in os.listdir(path):  # noqa: PTH208 - the same
                _unused(folder, numbers, path / inner)
            path.rmdir()


def _unused(folder: Path, numbers: itertools.count[int], path: Path) -> None:
    """Move a folder up to a name that is free, and remove anything else."""
    if path.is_symlink() or not path.is_dir():
        path.unlink()
        return
    path.chmod(0o700)  # its entry `..` changes
    free = next(name for n in numbers if not os.path.lexists(name := folder / f"{n}"))
    path.rename(free)


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_blocks * _BLOCK
    except FileNotFoundError:  # it went meanwhile
        return 0
