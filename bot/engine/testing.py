"""The tests of a backport: run in the sandbox, shown as a check run, gathered in the checklist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter

from bot.core import check
from bot.core.checklist import Checklist
from bot.core.errors import Transient, UserError
from bot.core.model import Conclusion, Repository, TestPlan, TestReport
from bot.engine import durable, report
from bot.engine.durable import Json
from bot.engine.opening import queued_check
from bot.engine.report import Place
from bot.engine.world import github, world
from bot.ports import Check

_REPORT = "report"


@dataclass(frozen=True, slots=True)
class Errand:
    """One run to be made: which commit, under which check run, and what to run."""

    repository: Repository
    branch: str
    series: str
    head_branch: str
    sha: str
    check: int
    plan: TestPlan

    @property
    def workflow_id(self) -> str:
        """Name the run, so that the same commit is tested once."""
        return f"test:{self.repository.id}:{self.branch}:{self.sha}"


@dataclass(frozen=True, slots=True)
class Round:
    """The runs of one claim, and the checklist in which their results belong."""

    place: Place
    checklist: Checklist
    errands: tuple[Errand, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """What one test workflow gets: its own errand, and the round that it is part of."""

    errand: Errand
    round: Round


_RUN, _ROUND, _FOUND = TypeAdapter(_Run), TypeAdapter(Round), TypeAdapter(TestReport)


async def send(round_: Round) -> None:
    """Start the runs of a round.

    One that is under way belongs to an earlier round, which will report it: this round must not
    wait for it.
    """
    begun = await durable.step("look for runs", _begun, round_.errands, returns=tuple[str, ...])
    new = tuple(errand for errand in round_.errands if errand.workflow_id not in begun)
    for errand in new:
        run = _RUN.dump_python(_Run(errand, replace(round_, errands=new)), mode="json")
        await durable.spawn(test, errand.workflow_id, run, queue="tests")


async def _begun(errands: tuple[Errand, ...]) -> tuple[str, ...]:
    """Give the workflow ids of the runs that are known already."""
    ids = [errand.workflow_id for errand in errands]
    return tuple([known for known in ids if await durable.outcome(known)])


async def results(errands: Sequence[Errand]) -> dict[str, str]:
    """Give the results that are there already, in one line each, by branch."""
    return {branch: check.line(found) for branch, found in (await _found(errands)).items()}


@durable.workflow("test")
async def test(job: Json) -> None:
    """Run the tests of one backport; the last run of a round has the checklist refreshed."""
    run = _RUN.validate_python(job)
    errand, place = run.errand, run.round.place
    with world().observer.context(
        repository=place.repository.full_name, pull=str(place.pull), series=errand.series
    ):
        await _carry_out(run)


async def _carry_out(run: _Run) -> None:
    errand = run.errand
    begun = replace(
        queued_check(errand.repository.id, errand.branch, errand.sha),
        status="in_progress",
        title="The tests are running",
        summary="The result follows.",
    )
    await _show(errand, begun)
    found = await _tested(errand)
    ended = replace(
        begun,
        status="completed",
        conclusion=found.conclusion.value,
        title=found.title,
        summary=check.summary(found),
        text=check.text(found),
    )
    await _show(errand, ended)
    world().observer.note("tested", conclusion=found.conclusion.value)
    await durable.publish(_REPORT, _FOUND.dump_python(found, mode="json"))
    await _gather(run.round)


@durable.workflow("report")
async def show(job: Json) -> None:
    """Put the results of a round into its checklist."""
    round_ = _ROUND.validate_python(job)
    lines = await results(round_.errands)
    await durable.step(
        "refresh", report.refresh, round_.place, round_.checklist, lines, returns=None
    )


async def _gather(round_: Round) -> None:
    """Have the checklist refreshed, once, when every run of a round has its result."""
    if len(await _found(round_.errands)) < len(round_.errands):
        return
    place = round_.place
    key = f"report:{place.repository.id}:{place.pull}"
    await durable.spawn(
        show,
        f"{key}:{place.comment}:" + ":".join(errand.sha[:12] for errand in round_.errands),
        _ROUND.dump_python(round_, mode="json"),
        queue="branches",
        partition=f"{place.repository.id}:{place.pull}",
    )


async def _found(errands: Sequence[Errand]) -> dict[str, TestReport]:
    shown = {
        errand.branch: await durable.published(errand.workflow_id, _REPORT) for errand in errands
    }
    return {branch: _FOUND.validate_python(one) for branch, one in shown.items() if one}


async def _show(errand: Errand, state: Check) -> None:
    """Bring the check run to a state; a refusal does not stop the tests, the checklist has them."""
    api = github(errand.repository)
    try:
        await durable.step(
            f"check {state.status}", api.update_check, errand.check, state, returns=None
        )
    except UserError:
        return


async def _tested(errand: Errand) -> TestReport:
    try:
        found: TestReport = await durable.step("run tests", _run, errand, returns=TestReport)
    except Transient as error:
        return TestReport(Conclusion.NEUTRAL, "Tests not run", notes=(error.message,))
    return found


async def _run(errand: Errand) -> TestReport:
    """Run the tests on a tree of exactly this commit."""
    try:
        with world().scratch() as tree:
            await _export(errand, tree)
            return await world().runner.run(errand.plan, tree)
    except UserError as error:
        return TestReport(Conclusion.NEUTRAL, "Tests not run", notes=(error.message,))
    except Transient:
        raise
    except Exception as error:  # noqa: BLE001 - a check run must not wait for ever
        world().observer.bug(error)
        note = "a fault in Stablehand itself stopped the run; whoever runs it was told"
        return TestReport(Conclusion.NEUTRAL, "Tests not run", notes=(note,))


async def _export(errand: Errand, tree: Path) -> None:
    """Write the commit's tree; another machine's mirror may have to fetch it first."""
    async with world().mirrors.open(errand.repository) as mirror:
        if not await mirror.has(errand.sha):
            token = await github(errand.repository).token()
            await mirror.fetch(token, (f"refs/heads/{errand.head_branch}",))
        await mirror.export(errand.sha, tree)
