"""Writing a change of files into a tree, without ever following the links that the tree holds."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from bot.core.split import FileChange

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def apply(changes: Sequence[FileChange], tree: Path) -> None:
    """Bring the files of a tree to the state that the changes say.

    What is deleted goes first: a file may take a folder's place, or a folder a file's. Raises
    ValueError for a path that leads out of the tree, and OSError where the tree is not one that
    the changes fit, or the disk is full.
    """
    for change in sorted(changes, key=lambda change: change.content is not None):
        *folders, name = _parts(change.path)
        if change.content is None:
            _delete(tree, folders, name)
        else:
            with _opened(tree, folders, make=True) as folder:
                _write(folder, name, change.mode, change.content)


def _parts(path: str) -> tuple[str, ...]:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise ValueError(f"no path in a tree: {path!r}")
    return parts


@contextmanager
def _opened(tree: Path, folders: Sequence[str], *, make: bool) -> Iterator[int]:
    """Walk down to a folder, one name at a time; a link on the way is an error."""
    here = os.open(tree, _FOLDER)
    try:
        for name in folders:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, 0o755, dir_fd=here)
            below = os.open(name, _FOLDER, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def _delete(tree: Path, folders: Sequence[str], name: str) -> None:
    """Delete a file, and then the folders above it that are empty: git knows no empty folder."""
    with suppress(FileNotFoundError):
        with _opened(tree, folders, make=False) as folder:
            os.unlink(name, dir_fd=folder)
        for depth in range(len(folders) - 1, -1, -1):
            with _opened(tree, folders[:depth], make=False) as folder:
                if not _removed(folder, folders[depth]):
                    return


def _removed(above: int, name: str) -> bool:
    try:
        os.rmdir(name, dir_fd=above)
    except OSError as error:
        if error.errno == errno.ENOTEMPTY:
            return False
        raise
    return True


def _write(folder: int, name: str, mode: int, content: bytes) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
    if stat.S_ISLNK(mode):
        os.symlink(content, os.fsencode(name), dir_fd=folder)
        return
    with os.fdopen(os.open(name, _NEW, 0o600, dir_fd=folder), "wb") as file:
        file.write(content)
        # The sandbox shows the tree to a user of lower rights.
        os.fchmod(file.fileno(), 0o755 if mode & 0o100 else 0o644)
