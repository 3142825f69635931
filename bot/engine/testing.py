"""The tests of backports: each proof is a workflow, and their results gather in the checklist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from bot.core import check
from bot.core.checklist import Checklist
from bot.core.errors import Transient, UserError
from bot.core.proof import Proof
from bot.engine import actions, durable, messages, proof_check, report, trial
from bot.engine.durable import Json
from bot.engine.errand import Errand
from bot.engine.proof_check import Progress
from bot.engine.report import Place
from bot.engine.world import github, world
from bot.ports import Check

_PROOF = "proof"


@dataclass(frozen=True, slots=True)
class Round:
    """The proofs that one command started, and the checklist in which their results belong."""

    place: Place
    checklist: Checklist
    errands: tuple[Errand, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """What one workflow gets: its errand, its check run, and the workflow that shows the round."""

    errand: Errand
    check: int
    sent_by: str


_RUN, _ROUND, _FOUND = TypeAdapter(_Run), TypeAdapter(Round), TypeAdapter(Proof)


async def start(errand: Errand, *, fresh: bool) -> bool:
    """Start a proof, and tell whether this was new; `fresh` is a commit that had no check run.

    One that is known belongs to an earlier round, which reports it: this one must not wait for it.
    Raises UserError where no check run can be made.
    """
    series = errand.series
    if await durable.step(f"look for run {series}", _is_known, errand, returns=bool):
        return False
    check_id: int = await durable.step(
        f"queue check {series}", proof_check.queue, errand, fresh, returns=int
    )
    run = _RUN.dump_python(_Run(errand, check_id, messages.own_id()), mode="json")
    queue = "waiting" if errand.plan.backend == "actions" else "tests"
    await durable.spawn(test, errand.workflow_id, run, queue=queue)
    return True


async def _is_known(errand: Errand) -> bool:
    return await durable.outcome(errand.workflow_id) is not None


async def gather(round_: Round) -> None:
    """Say where the results of a round belong, and put them there if all have come already.

    Otherwise the last proof to end does it: each first shows what it has, and then looks for what
    the others show.
    """
    shown = _ROUND.dump_python(round_, mode="json")
    for errand in round_.errands:
        await durable.publish(_round_of(errand), shown)
    if round_.errands:
        await _gather(round_)


def _round_of(errand: Errand) -> str:
    return f"round of {errand.key}"


async def results(errands: Sequence[Errand]) -> dict[str, str]:
    """Give the results that are there already, in one line each, by branch."""
    return {branch: check.line(found) for branch, found in (await _found(errands)).items()}


@durable.workflow("test")
async def test(job: Json) -> None:
    """Prove one backport; the last proof of a round has the checklist refreshed."""
    run = _RUN.validate_python(job)
    errand = run.errand
    with world().observer.context(
        repository=errand.repository.full_name, head=errand.sha, series=errand.series
    ):
        await _carry_out(run)


async def _carry_out(run: _Run) -> None:
    errand = run.errand
    await _show(run, proof_check.begun(errand))
    proof = await _prove(run)
    await _show(run, proof_check.ended(errand, proof))
    world().observer.note("tested", conclusion=proof.conclusion.value)
    await durable.publish(_PROOF, _FOUND.dump_python(proof, mode="json"))
    shown = await durable.published(run.sent_by, _round_of(errand))
    if shown:
        await _gather(_ROUND.validate_python(shown))


@durable.workflow("report")
async def show(job: Json) -> None:
    """Put the results of a round into its checklist."""
    round_ = _ROUND.validate_python(job)
    lines = await results(round_.errands)
    await durable.step(
        "refresh", report.refresh, round_.place, round_.checklist, lines, returns=None
    )


async def _gather(round_: Round) -> None:
    """Have the checklist refreshed, once, when every proof of a round has its result."""
    if len(await _found(round_.errands)) < len(round_.errands):
        return
    place = round_.place
    key = f"{place.repository.id}:{place.pull}"
    await durable.spawn(
        show,
        f"report:{key}:{place.comment}:" + ":".join(_short(errand) for errand in round_.errands),
        _ROUND.dump_python(round_, mode="json"),
        queue="branches",
        partition=key,
    )


def _short(errand: Errand) -> str:
    return errand.sha[:12] + errand.asked


async def _found(errands: Sequence[Errand]) -> dict[str, Proof]:
    shown = {
        errand.branch: await durable.published(errand.workflow_id, _PROOF) for errand in errands
    }
    return {branch: _FOUND.validate_python(one) for branch, one in shown.items() if one}


async def _show(run: _Run, state: Check) -> None:
    """Bring the check run to a state; a refusal does not stop the tests, the checklist has them."""
    api = github(run.errand.repository)
    try:
        await durable.step(
            f"check {state.status}", api.update_check, run.check, state, returns=None
        )
    except UserError:
        return


async def _prove(run: _Run) -> Proof:
    errand = run.errand
    if errand.plan.backend == "actions":
        return await actions.proven_by_actions(errand)
    try:
        proof: Proof = await durable.step("prove", _hold, run, returns=Proof)
    except Transient as error:
        return trial.not_run(error.message)
    return proof


async def _hold(run: _Run) -> Proof:
    log = world().logs.begin()
    progress = Progress(run.errand, run.check, log.url)
    proof = await trial.hold(run.errand, log, progress.tell)
    return replace(proof, log=log.url) if proof.rows else proof
