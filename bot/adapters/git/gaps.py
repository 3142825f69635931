"""Which contents a partial mirror does not have."""

from __future__ import annotations

from pathlib import Path

from bot.adapters.git.run import Call, Git

LISTING = 300.0  # seconds: it reads every tree on the way


def has_gaps(mirror: Path) -> bool:
    """Tell whether a mirror ever fetched without contents, whatever it has got since."""
    return any((mirror / "objects" / "pack").glob("*.promisor"))


async def gaps(git: Git, *revisions: str) -> list[str]:
    """Give what is not here of all that some revisions lead to, in whatever order."""
    options = ("--objects", "--missing=print", "--no-object-names")
    listed = await git.line("rev-list", *options, *revisions, call=Call(timeout=LISTING))
    return [line.removeprefix("?") for line in listed.splitlines() if line.startswith("?")]
