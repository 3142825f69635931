"""The objects of a partial mirror: an empty file stands in for one that is not here, and is noted.

So one run of whatever asks finds many that it needs, and not the first alone. What comes of a run
with stand-ins is thrown away by who started it.
"""

from __future__ import annotations

import os
from dataclasses import replace

from bot.adapters.git.objects import FULL_SHA, Objects
from bot.adapters.git.reader import Stored
from bot.adapters.git.run import Failure, Git
from bot.adapters.git.trees import FOLDER, SUBMODULE, find


class PromisedObjects(Objects):
    """Objects of which files may be absent; commits and trees are all there."""

    def __init__(self, git: Git) -> None:
        self.failures: list[Failure] = []
        self.stood_in: set[str] = set()
        super().__init__(replace(git, failures=self.failures))

    def forget(self) -> None:
        """Begin to note anew."""
        self.failures.clear()
        self.stood_in.clear()

    def read(self, name: bytes) -> Stored | None:
        """Give an object by name, an empty file for one that is absent, None for no such name."""
        found = super().read(name)
        sha = None if found else self._file(name)
        if sha is None:
            return found
        self.stood_in.add(sha)
        return Stored(sha, "blob", 0, b"")

    def size(self, *shas: str) -> int:
        """Give the size in bytes of the largest file, taking those for empty that are absent."""
        self.stood_in.update(self.absent(shas))
        return super().size(*shas)

    def _file(self, name: bytes) -> str | None:
        """Say which file a name means."""
        revision, _, path = os.fsdecode(name).partition(":")
        if not path:
            return revision if FULL_SHA.fullmatch(revision) else None
        commit = self.commit(revision)
        entry = find(self, commit.tree, os.fsencode(path)) if commit else None
        return entry.sha if entry and entry.mode not in {FOLDER, SUBMODULE} else None
