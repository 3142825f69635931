"""The commits that a push brought to a branch, as GitHub's webhook would have told of them."""

from __future__ import annotations

from bot.adapters.git.history import log
from bot.adapters.git.objects import Objects
from bot.adapters.git.trees import changes
from bot.core.hand_push import MOST, PushedCommit


async def pushed(objects: Objects, old: str, new: str) -> tuple[PushedCommit, ...]:
    """Give the commits that `new` has and `old` has not, oldest first; the newest `MOST` of them.

    None where either is not here.
    """
    if None in objects.commits((old, new)):
        return ()
    newest_first = await log(objects.git, "--topo-order", f"--max-count={MOST}", new, f"^{old}")
    return tuple(
        PushedCommit(entry.sha, entry.message.rstrip("\n"), _paths(objects, entry.sha))
        for entry in reversed(newest_first)
    )


def _paths(objects: Objects, sha: str) -> tuple[str, ...]:
    """Give the files that a commit touches; one that has not just one parent has none to tell."""
    parents = [parent for commit in objects.commits((sha,)) if commit for parent in commit.parents]
    if len(parents) != 1:
        return ()
    before, after = objects.commits((*parents, sha))
    if before is None or after is None:
        return ()
    found = changes(objects, before.tree, after.tree)
    return tuple(path.decode(errors="replace") for path in found)
