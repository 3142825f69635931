"""The bare mirrors of projects: one folder each, one user at a time, no secret inside."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import shutil
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from bot.adapters.git.adopt import adopt
from bot.adapters.git.clone import Clone
from bot.adapters.git.drafts import squash, unresolved
from bot.adapters.git.fetch import fetch
from bot.adapters.git.gaps import has_gaps
from bot.adapters.git.gated import findings
from bot.adapters.git.history import source_commits
from bot.adapters.git.landed import landed
from bot.adapters.git.landings import landing
from bot.adapters.git.lock import locked
from bot.adapters.git.objects import FULL_SHA, Objects
from bot.adapters.git.push import HEADS, Pusher
from bot.adapters.git.pushed import pushed
from bot.adapters.git.releases import releases, steps, tags
from bot.adapters.git.remote import Remote
from bot.adapters.git.reverts import reverts_since
from bot.adapters.git.run import OLDEST, Call, Git, GitFailedError, git_version
from bot.adapters.git.stale_locks import remove_stale_locks
from bot.adapters.git.upkeep import maintain
from bot.adapters.git.writing import signature, write
from bot.adapters.scratch import scratch
from bot.core.errors import Transient, UserError
from bot.core.finding import Finding
from bot.core.hand_push import PushedCommit
from bot.core.landing import Landing
from bot.core.model import CommitSummary, Conflict, Push, Repository
from bot.core.reverts import Revert
from bot.core.shipping import Release, StepDone

OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]+")


def _unheard(_event: str, **_fields: object) -> None:
    """Take a note that nobody wants."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where mirrors live and who we are; `bot` is the `Name <email>` that our commits carry.

    `environ` is for the tool that fetches the formatter which a branch keeps to; `note` logs.
    """

    data: Path
    github_url: str
    bot: str
    environ: Mapping[str, str] = field(default_factory=dict)
    note: Callable[..., None] = _unheard


class GitMirror(Clone):
    """The mirror of one project while its lock is held.

    One that is `partial` may lack the contents of files; `reads` is how it reads objects.
    """

    partial: ClassVar[bool] = False
    reads: ClassVar[type[Objects]] = Objects

    def __init__(self, objects: Objects, home: Home, repository: Repository) -> None:
        super().__init__(objects, home.environ)
        self._name = repository.full_name
        self._url = f"{home.github_url}/{repository.full_name}.git"
        self._bot = home.bot
        self._seen: Mapping[str, str] = {}

    async def fetch(self, token: str, refs: Sequence[str]) -> Mapping[str, str]:
        """Fetch once from GitHub; give full ref name → sha of all that match."""
        mirror = dataclasses.replace(self.objects.git, quarantine=None)
        remote = dataclasses.replace(self._remote(token), filtered=self.partial)
        self._seen = await fetch(mirror, remote, refs)
        return self._seen

    async def push(
        self, token: str, heads: Mapping[str, str], replace: Collection[str] = ()
    ) -> Mapping[str, Push]:
        """Create head branches (name → sha) in one push; one that is there is left as it is.

        One named in `replace` is moved if an earlier pick of ours stands there. What stands on
        GitHub then is in the mirror too.
        """
        standing = {
            ref.removeprefix(HEADS): sha for ref, sha in self._seen.items() if ref.startswith(HEADS)
        }
        pusher = Pusher(self.objects, self._remote(token), self._bot)
        pushed = await pusher.push(heads, standing, replace)
        for name, sha in heads.items():
            if pushed[name].sha == sha:
                self._adopt(sha)
        return pushed

    async def source_commits(
        self, merge_sha: str, pull_commits: Sequence[CommitSummary]
    ) -> tuple[str, ...]:
        """Give the commits that a merged pull request became, oldest first."""
        return await source_commits(self.objects, merge_sha, pull_commits)

    async def landed(
        self, branch: str, pull_commits: Sequence[CommitSummary], mentioned: Sequence[str]
    ) -> tuple[tuple[str, ...], ...]:
        """Find a hand-made merge; each element is one candidate, its commits oldest first."""
        return await landed(self.objects, branch, pull_commits, mentioned)

    async def landing(
        self, branch: str, sources: Sequence[str], ours: str | None = None
    ) -> Landing | None:
        """Find how the sources (oldest first) came to a fetched branch, None where they did not."""
        return await landing(self.objects, branch, sources, ours)

    async def releases(self, commit: str) -> tuple[Release, ...]:
        """Give the fetched release tags that hold a commit, the first by version first."""
        return await releases(self.objects, commit)

    async def tags(self, series: str) -> tuple[Release, ...]:
        """Give the fetched release tags of a series (`4.1`), the first by version first."""
        return await tags(self.objects.git, series)

    async def steps(self, branch: str, version: str) -> tuple[StepDone, ...]:
        """Give the steps of a version's release that a fetched branch and the tags show."""
        return await steps(self.objects, branch, version)

    async def on_branch(self, sha: str, branch: str) -> str | None:
        """Give the full name of a commit that a fetched branch holds, None if it holds none."""
        call = Call(accept=(0, 1, 128))
        options = ("--verify", "--quiet", "--end-of-options")
        full = await self.objects.git.line("rev-parse", *options, f"{sha}^{{commit}}", call=call)
        tip = self._seen.get(HEADS + branch)
        if not FULL_SHA.fullmatch(full) or tip is None:
            return None
        held = await self.objects.git("merge-base", "--is-ancestor", full, tip, call=call)
        return None if held.code else full

    async def reverts(self, commit: str, tip: str) -> tuple[Revert, ...]:
        """Give the commits between two that say they take others back, oldest first."""
        return await reverts_since(self.objects.git, commit, tip)

    async def pushed(self, old: str, new: str) -> tuple[PushedCommit, ...]:
        """Give what a push from one commit to another brought, oldest first."""
        return await pushed(self.objects, old, new)

    async def check(self, base: str, head: str) -> tuple[Finding, ...]:
        """Give what the gate finds in the files that differ between two commits."""
        return await findings(self.objects, base, head)

    async def unresolved(self, base: str, head: str) -> tuple[Conflict, ...]:
        """Give the files between two commits in which conflict markers stand."""
        return unresolved(self.objects, base, head)

    async def squash(self, base: str, head: str, like: str) -> str:
        """Make one commit on `base` with the tree of `head`, author and message as `like`."""
        return squash(self.objects, base, head, like)

    async def write(
        self, base: str, files: Mapping[str, bytes | None], message: str, at: datetime
    ) -> str:
        """Make one commit of ours on `base` that changes files (None deletes one); give its sha.

        It is `base` where nothing changes. It goes away with the mirror unless it is pushed.
        """
        return write(self.objects, base, files, message, signature(self._bot, at))

    def _adopt(self, sha: str) -> None:
        if self.objects.git.directory is not None and self.objects.git.quarantine is not None:
            adopt(self.objects, sha, self.objects.git.directory / "objects")

    def _remote(self, token: str) -> Remote:
        return Remote(self._name, self._url, token)


