"""The runs that prove a backport, in order, as far as they are needed.

With tests and code to prove: base, red, green. With one of the two: green, and base only where
green fails. Then, if nothing is wrong so far, the regression set on green, and on base only where
it fails. A run that could not be made ends it; so does a branch whose own tests time out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.core import test_labels, verdict
from bot.core.comparison import harm, unsound
from bot.core.model import Conclusion, TestPlan, TestReport
from bot.core.proof import Proof, Stage, StageRow
from bot.core.split import FileChange, Split
from bot.engine.standing import files_of, standing
from bot.machine_ports import Runner
from bot.ports import Annotation

Tell = Callable[[Sequence[StageRow]], Awaitable[None]]
_ON_BASE = {Stage.BASE, Stage.WIDE_BASE}


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
    """Run what the proof needs, and judge it.

    `tell` gets the rows at the start of each run, the last of them the one that runs. What the
    runner raises is raised.
    """
    proving = _Proving(job, tell)
    proof = verdict.not_applicable(job.split) or await proving.judged()
    notes = (*proving.notes, *proof.notes, *([job.drift] if job.drift else []))
    return replace(
        proof,
        rows=tuple(proving.rows),
        notes=tuple(dict.fromkeys(notes)),
        command=job.command or proof.command,
    )


def on_lines(proof: Proof) -> tuple[Annotation, ...]:
    """Put the remarks of a proof on the lines where tests failed."""
    return tuple(
        Annotation(remark.path, remark.line, remark.line, "failure", remark.message)
        for remark in proof.remarks
    )


class _Proving:
    """The runs of one job so far, and how far its tree is."""

    def __init__(self, job: ProofJob, tell: Tell) -> None:
        self.rows: list[StageRow] = []
        self.notes: list[str] = []
        self._job, self._tell = job, tell
        self._runs: dict[Stage, TestReport] = {}
        self._at = Stage.BASE
        split = job.split
        self._before = standing(job.tree, (*split.tests, *split.code, *split.docs))

    async def judged(self) -> Proof:
        """Make the runs, and judge them."""
        plan, split = self._job.plan, self._job.split
        tree = test_labels.with_changes(files_of(self._job.tree), split.tests)
        labels = test_labels.choose(plan, split.tests, tree)
        self._note_dropped(labels.dropped)
        if plan.labels and not labels.chosen:
            return verdict.no_labels(labels.dropped)
        both = bool(split.tests and split.code)
        for stage in (Stage.BASE, Stage.RED, Stage.GREEN) if both else (Stage.GREEN,):
            report = await self._run(stage, labels.chosen)
            if ended := verdict.kept_from_running(stage, report):
                return ended
        green = self._runs[Stage.GREEN]
        if green.conclusion is not Conclusion.SUCCESS and Stage.BASE not in self._runs:
            await self._run(Stage.BASE, labels.chosen)
        if not harm(green, self._runs.get(Stage.BASE)).conclusion:
            await self._widely(labels.chosen)
        return verdict.verdict(self._runs, split)

    async def _widely(self, proved: tuple[str, ...]) -> None:
        """Run the regression set; its failures say nothing before base was asked too."""
        plan = self._job.plan
        if not plan.regression or not test_labels.takes_labels(plan):
            return
        self._move(Stage.WIDE_GREEN)
        labels = test_labels.present(plan.regression, plan, files_of(self._job.tree))
        self._note_dropped(labels.dropped)
        if not labels.chosen or set(labels.chosen) <= set(proved):
            return
        green = await self._run(Stage.WIDE_GREEN, labels.chosen)
        fine = green.conclusion in {Conclusion.SUCCESS, Conclusion.NEUTRAL}
        if not fine and not unsound(green):
            await self._run(Stage.WIDE_BASE, labels.chosen)

    async def _run(self, stage: Stage, labels: tuple[str, ...]) -> TestReport:
        self._move(stage)
        plan = self._job.plan
        there = labels
        if stage in _ON_BASE:
            there = test_labels.present(labels, plan, files_of(self._job.tree)).chosen
        if labels and not there:
            report = _NOTHING_THERE
        else:
            await self._tell((*self.rows, StageRow(stage, "running …")))
            report = await self._job.runner.run(replace(plan, labels=there), self._job.tree)
            self._job.log(stage, report)
        self._runs[stage] = report
        row = StageRow(stage, report.title, report.ran, report.failed, report.seconds)
        self.rows.append(row)
        return report

    def _move(self, stage: Stage) -> None:
        """Bring the tree to where a run needs it."""
        split, apply = self._job.split, self._job.apply
        to = Stage.BASE if stage in _ON_BASE else stage
        to = Stage.GREEN if stage is Stage.WIDE_GREEN else to
        if to is self._at:
            return
        if to is Stage.BASE:
            apply(self._before, self._job.tree)
        elif self._at is Stage.BASE:
            apply(split.tests, self._job.tree)
        if to is Stage.GREEN:
            apply((*split.code, *split.docs), self._job.tree)
        self._at = to

    def _note_dropped(self, labels: tuple[str, ...]) -> None:
        if labels:
            self.notes.append(f"Not on this branch, so not run: {', '.join(labels)}")


_NOTHING_THERE = TestReport(
    Conclusion.SUCCESS, "none of these tests is there yet", ran=0, results=(), completed=True
)
