"""The objects of a repository: read through one living git, written into a folder by ourselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cachetools import LRUCache

from bot.adapters.git import loose
from bot.adapters.git.commit import Commit, parse_commit
from bot.adapters.git.reader import Reader, Stored
from bot.adapters.git.run import Git, GitFailedError
from bot.adapters.proc import Completed

FULL_SHA = re.compile(r"[0-9a-f]{40}")
COMMITS = 4096  # kept in memory, some 2 kB each
TREES = 4 << 20  # bytes of trees kept in memory


class MissingObjectError(GitFailedError):
    """A repository lacks an object that it should have: a shallow or partial clone, or damage."""

    def __init__(self, sha: str) -> None:
        super().__init__("cat-file", Completed(0, b"", f"object {sha} is missing".encode()))


class Objects:
    """Reads and writes objects; what is written goes to git's quarantine where it has one."""

    def __init__(self, git: Git) -> None:
        self.git = git
        self._reader = Reader(git)
        self._commits: LRUCache[str, Commit] = LRUCache(COMMITS)
        self._trees: LRUCache[str, bytes] = LRUCache(TREES, getsizeof=len)

    def read(self, name: bytes) -> Stored | None:
        """Give an object by name (`<sha>`, `<sha>:<path>`), None if it is not there."""
        (found,) = self._reader.read([name])
        return found

    def size(self, *shas: str) -> int:
        """Give the size in bytes of the largest object, reading none; what is absent has none."""
        found = self._reader.measure([sha.encode() for sha in shas])
        return max((one.size for one in found if one), default=0)

    def absent(self, shas: Iterable[str]) -> list[str]:
        """Give those objects that are not there."""
        wanted = sorted(set(shas))
        found = self._reader.measure([sha.encode() for sha in wanted])
        return [sha for sha, one in zip(wanted, found, strict=True) if one is None]

    def data(self, sha: str) -> bytes:
        """Give the bytes of a blob; MissingObjectError if it is not there."""
        found = self.read(sha.encode())
        if found is None:
            raise MissingObjectError(sha)
        return found.data

    def trees(self, shas: Iterable[str]) -> dict[str, bytes]:
        """Give trees as stored, all in one go; MissingObjectError if one is not there."""
        wanted = set(shas)
        found = {sha: self._trees[sha] for sha in wanted if sha in self._trees}
        unknown = sorted(wanted - found.keys())
        read = self._reader.read([sha.encode() for sha in unknown])
        for sha, stored in zip(unknown, read, strict=True):
            if stored is None:
                raise MissingObjectError(sha)
            found[sha] = stored.data
            if len(stored.data) < TREES:
                self._trees[sha] = stored.data
        return found

    def commit(self, sha: str) -> Commit | None:
        """Give a commit by its full name, None for what is not there or no commit."""
        (found,) = self.commits([sha])
        return found

    def commits(self, shas: Sequence[str]) -> list[Commit | None]:
        """Give several commits in one go."""
        unknown = [sha for sha in shas if FULL_SHA.fullmatch(sha) and sha not in self._commits]
        read = self._reader.read([sha.encode() for sha in unknown])
        stored = [one for one in read if one is not None and one.kind == "commit"]
        new = {one.sha: parse_commit(one.sha, one.data) for one in stored}
        found = [new.get(sha) or self._commits.get(sha) for sha in shas]
        self._commits.update(new)
        return found

    def write(self, kind: str, data: bytes) -> str:
        """Write an object (`commit`, `tree`, `blob`) and give its name."""
        return loose.write(self.folder, kind, data)

    def write_commit(self, raw: bytes) -> Commit:
        """Write a commit object."""
        return parse_commit(self.write("commit", raw), raw)

    @property
    def folder(self) -> Path:
        """Give the folder that new objects go to."""
        if self.git.quarantine is not None:
            return self.git.quarantine
        if self.git.directory is None:
            raise RuntimeError("objects need a repository")
        return self.git.directory / "objects"

    def close(self) -> None:
        """End the git that answers."""
        self._reader.close()


@contextmanager
def objects_of(git: Git) -> Iterator[Objects]:
    """Open the objects of a repository."""
    objects = Objects(git)
    try:
        yield objects
    finally:
        objects.close()
