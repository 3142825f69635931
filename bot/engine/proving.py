"""The runs that prove a backport, in order, as far as they are needed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.core.model import TestPlan, TestReport
from bot.core.proof import Proof, Stage, StageRow
from bot.core.split import FileChange, Split
from bot.ports import Runner

Tell = Callable[[Sequence[StageRow]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ProofJob:
    """What is to be proved, and with what.

    `tree` holds the branch as it stands; it is changed. `drift` is one sentence on how the
    backport's size differs from the source's, empty where it does not. `apply` writes changes into
    a tree; `log` gets each run once, to keep its whole output. `command` repeats the proof; where
    it is empty, the last run's own command is told.
    """

    plan: TestPlan
    tree: Path
    split: Split
    drift: str
    runner: Runner
    apply: Callable[[Sequence[FileChange], Path], None]
    log: Callable[[Stage, TestReport], None]
    command: str = ""


async def prove(job: ProofJob, tell: Tell) -> Proof:
    """Run what the proof needs, telling the rows as they come; raises what the runner raises."""
    raise NotImplementedError
