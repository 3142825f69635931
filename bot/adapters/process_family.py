"""Watching a process and all its descendants through `/proc`."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PARENT, _STARTED = 1, 19  # places in /proc/PID/stat, counted after the name
_STATE = 0
_KIB = 1024
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
        if fields[_STATE] not in "ZX":
            yield Member(int(entry.name), int(fields[_STARTED])), int(fields[_PARENT])


def _proportional_set_size(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:  # it ended meanwhile
        return 0
    return sum(int(line.split()[1]) * _KIB for line in lines if line.startswith("Pss:"))
