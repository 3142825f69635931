"""What workflows may rely on, on SQLite and on Postgres."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOS

from bot.core.errors import Transient, UserError
from bot.engine import durable
from bot.engine.runtime import Options


class Color(StrEnum):
    """A word of a fixed set."""

    RED = "red"


@dataclass(frozen=True)
class Thing:
    """A value with everything that JSON does not know."""

    color: Color
    at: datetime
    parts: tuple[tuple[str, int], ...]
    more: Thing | None = None


THING = Thing(Color.RED, datetime(2022, 9, 1, tzinfo=UTC), (("a", 1),), None)
BUGS: list[Exception] = []


class Calls(list[Any]):
    """What the steps of one test did; found by the job's key."""

    known: dict[str, Calls] = {}  # noqa: RUF012 - shared on purpose


@pytest.fixture
async def url(database_url: str) -> AsyncIterator[str]:
    """Run durable work on a new database for one test."""
    options = Options(
        database_url=database_url,
        executor_name="test",
        queues=durable.ALL_QUEUES,
        on_bug=BUGS.append,
        poll_seconds=0.05,
        tries=3,
        first_pause=0.01,
    )
    BUGS.clear()
    async with durable.running(options):
        yield database_url


@pytest.fixture
def calls() -> Calls:
    """Give the calls of this test."""
    Calls.known["calls"] = Calls()
    return Calls.known["calls"]


async def _finished(workflow_id: str) -> durable.Outcome:
    while True:
        known = await durable.outcome(workflow_id)
        if known is not None and known.status not in {"ENQUEUED", "PENDING"}:
            return known
        await asyncio.sleep(0.02)


async def _run(workflow: durable.Workflow, **job: Any) -> durable.Outcome:  # noqa: ANN401 - JSON
    workflow_id = uuid.uuid4().hex
    await durable.accept(workflow_id, workflow, job, attributes={})
    return await _finished(workflow_id)


async def _note(value: object) -> None:
    Calls.known["calls"].append(value)


async def _thing() -> Thing | None:
    return THING


async def _nothing() -> Thing | None:
    return None


async def _busy(until: int) -> str:
    Calls.known["calls"].append(durable.first_time())
    if len(Calls.known["calls"]) < until:
        raise Transient("GitHub is busy")
    return "done"


async def _refused() -> None:
    Calls.known["calls"].append("refused")
    raise UserError("the branch is protected")


async def _broken() -> None:
    raise ZeroDivisionError("a bug")


async def _where() -> bool:
    return threading.current_thread() is threading.main_thread()


@durable.workflow("test.types")
async def types(_: durable.Json) -> durable.Json:
    """Pass a value through a step."""
    thing = await durable.step("thing", _thing, returns=Thing | None)
    nothing = await durable.step("nothing", _nothing, returns=Thing | None)
    home = await durable.step("where", _where, returns=bool)
    return [thing == THING, type(thing).__name__, nothing, home]


@durable.workflow("test.busy")
async def busy(job: durable.Json) -> durable.Json:
    """Meet something transient."""
    return await durable.step("busy", _busy, job["until"], returns=str)


@durable.workflow("test.refused")
async def refused(job: durable.Json) -> durable.Json:
    """Meet something for a person, and catch it or not."""
    try:
        await durable.step("refused", _refused, returns=None)
    except UserError as error:
        if job["catch"]:
            return error.message
        raise


@durable.workflow("test.broken")
async def broken(_: durable.Json) -> durable.Json:
    """Meet a bug."""
    await durable.step("broken", _broken, returns=None)


@durable.workflow("test.noting")
async def noting(job: durable.Json) -> durable.Json:
    """Note that it ran."""
    await durable.step("note", _note, job["value"], returns=None)


@durable.workflow("test.parent")
async def parent(job: durable.Json) -> durable.Json:
    """Spawn one child, and show who."""
    child = job["child"]
    await durable.spawn(noting, child, {"value": child}, queue="branches", partition="r")
    await durable.publish("child", {"id": child})


@durable.workflow("test.turn")
async def turn(job: durable.Json) -> durable.Json:
    """Hold the turn of a repository for three short steps."""
    for word in ("begin", "middle", "end"):
        await durable.step(word, _note, (job["repository"], job["name"], word), returns=None)


async def test_a_step_gives_back_its_type(url: str) -> None:
    """A recorded value comes back as what it was, and steps run on the caller's own loop."""
    assert url
    assert (await _run(types)).result == [True, "Thing", None, True]


async def test_transient_is_tried_again(url: str, calls: Calls) -> None:
    """A step that meets Transient is tried again, and only the first try is the first time."""
    assert url
    assert (await _run(busy, until=3)).result == "done"
    assert calls == [True, False, False]
    assert not durable.first_time()


