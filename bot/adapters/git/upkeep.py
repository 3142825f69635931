"""Keep a mirror small and fast: fetches and pushes leave packs and single objects behind."""

from __future__ import annotations

from bot.adapters.git.gaps import has_gaps
from bot.adapters.git.run import Call, Git

TIMEOUT = 3600.0  # seconds
# Git looks for itself whether there is enough to do. What nothing refers to goes after two weeks.
SETTINGS = (
    *("-c", "gc.auto=500"),
    *("-c", "gc.autoPackLimit=20"),
    *("-c", "gc.autoDetach=false"),
    *("-c", "gc.writeCommitGraph=true"),
)
# So told, git keeps to itself what came with gaps, and takes the gaps for none.
PARTIAL = ("-c", "remote.github.promisor=true")


async def maintain(git: Git) -> None:
    """Pack what lies about, where there is enough of it."""
    settings = (*SETTINGS, *PARTIAL) if git.directory and has_gaps(git.directory) else SETTINGS
    await git(*settings, "gc", "--auto", "--quiet", call=Call(timeout=TIMEOUT))
