"""The bare mirrors of projects: one folder each, one user at a time, no secret inside."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.adapters.git.clone import Clone
from bot.adapters.git.fetch import fetch
from bot.adapters.git.history import source_commits
from bot.adapters.git.landed import landed
from bot.adapters.git.lock import locked
from bot.adapters.git.push import HEADS, Pusher
from bot.adapters.git.remote import Remote
from bot.adapters.git.run import Git
from bot.core.errors import UserError
from bot.core.model import CommitSummary, Push, Repository

OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]+")


class GitMirror(Clone):
    """The mirror of one project while its lock is held."""

    def __init__(self, git: Git, name: str, url: str, bot: str) -> None:
        super().__init__(git)
        self._name = name
        self._url = url
        self._bot = bot
        self._seen: Mapping[str, str] = {}

    async def fetch(self, token: str, refs: Sequence[str]) -> Mapping[str, str]:
        """Fetch once from GitHub; give full ref name → sha of all that match."""
        self._seen = await fetch(self.git, self._remote(token), refs)
        return self._seen

    async def push(self, token: str, heads: Mapping[str, str]) -> Mapping[str, Push]:
        """Create head branches (name → sha) in one push; one that is there is left as it is."""
        standing = {
            ref.removeprefix(HEADS): sha for ref, sha in self._seen.items() if ref.startswith(HEADS)
        }
        return await Pusher(self.git, self._remote(token), self._bot).push(heads, standing)

    async def source_commits(
        self, merge_sha: str, pull_commits: Sequence[CommitSummary]
    ) -> tuple[str, ...]:
        """Give the commits that a merged pull request became, oldest first."""
        return await source_commits(self.git, merge_sha, pull_commits)

    async def landed(
        self, branch: str, pull_commits: Sequence[CommitSummary], mentioned: Sequence[str]
    ) -> tuple[tuple[str, ...], ...]:
        """Find a hand-made merge; each element is one candidate, its commits oldest first."""
        return await landed(self.git, branch, pull_commits, mentioned)

    def _remote(self, token: str) -> Remote:
        return Remote(self._name, self._url, token)


class GitMirrors:
    """All mirrors under `<data>/mirrors`; `bot` is the `Name <email>` that our commits carry."""

    def __init__(self, data: Path, github_url: str, bot: str) -> None:
        self._folder = data.absolute() / "mirrors"
        self._github_url = github_url.rstrip("/")
        self._bot = bot

    @asynccontextmanager
    async def open(self, repository: Repository) -> AsyncIterator[GitMirror]:
        """Lock the mirror of a repository, making an empty one first where there is none.

        The first fetch then brings everything: creating a mirror costs no request of its own.
        """
        if not (OWNER.fullmatch(repository.owner) and NAME.fullmatch(repository.name)):
            raise UserError(f"{repository.full_name!r} is no name of a repository.")
        folder = self._folder / repository.owner
        place = folder / f"{repository.name}.git"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        async with locked(folder / f"{repository.name}.lock") as lock:
            if not place.is_dir():
                await _create(place)
            url = f"{self._github_url}/{repository.full_name}.git"
            yield GitMirror(Git(place, lock), repository.full_name, url, self._bot)


async def _create(place: Path) -> None:
    """Make it beside and move it in place whole, so that a crash leaves no half of a mirror."""
    new = place.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    await Git(None)("init", "--bare", "--quiet", "--template=", str(new))
    new.rename(place)