async def test_transient_is_given_up(url: str, calls: Calls) -> None:
    """After the last try the workflow ends with what was in the way, and it is no bug."""
    assert url
    outcome = await _run(busy, until=99)
    assert outcome == durable.Outcome("SUCCESS", gave_up="GitHub is busy")
    assert len(calls) == 3
    assert not BUGS


async def test_each_try_and_pause_is_recorded(url: str, calls: Calls) -> None:
    """Tries and the pauses between them are recorded by name, so that neither starts anew."""
    assert url
    await durable.accept("gh:1", busy, {"until": 2}, attributes={})
    await _finished("gh:1")
    steps = await DBOS.list_workflow_steps_async("gh:1")
    assert [step["function_name"] for step in steps] == ["begin", "busy", "DBOS.sleep", "busy"]
    assert len(calls) == 2


async def test_a_user_error_reaches_the_workflow(url: str, calls: Calls) -> None:
    """UserError is raised in the workflow, and is its recorded outcome where nobody catches it."""
    assert url
    caught = await _run(refused, catch=True)
    assert caught == durable.Outcome("SUCCESS", "the branch is protected")
    uncaught = await _run(refused, catch=False)
    assert uncaught == durable.Outcome("SUCCESS", user_error="the branch is protected")
    assert calls == ["refused", "refused"]
    assert not BUGS


async def test_a_bug_ends_the_workflow(url: str) -> None:
    """Any other exception marks the workflow as failed, and is reported once."""
    assert url
    assert (await _run(broken)).status == "ERROR"
    assert [str(bug) for bug in BUGS] == ["a bug"]


async def test_one_id_is_one_run(url: str, calls: Calls) -> None:
    """An id accepted again, at the same time or after the end, runs once."""
    assert url

    async def accept() -> None:
        await durable.accept("gh:1", noting, {"value": 1}, attributes={"repository": "a/b"})

    await asyncio.gather(*(accept() for _ in range(20)))
    await _finished("gh:1")
    await accept()
    assert await durable.workload() == {("deliveries", "SUCCESS"): 1}
    assert calls == [1]


async def test_one_child_for_two_parents(url: str, calls: Calls) -> None:
    """A second parent that spawns the same id attaches to it."""
    assert url
    await durable.accept("gh:1", parent, {"child": "bp"}, attributes={})
    await durable.accept("gh:2", parent, {"child": "bp"}, attributes={})
    for workflow_id in ("gh:1", "gh:2", "bp"):
        assert (await _finished(workflow_id)).status == "SUCCESS"
    assert calls == ["bp"]
    assert await durable.published("gh:1", "child") == {"id": "bp"}
    assert await durable.published("gh:1", "unknown") is None
    assert await durable.published("unknown", "child") is None
    assert await durable.outcome("unknown") is None


async def test_a_repository_has_one_turn_at_a_time(url: str, calls: Calls) -> None:
    """On the queue of branches, one repository's workflows do not overlap."""
    assert url
    names = [(repository, name) for repository in "ab" for name in "xyz"]
    for repository, name in names:
        job = {"repository": repository, "name": name}
        await durable.spawn(turn, repository + name, job, queue="branches", partition=repository)
    for repository, name in names:
        await _finished(repository + name)
    for repository in "ab":
        turns = [name + word for owner, name, word in calls if owner == repository]
        assert turns == [name + word for name in "xyz" for word in ("begin", "middle", "end")]


async def test_what_is_recorded_is_json_of_one_version(url: str) -> None:
    """Rows hold JSON, never pickles, and a version that a new release does not change."""
    await _run(types, some="job")
    table = "workflow_status" if url.startswith("sqlite") else "dbos.workflow_status"
    query = sa.text(f"SELECT serialization, application_version FROM {table}")  # noqa: S608 - a constant
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert connection.execute(query).all() == [("portable_json", "1")]
    engine.dispose()


async def test_finished_work_is_forgotten_in_time(url: str, calls: Calls) -> None:
    """Only finished workflows go, and only those that are older than asked for."""
    assert url
    await _run(noting, value=1)
    await durable.spawn(noting, "waiting", {"value": 2}, queue="unheard")
    assert await durable.retain(1) == 0
    assert await durable.retain(-1) == 1
    assert await durable.workload() == {("unheard", "ENQUEUED"): 1}
    assert calls == [1]


async def test_postgres_is_known_by_its_old_name(postgres_url: str) -> None:
    """A URL with `postgres://`, as some hosts give it, works."""
    options = Options(
        database_url=postgres_url.replace("postgresql:", "postgres:"),
        executor_name="test",
        queues=frozenset(),
        on_bug=BUGS.append,
    )
    async with durable.running(options):
        assert await durable.workload() == {}
