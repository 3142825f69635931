"""What can be asked of any git repository once it is at hand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bot.adapters.git.export import export
from bot.adapters.git.objects import read_commits, read_objects
from bot.adapters.git.pick import pick
from bot.adapters.git.run import Git
from bot.core.model import Pick, Recipe


class Clone:
    """A repository that is read, and in which picked commits may be written."""

    def __init__(self, git: Git) -> None:
        self.git = git

    async def pick(self, commits: Sequence[str], onto: str, recipe: Recipe) -> Pick:
        """Bring commits (oldest first) on to a commit, without any work tree."""
        return await pick(self.git, commits, onto, recipe)

    async def read(self, commit: str, path: str) -> bytes | None:
        """Give a file's bytes at a commit, None if it is not there."""
        name = commit.encode() + b":" + os.fsencode(path)
        (found,) = await read_objects(self.git, [name])
        return found.data if found is not None and found.kind == "blob" else None

    async def subject(self, commit: str) -> str:
        """Give the first line of a commit's message, in whatever encoding it was written."""
        return await self.git.line("log", "-1", "--format=%s", commit)

    async def has(self, commit: str) -> bool:
        """Tell whether the repository holds a commit (full object name)."""
        return (await read_commits(self.git, [commit])) != (None,)

    async def export(self, commit: str, into: Path) -> None:
        """Write the whole tree of a commit into an empty folder."""
        await export(self.git, commit, into)
