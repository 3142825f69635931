"""A mirror that fetches the history alone, and the contents of files as they are needed.

Nothing reaches out behind anybody's back. What an operation needs is listed first where it can be
known; an operation that still lacked something is run again when all that it lacked is there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeVar

from bot.adapters.git.fetch import bring
from bot.adapters.git.gaps import gaps
from bot.adapters.git.mirror import GitMirror, Home
from bot.adapters.git.needs import picking, unmet
from bot.adapters.git.objects import Objects
from bot.adapters.git.promised import PromisedObjects
from bot.core.advice import Advice
from bot.core.equality import Equality
from bot.core.errors import UserError
from bot.core.finding import Finding
from bot.core.landing import Landing
from bot.core.model import CommitSummary, Conflict, Pick, Push, Recipe, Repository, Rules
from bot.core.shipping import StepDone
from bot.core.split import FileChange
from bot.mirror_ports import NO_RULES

ROUNDS = 12  # of fetching what one operation lacks, and running it again

T = TypeVar("T")


class PartialMirror(GitMirror):
    """The partial mirror of one project while its lock is held."""

    partial: ClassVar[bool] = True
    reads: ClassVar[type[Objects]] = PromisedObjects
    objects: PromisedObjects

    def __init__(self, objects: Objects, home: Home, repository: Repository) -> None:
        super().__init__(objects, home, repository)
        self._note = partial(home.note, repository=repository.full_name)
        self._token: str | None = None

    async def fetch(self, token: str, refs: Sequence[str]) -> Mapping[str, str]:
        """Fetch once from GitHub, without contents; give full ref name → sha of all that match.

        Whatever is fetched later, until the mirror is closed, is fetched with the same token.
        """
        mirror = self.objects.git
        first = not await mirror.line("for-each-ref", "--count=1")
        self._token = token
        seen = await super().fetch(token, refs)
        if first and seen and not await gaps(mirror, f"{next(iter(seen.values()))}^{{tree}}"):
            self._note("filter ignored", meaning="the server sent the contents of all files too")
        return seen

    async def has(self, commit: str) -> bool:
        """Tell whether a commit is here, and what it leads to within reach of a token."""
        return self._token is not None and await super().has(commit)

    async def push(
        self, token: str, heads: Mapping[str, str], replace: Collection[str] = ()
    ) -> Mapping[str, Push]:
        """Push as a whole mirror does: git wants to hold all in its hands that it may send."""
        await self._bring(await gaps(self.objects.git, *heads.values(), "--not", "--all"))
        return await super().push(token, heads, replace)

    async def pick(
        self, commits: Sequence[str], onto: str, recipe: Recipe, rules: Rules = NO_RULES
    ) -> Pick:
        """Pick as a whole mirror does; what the merges read comes in one fetch before."""
        await self._bring(picking(self.objects, commits, onto))
        return await self._complete(partial(super().pick, commits, onto, recipe, rules))

    async def export(self, commit: str, into: Path) -> None:
        """Write the whole tree of a commit; what is not here of it comes in one fetch before."""
        await self._bring(await gaps(self.objects.git, f"{commit}^{{tree}}"))
        await super().export(commit, into)

    async def advise(
        self, source: str, onto: str, conflicts: Sequence[Conflict], main: str
    ) -> Advice:
        """Advise as a whole mirror does; advice that would take too many rounds is none."""
        try:
            return await self._complete(partial(super().advise, source, onto, conflicts, main))
        except UserError:
            return Advice((), ())

    async def compare(self, sources: Sequence[str], base: str, head: str) -> Equality:
        """Compare as a whole mirror does."""
        return await self._complete(partial(super().compare, sources, base, head))

    async def difference(self, old: str, new: str) -> tuple[FileChange, ...]:
        """Give the files that differ as a whole mirror does."""
        return await self._complete(partial(super().difference, old, new))

    async def diff(self, old: str, new: str, paths: Sequence[str]) -> str:
        """Give a patch as a whole mirror does."""
        return await self._complete(partial(super().diff, old, new, paths))

    async def read(self, commit: str, path: str) -> bytes | None:
        """Read a file as a whole mirror does."""
        return await self._complete(partial(super().read, commit, path))

    async def landed(
        self, branch: str, pull_commits: Sequence[CommitSummary], mentioned: Sequence[str]
    ) -> tuple[tuple[str, ...], ...]:
        """Find a hand-made merge as a whole mirror does."""
        return await self._complete(partial(super().landed, branch, pull_commits, mentioned))

    async def landing(
        self, branch: str, sources: Sequence[str], ours: str | None = None
    ) -> Landing | None:
        """Find how the sources came to a branch as a whole mirror does."""
        return await self._complete(partial(super().landing, branch, sources, ours))

    async def steps(self, branch: str, version: str) -> tuple[StepDone, ...]:
        """Find the steps of a release as a whole mirror does."""
        return await self._complete(partial(super().steps, branch, version))

    async def check(self, base: str, head: str) -> tuple[Finding, ...]:
        """Check as a whole mirror does."""
        return await self._complete(partial(super().check, base, head))

    async def unresolved(self, base: str, head: str) -> tuple[Conflict, ...]:
        """Find conflict markers as a whole mirror does."""
        return await self._complete(partial(super().unresolved, base, head))

    def _adopt(self, sha: str) -> None:
        """Leave what was pushed to the next fetch: only what comes from there may have gaps.

        Git would look through all that it ever got each time it met another commit with gaps.
        """

    async def _complete(self, operation: Callable[[], Awaitable[T]]) -> T:
        """Run until nothing was lacking; what came of a run that lacked something is not used."""
        for _ in range(ROUNDS):
            self.objects.forget()
            try:
                result = await operation()
            except Exception:
                if not await self._bring_lacking():
                    raise
            else:
                if not await self._bring_lacking():
                    return result
        raise UserError(
            f"The mirror of {self._name} is partial, and one step asked for contents in more than "
            f"{ROUNDS} rounds: whoever runs Stablehand can set STABLEHAND_MIRROR to full."
        )

    async def _bring_lacking(self) -> bool:
        stood_in = set(self.objects.stood_in)
        return await self._bring(stood_in | await unmet(self.objects, self.objects.failures))

    async def _bring(self, needed: Iterable[str]) -> bool:
        """Fetch what is not here, if anything."""
        absent = self.objects.absent(needed)
        if absent:
            if self._token is None:
                raise RuntimeError("contents were asked for before anything was fetched")
            remote = replace(self._remote(self._token), filtered=True)
            await bring(replace(self.objects.git, quarantine=None), remote, absent)
            self._note("contents fetched", files=len(absent))
        return bool(absent)
