"""Tell whether a branch has a commit already, itself or as somebody's backport."""

from __future__ import annotations

import asyncio
import heapq
import re
from collections.abc import Iterator

from bot.adapters.git.commit import Commit
from bot.adapters.git.objects import Objects

MENTION = re.compile(rb"(?:backport of|cherry picked from commit) ([0-9a-f]{7,40})", re.IGNORECASE)
REVERT = re.compile(rb"reverts commit ([0-9a-f]{7,40})", re.IGNORECASE)
SKEW = 86400  # seconds by which clocks may differ
PATIENCE = 3  # commits in a row older than the source, before all the rest is taken to be so
BREATH = 256  # commits between two chances for other tasks


async def is_there(objects: Objects, sha: str, onto: str) -> bool:
    """Tell whether `onto` holds a commit, or one that names it as its origin and still stands.

    Nothing older than the source can be it or name it, so no more of the history is read.
    """
    source = objects.commit(sha)
    if source is None:
        return False
    reverted: set[bytes] = set()
    for number, commit in enumerate(_since(objects, source.date - SKEW, onto), 1):
        if number % BREATH == 0:
            await asyncio.sleep(0)
        if commit.sha == sha:
            return True
        if any(commit.sha.encode().startswith(name) for name in reverted):
            continue
        reverted |= set(REVERT.findall(commit.message))
        if any(sha.encode().startswith(name) for name in MENTION.findall(commit.message)):
            return True
    return False


def _since(objects: Objects, date: int, tip: str) -> Iterator[Commit]:
    """Walk a history, newest first, until its commits are older than a date."""
    queue: list[tuple[int, int, Commit]] = []
    seen: set[str] = set()
    old = 0

    def add(sha: str) -> None:
        commit = None if sha in seen else objects.commit(sha)
        if commit is not None:
            seen.add(sha)
            heapq.heappush(queue, (-commit.date, len(seen), commit))

    add(tip)
    while queue and old < PATIENCE:
        *_, commit = heapq.heappop(queue)
        old = old + 1 if commit.date < date else 0
        yield commit
        for parent in commit.parents:
            add(parent)
