"""Proofs in a person's own clone: the very runs that the service makes, of any commit."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.core import check, config, equality, series
from bot.core.config import Configuration
from bot.core.errors import UserError
from bot.core.model import Conclusion, Outcome, TestPlan, TestReport
from bot.core.proof import Proof, Stage, StageRow
from bot.core.split import FileChange, Split, split
from bot.engine.proving import ProofJob, prove
from bot.local import Forecast, LocalTarget, commit
from bot.machine_ports import LocalRepository, Runner

_AT_ONCE = 2 * (os.cpu_count() or 1)  # trees that stand; the runner runs one for each core
_NO_BRANCH = (
    "the target branch is not known, so no key of a single branch applies; --branch names it"
)


@dataclass(frozen=True, slots=True)
class Bench:
    """What proofs need: the runner, a maker of folders for the trees, and what changes them.

    `clone` is the path by which a proof can be repeated; it is empty where commits do not stay.
    """

    runner: Runner
    scratch: Callable[[], AbstractContextManager[Path]]
    apply: Callable[[Sequence[FileChange], Path], None]
    clone: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants proved; `base` and `branch` are None where they are to be found."""

    commit: str
    base: str | None = None
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Proved:
    """The proof of a commit against its base, and how its changes were taken apart."""

    commit: str
    base: str
    branch: str | None
    split: Split
    proof: Proof

    def exit_code(self) -> int:
        """Give 0 where it is proved, or passes with nothing to prove, else 1."""
        nothing = not (self.split.tests or self.split.code)
        return 0 if nothing or self.proof.conclusion is Conclusion.SUCCESS else 1


@dataclass(frozen=True, slots=True)
class _Work:
    """One proof to make: from a commit to another, for a branch, and what is said with it."""

    base: str
    head: str
    branch: str
    plan: TestPlan
    drift: str = ""


async def prove_commit(
    repository: LocalRepository, asked: Asked, configuration: Configuration, bench: Bench
) -> Proved:
    """Prove a commit against its parent, or against where it forked from the base asked for.

    Raises UserError for what is no commit, has no base, or has no tests configured.
    """
    head = await commit(repository, asked.commit)
    base = await _base(repository, asked, head)
    branch = await _branch(repository, asked, base, configuration)
    work = _Work(base, head, branch or "", _plan(configuration, branch or ""))
    parts, proof = await _proved(repository, work, bench)
    if branch is None and configuration.tests and configuration.tests.branches:
        proof = replace(proof, notes=(*proof.notes, _NO_BRANCH))
    return Proved(head, base, branch, parts, proof)


async def prove_targets(
    repository: LocalRepository, done: Forecast, configuration: Configuration, bench: Bench
) -> Forecast:
    """Prove the picked commits side by side, as many runs at a time as there are cores.

    Raises UserError where no tests are configured.
    """
    free = asyncio.Semaphore(_AT_ONCE)

    async def tested(target: LocalTarget, plan: TestPlan) -> LocalTarget:
        head, base = target.pick.commit, target.base
        if target.pick.outcome is not Outcome.PICKED or head is None or base is None:
            return target
        async with free:
            drift = equality.drift(await repository.compare(done.commits, base, head))
            branch = series.fill(configuration.branch, target.series)
            _, proof = await _proved(repository, _Work(base, head, branch, plan, drift), bench)
        return replace(target, tests=proof)

    branches = [series.fill(configuration.branch, target.series) for target in done.targets]
    plans = [_plan(configuration, branch) for branch in branches]
    try:
        async with asyncio.TaskGroup() as group:
            pairs = zip(done.targets, plans, strict=True)
            tasks = [group.create_task(tested(target, plan)) for target, plan in pairs]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return replace(done, targets=tuple(task.result() for task in tasks))


async def _proved(repository: LocalRepository, work: _Work, bench: Bench) -> tuple[Split, Proof]:
    with bench.scratch() as tree:
        parts = split(await repository.difference(work.base, work.head), work.plan.test_paths)
        await repository.export(work.base, tree)
        again = (bench.clone, work.head, work.base, work.branch)
        command = check.reproduction(*again) if bench.clone else ""
        job = ProofJob(
            plan=work.plan,
            tree=tree,
            split=parts,
            drift=work.drift,
            runner=bench.runner,
            apply=bench.apply,
            log=_nowhere,
            command=command,
        )
        return parts, await prove(job, _quietly)


def _plan(configuration: Configuration, branch: str) -> TestPlan:
    plan = configuration.test_plan(branch)
    if plan is None:
        raise UserError(f"No tests are configured: `{config.PATH}` has no [tests].")
    return plan


async def _base(repository: LocalRepository, asked: Asked, head: str) -> str:
    if asked.base is None:
        if parent := await repository.resolve(f"{head}^"):
            return parent
        raise UserError(
            f"{asked.commit} has no parent here: name with --base what it is to be compared with."
        )
    fork = await repository.merge_base(head, await commit(repository, asked.base))
    if fork is None:
        raise UserError(f"{asked.commit} and {asked.base} have no commit in common.")
    return fork


async def _branch(
    repository: LocalRepository, asked: Asked, base: str, configuration: Configuration
) -> str | None:
    """Name the target branch as told, or by names and subjects; None where nothing tells it."""
    if asked.branch is not None:
        own = configuration.tests.branches if configuration.tests else {}
        known = asked.branch in own
        name = configuration.series(asked.branch)
        return asked.branch if known else series.fill(configuration.branch, name)
    for revision in filter(None, (asked.base, asked.commit)):
        name = await repository.branch_name(revision) or ""
        for template in (configuration.branch, configuration.head_branch):
            if found := series.of_branch(template, name):
                return series.fill(configuration.branch, found)
    for sha in (await commit(repository, asked.commit), base):
        subject = await repository.subject(sha)
        if found := series.of_subject(configuration.subject_prefix, subject):
            return series.fill(configuration.branch, found)
    return None


def _nowhere(_stage: Stage, _report: TestReport) -> None:
    """Keep no log: the end of the output is in the proof."""


async def _quietly(_rows: Sequence[StageRow]) -> None:
    """Show nothing before the end."""
