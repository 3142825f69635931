"""What a nudge from one workflow to another does, on SQLite and on Postgres."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from bot.engine import durable, messages
from bot.engine.runtime import Options

HOUR = 3600.0  # seconds; no test waits for it
BUGS: list[Exception] = []


@pytest.fixture(autouse=True)
async def _running(database_url: str) -> AsyncIterator[None]:
    """Run durable work on a new database for one test."""
    options = Options(
        database_url=database_url,
        executor_name="test",
        queues=durable.ALL_QUEUES,
        on_bug=BUGS.append,
        poll_seconds=0.05,
    )
    async with durable.running(options):
        yield


async def _until(gate: str) -> None:
    while (await durable.outcome(gate)) is None:  # noqa: ASYNC110 - the database has no event for it
        await asyncio.sleep(0.02)


@durable.workflow("sleeper")
async def sleeper(job: durable.Json) -> durable.Json:
    """Pause for so long, after a workflow of that id is there, if one is named."""
    if job["gate"]:
        await durable.step("gate", _until, job["gate"], returns=None)
    await messages.pause(job["seconds"])
    return messages.own_id()


@durable.workflow("waker")
async def waker(job: durable.Json) -> durable.Json:
    """Nudge a workflow."""
    await messages.nudge(job["whom"])
    return "done"


async def _begin(workflow: durable.Workflow, **job: object) -> str:
    workflow_id = uuid.uuid4().hex
    await durable.accept(workflow_id, workflow, job, attributes={})
    return workflow_id


async def _result(workflow_id: str) -> durable.Json:
    while True:
        known = await durable.outcome(workflow_id)
        if known is not None and known.status not in {"ENQUEUED", "PENDING"}:
            return known.result
        await asyncio.sleep(0.02)


async def test_a_nudge_ends_a_pause() -> None:
    """A workflow that would pause for an hour goes on when it is nudged."""
    asleep = await _begin(sleeper, gate="", seconds=HOUR)
    assert await _result(await _begin(waker, whom=asleep)) == "done"
    assert await _result(asleep) == asleep


async def test_a_nudge_is_kept() -> None:
    """A nudge that comes before the pause makes it no pause at all."""
    gate = uuid.uuid4().hex
    late = await _begin(sleeper, gate=gate, seconds=HOUR)
    assert await _result(await _begin(waker, whom=late)) == "done"
    await durable.accept(gate, waker, {"whom": "nobody"}, attributes={})
    assert await _result(late) == late


async def test_a_pause_ends_by_itself() -> None:
    """Nobody has to nudge."""
    alone = await _begin(sleeper, gate="", seconds=0.1)
    assert await _result(alone) == alone


async def test_who_does_not_wait_is_left_alone() -> None:
    """A nudge for a workflow that is unknown, or has ended, is no error."""
    ended = await _begin(waker, whom="nobody")
    assert await _result(ended) == "done"
    assert await _result(await _begin(waker, whom=ended)) == "done"
