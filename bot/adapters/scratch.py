"""Folders that live no longer than their use, in memory where there is room for them.

Each is locked as long as its process lives. What a dead process left behind is known by its lock
being free, which stays right where several containers share a folder and pids mean nothing.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_MARK = "stablehand-"
_SHOWN = "shown"
_ROOM = 512 * 2**20
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@contextmanager
def scratch(prefix: str, data_folder: Path) -> Iterator[Path]:
    """Give an empty folder that is removed at the end, however it ends.

    It is on a memory disk with at least 512 MiB free, else under the data folder. Nobody else can
    reach it by its path; its own mode lets the sandbox show it to a user of lower rights.
    """
    place = next((disk for disk in _memory_disks() if _has_room(disk)), _on_disk(data_folder))
    place.mkdir(parents=True, exist_ok=True)
    folder, lock = _made(prefix, place)
    try:
        inner = folder / _SHOWN
        inner.mkdir()
        inner.chmod(0o755)
        yield inner
    finally:
        shutil.rmtree(folder)
        os.close(lock)


def _made(prefix: str, place: Path) -> tuple[Path, int]:
    """Make a folder and lock it; another process may sweep it away before the lock is held."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{_MARK}{prefix}-{os.getpid()}-", dir=place))
        try:
            lock = os.open(folder, _OPEN)
        except FileNotFoundError:
            continue
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return folder, lock
        os.close(lock)


def sweep_scratch(data_folder: Path) -> int:
    """Remove what dead processes left behind; give the number of folders removed.

    What was started on such a folder and did not die with its parent is killed.
    """
    places = [*_memory_disks(), _on_disk(data_folder)]
    return sum(_removed(folder) for place in places for folder in place.glob(f"{_MARK}*"))


def _removed(folder: Path) -> bool:
    try:
        if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
            return False
        lock = os.open(folder, _OPEN)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _end_users_of(folder)
            shutil.rmtree(folder)
        finally:
            os.close(lock)
    except (BlockingIOError, FileNotFoundError, NotADirectoryError):
        return False  # in use, or its owner has just removed it
    return True


def _end_users_of(folder: Path) -> None:
    """Kill the processes that were told the folder's name, or one in it: nobody can guess it.

    A bubblewrap that is killed while it sets up a sandbox leaves its first child waiting for ever.
    """
    shown = os.fsencode(folder / _SHOWN)
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile, or is none of ours
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if any(word == shown or word.startswith(shown + b"/") for word in words):
                os.kill(int(entry.name), signal.SIGKILL)


def _memory_disks() -> tuple[Path, ...]:
    return Path("/dev/shm"), Path(f"/run/user/{os.geteuid()}")  # noqa: S108 - names are random


def _has_room(disk: Path) -> bool:
    return os.access(disk, os.W_OK) and shutil.disk_usage(disk).free >= _ROOM


def _on_disk(data_folder: Path) -> Path:
    return data_folder.absolute() / "scratch"
