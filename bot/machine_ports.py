"""What the engine needs of the machine that it runs on: tests that are run, logs, who watches.

Errors are those of `bot.ports`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from bot.core.model import TestPlan, TestReport


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
