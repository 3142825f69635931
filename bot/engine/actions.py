"""Tests that GitHub Actions runs for us: ordered once, and waited for by webhooks and looks."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from bot.core import workflow_file, workflow_run
from bot.core.commands import RunChanged
from bot.core.errors import Transient, UserError
from bot.core.model import Repository, TestPlan
from bot.core.proof import Proof
from bot.core.workflow_run import Patience, Run
from bot.engine import durable, messages
from bot.engine.world import world

_LISTED = 5.0  # seconds until GitHub lists a run that it has just made


@dataclass(frozen=True, slots=True)
class Job:
    """A commit of a repository, and what Actions shall run on it."""

    repository: Repository
    sha: str
    plan: TestPlan


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


async def proven_by_actions(job: Job) -> Proof:
    """Have the tests run on GitHub Actions and give what they show.

    To be called by a workflow whose id begins with `test:<repository id>:`, outside of its steps:
    the id is the nonce by which the run is found again. Whatever happens to this process, one run
    is ordered, and it is waited for until the plan's deadline.
    """
    nonce = messages.own_id()
    try:
        ordered: _Ordered = await durable.step("order", _order, job, nonce, returns=_Ordered)
        seen = await _awaited(job, nonce, ordered)
    except (UserError, Transient) as error:
        return workflow_run.not_run(error.message)
    return workflow_run.proof(seen.runs, job.plan.workflow, job.plan.deadline)


async def wake(command: RunChanged) -> None:
    """Have the workflow look that waits for a run; what the run shows it asks GitHub itself."""
    await messages.nudge(command.waiting)


async def _order(job: Job, nonce: str) -> _Ordered:
    """Order the run, unless an earlier try did."""
    api, plan, at = world().app.workflows(job.repository), job.plan, time.time()
    if not durable.first_time():
        await asyncio.sleep(_LISTED)
        found = workflow_run.answering(await api.runs(plan.workflow), nonce)
        if found:
            return _Ordered(found[0].id, at)
    run = await api.dispatch(plan.workflow, workflow_file.inputs(plan, job.sha, nonce))
    return _Ordered(run, at)


async def _awaited(job: Job, nonce: str, ordered: _Ordered) -> _Seen:
    """Wait until the run that counts has ended, or no more can be expected."""
    patience = Patience(job.plan.deadline)
    while True:
        await messages.pause(patience.pause)
        seen: _Seen = await durable.step("look", _look, job, nonce, ordered, returns=_Seen)
        first = seen.runs[0] if seen.runs else None
        if (first and first.ended) or patience.over(first, seen.waited):
            return seen


async def _look(job: Job, nonce: str, ordered: _Ordered) -> _Seen:
    """Ask GitHub how the run is; one that its list does not show is asked for by its id."""
    api = world().app.workflows(job.repository)
    runs = workflow_run.answering(await api.runs(job.plan.workflow), nonce)
    if not runs and ordered.run is not None:
        run = await api.run(ordered.run)
        runs = (run,) if run else ()
    return _Seen(runs, time.time() - ordered.at)
