"""What the engine needs of a project's history: the ports of mirrors.

Errors are as in `bot.ports`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.core.advice import Advice
from bot.core.equality import Equality
from bot.core.finding import Finding
from bot.core.hand_push import PushedCommit
from bot.core.landing import Landing
from bot.core.model import CommitSummary, Conflict, Pick, Push, Recipe, Repository, Rules
from bot.core.reverts import Revert
from bot.core.shipping import Release, StepDone
from bot.core.split import FileChange

NO_RULES = Rules()


class Mirror(Protocol):
    """The bare repository of one project while its lock is held."""

    async def fetch(self, token: str, refs: Sequence[str]) -> Mapping[str, str]:
        """Fetch once from GitHub and give branch name → sha of all matching branches.

        `refs` are full ref names or globs with a trailing `*` (`refs/heads/stable/*`); a ref that
        matches nothing is simply absent from the answer. Keys are full ref names.
        """

    async def push(
        self, token: str, heads: Mapping[str, str], replace: Collection[str] = ()
    ) -> Mapping[str, Push]:
        """Create head branches (branch name → sha) in one push, never forced.

        Compare with what the last fetch saw. An equal one is `unchanged`; one that differs is
        `kept` or `foreign` and not pushed; refusals come back with GitHub's own words. A branch
        named in `replace` that would be `kept` is moved instead, if it still stands where it was
        seen, and is `created` anew.
        """

    async def source_commits(
        self, merge_sha: str, pull_commits: Sequence[CommitSummary]
    ) -> tuple[str, ...]:
        """Give the commits on the default branch that a merged pull request became, oldest first.

        Right for a squash (one commit), a rebase (as many as the pull request had, in order) and
        a merge commit (the commits of its second parent's side; the merge itself where that side
        holds merges).
        """

    async def landing(
        self, branch: str, sources: Sequence[str], ours: str | None = None
    ) -> Landing | None:
        """Find how the sources (oldest first) came to a fetched branch, None where they did not.

        Looks for a commit that names the last source, then for one with the same patch-id as it
        or as our own pick `ours`, then for one with its ticket, author and author date. The newest
        one that stands wins; where all were reverted, the newest with `reverted_by`. `by` is the
        committer's name.
        """

    async def releases(self, commit: str) -> tuple[Release, ...]:
        """Give the fetched release tags that hold a commit, the first by version first."""

    async def tags(self, series: str) -> tuple[Release, ...]:
        """Give the fetched release tags of a series (`4.1`), the first by version first."""

    async def steps(self, branch: str, version: str) -> tuple[StepDone, ...]:
        """Give the steps of a version's release that a fetched branch and the tags show."""

    async def write(
        self, base: str, files: Mapping[str, bytes | None], message: str, at: datetime
    ) -> str:
        """Make one commit of ours on `base` that changes files (None deletes one); give its sha.

        The same at the same moment has the same sha, and where nothing changes that is `base`'s.
        It is gone when the mirror is closed, unless it is pushed before.
        """

    async def landed(
        self, branch: str, pull_commits: Sequence[CommitSummary], mentioned: Sequence[str]
    ) -> tuple[tuple[str, ...], ...]:
        """Find a hand-made merge: each element is one candidate (commits, oldest first).

        Looks on `branch` for the shas in `mentioned`, then for equal patch-ids, then for equal
        author, author date and ticket. None found gives an empty tuple, several are for a person.
        """

    async def pick(
        self, commits: Sequence[str], onto: str, recipe: Recipe, rules: Rules = NO_RULES
    ) -> Pick:
        """Bring commits (oldest first) on to a commit, without any work tree."""

    async def compare(self, sources: Sequence[str], base: str, head: str) -> Equality:
        """Say how the change from `base` to `head` differs from that of the sources together."""

    async def advise(
        self, source: str, onto: str, conflicts: Sequence[Conflict], main: str
    ) -> Advice:
        """Find what a conflict may lack and who knows its lines; empty where that takes long."""

    async def unresolved(self, base: str, head: str) -> tuple[Conflict, ...]:
        """Give the files between two commits in which conflict markers stand."""

    async def on_branch(self, sha: str, branch: str) -> str | None:
        """Give the full name of a commit that a fetched branch holds, None if it holds none."""

    async def reverts(self, commit: str, tip: str) -> tuple[Revert, ...]:
        """Give the commits between two that say they take others back, oldest first."""

    async def pushed(self, old: str, new: str) -> tuple[PushedCommit, ...]:
        """Give what a push from one commit to another brought, oldest first; the newest of many.

        Where the mirror holds either of them no more, nobody knows, and it is nothing.
        """

    async def check(self, base: str, head: str) -> tuple[Finding, ...]:
        """Give what the gate finds in the files that differ between two commits."""

    async def merge_base(self, one: str, other: str) -> str | None:
        """Give the best common ancestor of two commits, None if there is none."""

    async def squash(self, base: str, head: str, like: str) -> str:
        """Make one commit on `base` with the tree of `head`, author and message as `like`."""

    async def difference(self, old: str, new: str) -> tuple[FileChange, ...]:
        """Give each file that differs between two commits, whole; a rename is two changes."""

    async def diff(self, old: str, new: str, paths: Sequence[str]) -> str:
        """Give the difference of some paths between two commits, as a patch for people."""

    async def read(self, commit: str, path: str) -> bytes | None:
        """Give a file's bytes at a commit, None if it is not there."""

    async def subject(self, commit: str) -> str:
        """Give the first line of a commit's message."""

    async def message(self, commit: str) -> str:
        """Give a commit's whole message."""

    async def has(self, commit: str) -> bool:
        """Tell whether the mirror holds a commit."""

    async def export(self, commit: str, into: Path) -> None:
        """Write the whole tree of a commit into an empty folder."""


class Mirrors(Protocol):
    """All mirrors under the data folder."""

    def open(self, repository: Repository) -> AbstractAsyncContextManager[Mirror]:
        """Lock the mirror of a repository, making it first where needed."""

    async def maintain(self) -> None:
        """Keep all mirrors of this machine small and fast, each while nobody else is in it."""
