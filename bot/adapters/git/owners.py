"""Find the people who know the lines over which a pick stumbles."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence

from bot.adapters.git.blame import blame, places
from bot.adapters.git.objects import Objects
from bot.adapters.git.run import GitFailedError
from bot.adapters.proc import OutputTooLargeError
from bot.core.errors import Transient
from bot.core.model import Conflict

MOST = 3
BUDGET = 5.0  # seconds
IGNORED = b".git-blame-ignore-revs"
LISTED = re.compile(rb"^[0-9a-f]{40}", re.MULTILINE)
BOT = re.compile(r"\[bot\]$|\bbot$", re.IGNORECASE)


async def owners(
    objects: Objects, source: str, onto: str, conflicts: Sequence[Conflict]
) -> tuple[str, ...]:
    """Give at most three names, of those who wrote most of the contested lines on main.

    Commits that the project asks blame to ignore do not count, nor do bots. Where nobody can be
    found in a few seconds there is nobody; this never fails.
    """
    try:
        async with asyncio.timeout(BUDGET):
            names = await _authors(objects, source, onto, conflicts)
    except (TimeoutError, Transient, OutputTooLargeError, GitFailedError):
        return ()
    people = Counter(name for name in names if not BOT.search(name))
    return tuple(name for name, _ in people.most_common(MOST))


async def _authors(
    objects: Objects, source: str, onto: str, conflicts: Sequence[Conflict]
) -> list[str]:
    commit = objects.commit(source)
    if commit is None or not commit.parents:
        return []
    parent = commit.parents[0]
    options = [f"--ignore-rev={sha}" for sha in _ignored(objects, parent)]
    return [
        blamed.author
        for place in places(objects, commit, onto, conflicts)
        for blamed in await blame(objects.git, place.path, place.lines.near, *options, parent)
    ]


def _ignored(objects: Objects, commit: str) -> list[str]:
    """Give the commits that only moved or reformatted lines, as far as they are here."""
    listed = objects.read(commit.encode() + b":" + IGNORED)
    names = LISTED.findall(listed.data) if listed and listed.kind == "blob" else []
    return [sha for name in names if objects.commit(sha := name.decode())]
