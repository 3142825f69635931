"""Durable work as the workflows see it: named steps that are done once and remembered."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, TypeVarTuple

import sqlalchemy as sa
from dbos import DBOS, EnqueueOptions
from pydantic import TypeAdapter
from typing_extensions import TypeForm

from bot.core.errors import Transient, UserError
from bot.engine.runtime import ALL_QUEUES, VERSION, Options, current, leave, running

__all__ = [
    "ALL_QUEUES",
    "Json",
    "Options",
    "Outcome",
    "Workflow",
    "accept",
    "first_time",
    "leave",
    "outcome",
    "publish",
    "published",
    "retain",
    "running",
    "spawn",
    "spawn_later",
    "step",
    "workflow",
    "workload",
]

Json = Any  # what json.dumps takes; a recursive type costs more casts than it finds faults

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

_FINISHED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]

_fresh: ContextVar[bool] = ContextVar("fresh", default=False)
_first_time: ContextVar[bool] = ContextVar("first_time", default=False)


@dataclass(frozen=True, slots=True)
class Workflow:
    """A registered workflow; `run` is the plain function, without any durability."""

    name: str
    run: Callable[[Json], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far a workflow is: `status` in the words of DBOS (`PENDING`, `SUCCESS`, `ERROR` …).

    A successful one has a `result`, or met a `user_error`, or `gave_up` on something transient;
    `ERROR` is a bug.
    """

    status: str
    result: Json = None
    user_error: str | None = None
    gave_up: str | None = None


def workflow(name: str) -> Callable[[Callable[[Json], Coroutine[Any, Any, Json]]], Workflow]:
    """Register `async def fn(job)` under a name that stays; job and result are JSON values.

    The function awaits its steps one after the other, and does nothing else that may differ from
    one run to the next. UserError and Transient end it with a recorded outcome; any other
    exception is a bug.
    """

    def register(function: Callable[[Json], Coroutine[Any, Any, Json]]) -> Workflow:
        async def run(job: Json) -> Json:
            return await _perform(function, job)

        DBOS.workflow(name=name)(run)
        return Workflow(name, function)

    return register


async def _perform(function: Callable[[Json], Awaitable[Json]], job: Json) -> Json:
    process = current()
    with process.tracking():
        # Only the execution that recorded the ticket gets its own one back.
        ticket = uuid.uuid4().hex
        _fresh.set(await DBOS.run_step_async({"name": "begin"}, _give, ticket) == ticket)
        try:
            return {"result": await function(job)}
        except UserError as error:
            return {"user_error": error.message}
        except Transient as error:
            return {"gave_up": error.message}
        except Exception as error:
            process.options.on_bug(error)
            raise


async def _give(ticket: str) -> str:
    return ticket


async def step(
    name: str,
    function: Callable[[*_Ts], Coroutine[Any, Any, _T]],
    *arguments: *_Ts,
    returns: TypeForm[_T],
) -> _T:
    """Do `function(*arguments)` once and remember what it gave, for this workflow and this place.

    `returns` is the type of the result: builtins, dataclasses, unions of them. It is kept as JSON
    and given back as that type, now and after a recovery alike.

    Transient is tried again, after a durable pause, as Options say; the last one is raised.
    UserError is remembered and raised, now and after a recovery. A step that a crash cut short
    runs again, so that an effect looks first whether it is there, unless `first_time()`.
    """
    options = current().options
    adapter = TypeAdapter(returns)
    for attempt in range(options.tries):
        told: dict[str, Any] = await DBOS.run_step_async(
            {"name": name, "preemptible": True}, _attempt, function, arguments, adapter, attempt
        )
        if "result" in told:
            return adapter.validate_python(told["result"])
        if "user_error" in told:
            raise UserError(told["user_error"])
        if attempt + 1 < options.tries:
            await DBOS.sleep_async(_pause(options, attempt, told["retry_after"]))
    raise Transient(told["transient"], retry_after=told["retry_after"])