class GitMirrors:
    """All mirrors under `<data>/mirrors`, of one kind."""

    def __init__(self, home: Home, kind: type[GitMirror] = GitMirror) -> None:
        self._kind = kind
        self._home = dataclasses.replace(
            home, data=home.data.absolute(), github_url=home.github_url.rstrip("/")
        )
        self._folder = self._home.data / "mirrors"

    @asynccontextmanager
    async def open(self, repository: Repository) -> AsyncIterator[GitMirror]:
        """Lock the mirror of a repository, making an empty one first where there is none.

        The first fetch then brings everything: creating a mirror costs no request of its own.
        """
        if not (OWNER.fullmatch(repository.owner) and NAME.fullmatch(repository.name)):
            raise UserError(f"{repository.full_name!r} is no name of a repository.")
        folder = self._folder / repository.owner
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place, version = folder / f"{repository.name}.git", await git_version()
        async with _held(place, version, whole=not self._kind.partial) as git:
            with (
                scratch("objects", self._home.data) as quarantine,
                closing(self._kind.reads(dataclasses.replace(git, quarantine=quarantine))) as read,
            ):
                yield self._kind(read, self._home, repository)

    async def maintain(self) -> None:
        """Keep every mirror small and fast, one after the other, while nobody else is in it.

        One that fails does not keep the others from it; its failure is raised in the end.
        """
        failures: list[Exception] = []
        for place in sorted(self._folder.glob("*/*.git")):
            try:
                async with _held(place, OLDEST, whole=False) as git:
                    await maintain(git)
            except (Transient, GitFailedError) as error:
                failures.append(error)
        if failures:
            raise failures[0]


@asynccontextmanager
async def _held(place: Path, version: tuple[int, int], *, whole: bool) -> AsyncIterator[Git]:
    """Lock a mirror, make it if it is not there, and clear away what a killed git left.

    Where a whole one is wanted, one with gaps makes place: to fill the gaps would take as long,
    and leave those of what is not fetched today.
    """
    async with locked(place.with_suffix(".lock")) as lock:
        if whole and has_gaps(place):
            await asyncio.to_thread(_discard, place)
        await _create_once(place)
        remove_stale_locks(place)
        yield Git(place, lock, version=version)


def _discard(place: Path) -> None:
    """Take a mirror out of the way in one move, so that a crash leaves no half of it."""
    old = place.rename(place.with_suffix(".old"))
    shutil.rmtree(old)


async def _create_once(place: Path) -> None:
    """Make it beside and move it in place whole, so that a crash leaves no half of a mirror."""
    if await asyncio.to_thread(place.is_dir):
        return
    new = place.with_suffix(".new")
    for left in (new, place.with_suffix(".old")):
        shutil.rmtree(left, ignore_errors=True)
    await Git(None)("init", "--bare", "--quiet", "--template=", str(new))
    new.rename(place)
