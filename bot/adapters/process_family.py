"""Watching a process and all its descendants through `/proc`."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_STATE, _PARENT, _THREADS, _STARTED = 0, 1, 17, 19  # in /proc/PID/stat, counted after the name
_KIB = 1024
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PAUSE = 0.01


@dataclass(frozen=True, slots=True)
class Member:
    """A process; pids come again, a pid with its time of start does not."""

    pid: int
    started: int


def family(pid: int) -> frozenset[Member]:
    """Give a process and its descendants, those left out that are only zombies."""
    children: dict[int, list[Member]] = defaultdict(list)
    for member, parent in _processes():
        children[parent].append(member)
        if member.pid == pid:
            children[0].append(member)
    found: set[Member] = set()
    left = [member for member in children[0] if member.pid == pid]
    while left:
        member = left.pop()
        found.add(member)
        left += children[member.pid]
    return frozenset(found)


def memory(members: frozenset[Member]) -> int:
    """Add up the proportional set sizes in bytes; shared pages count once."""
    return sum(_proportional_set_size(member.pid) for member in members)


async def gone(members: frozenset[Member]) -> None:
    """Wait until none of these processes lives any more."""
    while any(alive in members for alive, _ in _processes()):  # noqa: ASYNC110 - the kernel tells nobody of a grandchild's end
        await asyncio.sleep(_PAUSE)


def _processes() -> Iterator[tuple[Member, int]]:
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        # A process whose first thread alone has ended looks like a zombie, and lives.
        if fields[_STATE] not in "ZX" or int(fields[_THREADS]) > 1:
            yield Member(int(entry.name), int(fields[_STARTED])), int(fields[_PARENT])


def _proportional_set_size(pid: int) -> int:
    """Give 0 where it ended meanwhile; a process that hides its figures is counted in full."""
    folder = _PROC / str(pid)
    with suppress(OSError):
        lines = (folder / "smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) * _KIB for line in lines if line.startswith("Pss:"))
    with suppress(OSError):
        return max(map(_resident, folder.joinpath("task").iterdir()), default=0)
    return 0


def _resident(task: Path) -> int:
    with suppress(OSError):  # it ended meanwhile
        return int((task / "statm").read_text().split()[1]) * _PAGE
    return 0