async def _attempt(
    function: Callable[..., Awaitable[Any]],
    arguments: tuple[Any, ...],
    adapter: TypeAdapter[Any],
    attempt: int,
) -> dict[str, Any]:
    _first_time.set(_fresh.get() and attempt == 0)
    try:
        value = await function(*arguments)
    except UserError as error:
        return {"user_error": error.message}
    except Transient as error:
        return {"transient": error.message, "retry_after": error.retry_after}
    return {"result": adapter.dump_python(value, mode="json")}


def _pause(options: Options, attempt: int, retry_after: float | None) -> float:
    if retry_after is not None:
        return retry_after
    return min(options.first_pause * 2.0**attempt, options.longest_pause)


def first_time() -> bool:
    """Tell, inside a step, that nobody can have begun this very step before.

    True on the first try in the execution that began the workflow; False on any later try, after
    a restart and after a takeover, when an effect may already be there.
    """
    return _first_time.get()


async def accept(
    workflow_id: str, workflow: Workflow, job: Json, *, attributes: Mapping[str, str]
) -> None:
    """Store a workflow to be run from the queue `deliveries`; it is durable when this returns.

    An id that is already known is no second run. Raises Transient if the database does not
    answer in time; the workflow may be stored all the same.
    """
    try:
        async with asyncio.timeout(current().options.accept_seconds):
            await DBOS.enqueue_workflow_with_options_async(
                {**_enqueue(workflow, workflow_id, "deliveries"), "attributes": dict(attributes)},
                job,
            )
    except (TimeoutError, sa.exc.DBAPIError) as error:
        raise Transient("The database does not answer.") from error


async def spawn(
    workflow: Workflow, workflow_id: str, job: Json, *, queue: str, partition: str | None = None
) -> None:
    """Let another workflow run; not to be called inside a step.

    An id that is already known is no second run. `partition` is needed on the queues `branches`
    and `reports`, which run one workflow of each partition at a time.
    """
    options = _enqueue(workflow, workflow_id, queue)
    if partition is not None:
        options["queue_partition_key"] = partition
    await DBOS.enqueue_workflow_with_options_async(options, job)


async def spawn_later(workflow: Workflow, workflow_id: str, job: Json, *, seconds: float) -> None:
    """Let another workflow run after a while; unlike one that sleeps, it holds up no stop."""
    options = _enqueue(workflow, workflow_id, "deliveries")
    options["delay_seconds"] = seconds
    await DBOS.enqueue_workflow_with_options_async(options, job)


def _enqueue(workflow: Workflow, workflow_id: str, queue: str) -> EnqueueOptions:
    return {
        "workflow_name": workflow.name,
        "workflow_id": workflow_id,
        "queue_name": queue,
        "app_version": VERSION,
    }


async def publish(key: str, value: Json) -> None:
    """Show a JSON value under a key of the current workflow; not to be called inside a step."""
    await DBOS.set_event_async(key, value)


async def published(workflow_id: str, key: str) -> Json | None:
    """Give what a workflow shows under a key now, None if nothing."""
    return await DBOS.get_event_async(workflow_id, key, timeout_seconds=0)


async def outcome(workflow_id: str) -> Outcome | None:
    """Tell how far a workflow is, None if it is unknown; in a workflow, call it inside a step."""
    status = await DBOS.get_workflow_status_async(workflow_id)
    if status is None:
        return None
    return Outcome(status.status, **(status.output or {}))


async def retain(days: float) -> int:
    """Forget the workflows that finished longer ago, and give how many; call it inside a step.

    A delivery sent again after that would be new, so this must exceed GitHub's memory.
    """
    before = datetime.now(UTC) - timedelta(days=days)
    forgotten = 0
    while True:
        old = await DBOS.list_workflows_async(
            status=_FINISHED,
            completed_before=before.isoformat(),
            limit=500,
            load_input=False,
            load_output=False,
        )
        if not old:
            return forgotten
        await DBOS.delete_workflows_async([known.workflow_id for known in old])
        forgotten += len(old)


async def workload(seconds: float = 3.0) -> Mapping[tuple[str, str], int]:
    """Give (queue, status) → count of workflows; Transient if the database does not answer."""
    return await current().monitor.workload(seconds)
