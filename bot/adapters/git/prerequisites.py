"""Find the commits of main that a conflicting fix builds on and its target lacks."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Sequence

from bot.adapters.git.blame import Blamed, blame, places
from bot.adapters.git.objects import Objects
from bot.adapters.git.patch_ids import patch_ids
from bot.adapters.git.pick import pick
from bot.adapters.git.presence import is_there
from bot.adapters.git.run import Call, GitFailedError
from bot.adapters.git.trees import changes
from bot.adapters.proc import OutputTooLargeError
from bot.core.errors import Transient
from bot.core.model import Conflict, Outcome, Recipe
from bot.core.prerequisites import Prerequisite

MOST = 5
SEARCH, TRIALS = 5.0, 5.0  # seconds
MOST_PATHS = 100  # changed by a commit that is tried: a larger one is no prerequisite to pick
MOST_COMMITS = 200  # of the target, that are compared by patch
LITERAL = {"GIT_LITERAL_PATHSPECS": "1"}
# What is tried is never kept, so it does not matter how it would be written down.
TRIAL = Recipe("", "", "stablehand", "stablehand@localhost")
# A partial clone may be unable to give an old version of a file: git then fails.
GIVES_UP = (TimeoutError, Transient, OutputTooLargeError, GitFailedError)


async def prerequisites(
    objects: Objects, source: str, onto: str, conflicts: Sequence[Conflict], main: str
) -> tuple[Prerequisite, ...]:
    """Give at most five, those that help first, then those that wrote most contested lines.

    They are commits of main since the target left it, which the target has in no form. Each is
    picked on to the target, and the source after it, to see whether that helps. What cannot be
    found in a few seconds is left out; this never fails.
    """
    try:
        async with asyncio.timeout(SEARCH):
            candidates = await _candidates(objects, source, onto, conflicts, main)
            found = await _absent(objects, candidates, onto)
    except GIVES_UP:
        return ()
    helpful = await _helpful(objects, list(found), source, onto)
    ranked = [
        Prerequisite(blamed.sha, blamed.subject, lines, blamed.sha in helpful)
        for blamed, lines in found.items()
    ]
    return tuple(sorted(ranked, key=lambda one: not one.picks))


async def _candidates(
    objects: Objects, source: str, onto: str, conflicts: Sequence[Conflict], main: str
) -> Counter[Blamed]:
    """Count the contested lines of each commit of main that is not in the target's history."""
    git, commit = objects.git, objects.commit(source)
    forks = await git.line("merge-base", "--all", onto, main, call=Call(accept=(0, 1)))
    if commit is None or not commit.parents or not forks:
        return Counter()
    since = (commit.parents[0], *(f"^{fork}" for fork in forks.split()))
    where = list(places(objects, commit, onto, conflicts))
    lines: Counter[Blamed] = Counter()
    for place in where:
        lines.update(await blame(git, place.path, place.lines.missing, *since))
    target = [onto, *since[1:], "--", *(os.fsdecode(place.path) for place in where)]
    twins = await _picked_unsaid(objects, [blamed.sha for blamed in lines], target)
    return Counter({blamed: count for blamed, count in lines.items() if blamed.sha not in twins})


async def _picked_unsaid(objects: Objects, shas: Sequence[str], target: Sequence[str]) -> set[str]:
    """Give those whose patch the target has, under whatever message."""
    if not shas:
        return set()
    newest = ("rev-list", "--no-merges", f"--max-count={MOST_COMMITS}")
    own = await objects.git.line(*newest, *target, call=Call(env=LITERAL))
    there = {patch for patch, _ in await patch_ids(objects.git, own.split())}
    return {sha for patch, sha in await patch_ids(objects.git, shas) if patch in there}


async def _absent(objects: Objects, candidates: Counter[Blamed], onto: str) -> dict[Blamed, int]:
    """Give the first few, leaving out those of which the target says that it has them."""
    found: dict[Blamed, int] = {}
    for blamed, lines in candidates.most_common():
        if len(found) < MOST and not await is_there(objects, blamed.sha, onto):
            found[blamed] = lines
    return found


async def _helpful(
    objects: Objects, candidates: Sequence[Blamed], source: str, onto: str
) -> set[str]:
    found: set[str] = set()
    try:
        async with asyncio.timeout(TRIALS):
            for sha in (blamed.sha for blamed in candidates):
                if not _is_large(objects, sha):
                    made = await pick(objects, [sha, source], onto, TRIAL)
                    found |= {sha} if made.outcome is Outcome.PICKED else set()
    except GIVES_UP:
        return found
    return found


def _is_large(objects: Objects, sha: str) -> bool:
    commit = objects.commit(sha)
    before = objects.commit(commit.parents[0]) if commit and commit.parents else None
    return (
        commit is None
        or len(changes(objects, before.tree if before else None, commit.tree)) > MOST_PATHS
    )
