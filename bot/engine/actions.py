"""Tests that GitHub Actions runs for us: ordered once, and waited for by webhooks and looks."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

from bot.core import test_labels, verdict, workflow_file, workflow_run
from bot.core.commands import RunChanged
from bot.core.errors import Transient, UserError
from bot.core.proof import Proof
from bot.core.workflow_run import Patience, Run
from bot.engine import durable, messages
from bot.engine.errand import Errand
from bot.engine.standing import files_of
from bot.engine.trial import lay_out
from bot.engine.world import world

_LISTED = 5.0  # seconds until GitHub lists a run that it has just made


@dataclass(frozen=True, slots=True)
class _Choice:
    """The labels to run, what is to be said of them, and what is said where nothing is to run."""

    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    instead: Proof | None = None


@dataclass(frozen=True, slots=True)
class _Ordered:
    """An order that GitHub took: the run's id where it said so, and when, in epoch seconds."""

    run: int | None
    at: float


@dataclass(frozen=True, slots=True)
class _Seen:
    """The runs that answer to an order, the first one first, after so many seconds."""

    runs: tuple[Run, ...]
    waited: float


async def proven_by_actions(errand: Errand) -> Proof:
    """Have the tests of a backport run on GitHub Actions, and give what they show.

    To be called by the errand's own workflow, outside of its steps: its id is the nonce by which
    the run is found again. Whatever happens to this process, one run is ordered, and it is waited
    for until the plan's deadline.
    """
    try:
        choice: _Choice = await durable.step("choose tests", _choose, errand, returns=_Choice)
        proof = choice.instead or await _ran(errand, choice.labels)
    except (UserError, Transient) as error:
        return workflow_run.not_run(error.message)
    notes = (*proof.notes, *choice.notes, errand.drift)
    return replace(proof, notes=tuple(note for note in notes if note))


async def wake(command: RunChanged) -> None:
    """Have the workflow look that waits for a run; what the run shows it asks GitHub itself."""
    await messages.nudge(command.waiting)


async def _choose(errand: Errand) -> _Choice:
    """Choose from the tree of the backport what one run of it is to show."""
    plan = errand.plan
    with world().scratch() as folder:
        parts = await lay_out(errand, folder)
        changes = (*parts.tests, *parts.code, *parts.docs)
        tree = test_labels.with_changes(files_of(folder), changes)
        proving = test_labels.choose(plan, parts.tests, tree)
        wide = test_labels.present(plan.regression, plan, tree)
    if nothing := verdict.not_applicable(parts):
        return _Choice(instead=nothing)
    if plan.labels and not proving.chosen:
        return _Choice(instead=verdict.no_labels(proving.dropped))
    dropped = ", ".join((*proving.dropped, *wide.dropped))
    notes = (f"Not on this branch, so not run: {dropped}",) if dropped else ()
    return _Choice(tuple(dict.fromkeys((*proving.chosen, *wide.chosen))), notes)


async def _ran(errand: Errand, labels: tuple[str, ...]) -> Proof:
    ordered: _Ordered = await durable.step("order", _order, errand, labels, returns=_Ordered)
    seen = await _awaited(errand, ordered)
    plan = errand.plan
    proof = workflow_run.proof(seen.runs, plan.workflow, plan.deadline)
    return replace(proof, interpreter=f"Python {workflow_file.python(plan)}")


async def _order(errand: Errand, labels: tuple[str, ...]) -> _Ordered:
    """Order the run, unless an earlier try did."""
    api, nonce, at = world().app.workflows(errand.repository), errand.workflow_id, time.time()
    plan = replace(errand.plan, labels=labels)
    if not durable.first_time():
        await asyncio.sleep(_LISTED)
        found = workflow_run.answering(await api.runs(plan.workflow), nonce)
        if found:
            return _Ordered(found[0].id, at)
    run = await api.dispatch(plan.workflow, workflow_file.inputs(plan, errand.sha, nonce))
    return _Ordered(run, at)


async def _awaited(errand: Errand, ordered: _Ordered) -> _Seen:
    """Wait until the run that counts has ended, or no more can be expected."""
    patience = Patience(errand.plan.deadline)
    while True:
        await messages.pause(patience.pause)
        seen: _Seen = await durable.step("look", _look, errand, ordered, returns=_Seen)
        first = seen.runs[0] if seen.runs else None
        if (first and first.ended) or patience.over(first, seen.waited):
            return seen


async def _look(errand: Errand, ordered: _Ordered) -> _Seen:
    """Ask GitHub how the run is; one that its list does not show is asked for by its id."""
    api, nonce = world().app.workflows(errand.repository), errand.workflow_id
    runs = workflow_run.answering(await api.runs(errand.plan.workflow), nonce)
    if not runs and ordered.run is not None:
        run = await api.run(ordered.run)
        runs = (run,) if run else ()
    return _Seen(runs, time.time() - ordered.at)
