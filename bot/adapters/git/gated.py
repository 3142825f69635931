"""The gate over a whole pick: every Python file that it changes, merged by git or by a rule."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace

from bot.adapters import gate
from bot.adapters.git.objects import Objects
from bot.adapters.git.sizes import LARGEST
from bot.adapters.git.trees import Entry, changes, find
from bot.core.finding import ChangedFile, Finding
from bot.core.model import Outcome, Pick

_MOST_FILES = 200  # a change of more is no fix, and reading it would take minutes


async def gated(objects: Objects, onto: str, pick: Pick) -> Pick:
    """Add what the gate finds to a pick."""
    if pick.outcome is not Outcome.PICKED or pick.commit is None:
        return pick
    return replace(pick, findings=await findings(objects, onto, pick.commit))


async def findings(objects: Objects, old: str, new: str) -> tuple[Finding, ...]:
    """Give what the gate finds in the files that differ between two commits."""
    before, after = objects.commit(old), objects.commit(new)
    if before is None or after is None:
        return ()
    tree, files = after.tree, list(_changed(objects, before.tree, after.tree))
    if not files or len(files) > _MOST_FILES:
        return ()

    def lookup(path: str) -> bytes | None:
        return _content(objects, find(objects, tree, os.fsencode(path)))

    return await asyncio.to_thread(gate.check, files, lookup)


def _changed(objects: Objects, old: str, new: str) -> Iterator[ChangedFile]:
    for path, (before, after) in changes(objects, old, new).items():
        text = _content(objects, after) if path.endswith(b".py") else None
        if text is not None:
            yield ChangedFile(os.fsdecode(path), _content(objects, before), text)


def _content(objects: Objects, entry: Entry | None) -> bytes | None:
    if entry is None or not entry.is_file or objects.size(entry.sha) > LARGEST:
        return None
    return objects.data(entry.sha)
