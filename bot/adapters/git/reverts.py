"""The reverts on a branch since a commit, by what the messages of its commits say."""

from __future__ import annotations

from bot.adapters.git.history import log
from bot.adapters.git.run import Git
from bot.core import reverts
from bot.core.reverts import Revert


async def reverts_since(git: Git, commit: str, tip: str) -> tuple[Revert, ...]:
    """Give the commits between the two that say they take others back, oldest first."""
    phrase = f"--grep={reverts.PHRASE}"
    newest_first = await log(git, "--topo-order", "--fixed-strings", phrase, f"{commit}..{tip}")
    found = (reverts.read(entry.sha, entry.message) for entry in reversed(newest_first))
    return tuple(one for one in found if one)
