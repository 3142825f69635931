"""Changes that a program made to many files: no person should have to settle their conflicts."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from bot.adapters.git.merge import Merged
from bot.adapters.git.objects import Objects
from bot.adapters.git.sizes import LARGEST, largest
from bot.core.code_meaning import same_code

MOST_CONFLICTS = 100  # files; what conflicts in more was changed by a program, not by hand
TELLING = 20  # Python files whose code stays the same: no person writes such a commit
BY_A_PROGRAM = "Such a change is better made anew on the target, by the program that made it."
REFORMATS = (
    "It only reformats, as {} of them tell: reformat the branch by its own formatter instead."
)


async def advice(objects: Objects, merged: Merged, left: Collection[bytes]) -> str:
    """Say what to do in place of settling so many files one by one; empty where they are few.

    Reads no more than the first 40 texts, and stops at the first that is more than reformatted.
    """
    python = [path for path in left if path.endswith(b".py")][:TELLING]
    if len(python) == TELLING and await _only_formats(objects, merged, python):
        return REFORMATS.format(TELLING)
    return BY_A_PROGRAM if len(left) > MOST_CONFLICTS else ""


async def _only_formats(objects: Objects, merged: Merged, paths: Collection[bytes]) -> bool:
    for path in paths:
        stages = merged.output.stages.get(path, {})
        base, theirs = stages.get(1), stages.get(3)
        if base is None or theirs is None or largest(objects, (base, theirs)) > LARGEST:
            return False
        texts = objects.data(base.sha), objects.data(theirs.sha)
        if not await asyncio.to_thread(same_code, *texts):
            return False
    return True
