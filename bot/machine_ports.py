"""What is needed of the machine itself: a person's clone, tests that are run, logs, who watches.

Errors are those of `bot.ports`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from bot.core.equality import Equality
from bot.core.model import Pick, Recipe, Rules, TestPlan, TestReport
from bot.core.split import FileChange
from bot.mirror_ports import NO_RULES


class LocalRepository(Protocol):
    """A person's own clone; only `create_branch` writes to it, and never to its work tree."""

    async def resolve(self, rev: str) -> str | None:
        """Give the full object name of the commit that a revision means, None if none."""

    async def branch_name(self, rev: str) -> str | None:
        """Give the branch that a revision names, None if it is no branch."""

    async def create_branch(self, name: str, sha: str) -> None:
        """Create a branch; one that stands elsewhere already raises UserError."""

    async def pick(
        self, commits: Sequence[str], onto: str, recipe: Recipe, rules: Rules = NO_RULES
    ) -> Pick:
        """Bring commits (oldest first) on to a commit, without any work tree."""

    async def compare(self, sources: Sequence[str], base: str, head: str) -> Equality:
        """Say how the change from `base` to `head` differs from that of the sources together."""

    async def merge_base(self, one: str, other: str) -> str | None:
        """Give the best common ancestor of two commits, None if there is none."""

    async def subject(self, commit: str) -> str:
        """Give the first line of a commit's message."""

    async def read(self, commit: str, path: str) -> bytes | None:
        """Give a file's bytes at a commit, None if it is not there."""

    async def difference(self, old: str, new: str) -> tuple[FileChange, ...]:
        """Give each file that differs between two commits, whole; a rename is two changes."""

    async def export(self, commit: str, into: Path) -> None:
        """Write the whole tree of a commit into an empty folder."""


class Runner(Protocol):
    """Runs a configured test command on a tree inside the sandbox."""

    async def run(self, plan: TestPlan, tree: Path) -> TestReport:
        """Run and report; never raises for what the tests themselves do."""


class Log(Protocol):
    """The whole output of one proof, as it comes."""

    @property
    def url(self) -> str:
        """Give where people read it, empty for nowhere."""

    def write(self, title: str, text: str) -> None:
        """Add a part under a title; never raises for want of room."""


class Logs(Protocol):
    """The logs that this machine keeps."""

    def begin(self) -> Log:
        """Begin a log."""

    def sweep(self) -> int:
        """Remove the logs that were kept long enough; give how many."""


class Observer(Protocol):
    """Where the engine says what happens, for logs and metrics."""

    def context(self, **fields: str) -> AbstractContextManager[None]:
        """Carry these fields in every line that is logged inside."""

    def note(self, event: str, **fields: object) -> None:
        """Log one happening."""

    def bug(self, error: BaseException) -> None:
        """Log an error that should not have been, and tell the operator."""
