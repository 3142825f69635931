"""A nudge from one workflow to another: kept until it is taken, and taken once."""

from __future__ import annotations

from dbos import DBOS

from bot.engine import durable

_TOPIC = "nudge"
_WAITING = frozenset({"ENQUEUED", "PENDING"})


def own_id() -> str:
    """Give the id of the current workflow, by which others can nudge it."""
    found = DBOS.workflow_id
    if found is None:
        raise RuntimeError("only a workflow has an id")
    return found


async def nudge(workflow_id: str) -> None:
    """Have a workflow go on that is in `pause`; not to be called inside a step.

    One that is unknown or at its end is left alone. One that is not in `pause` now goes on at once
    when it comes to it.
    """
    if await durable.step("look for it", _waits, workflow_id, returns=bool):
        await DBOS.send_async(workflow_id, "go on", _TOPIC)


async def pause(seconds: float) -> None:
    """Wait for a nudge, and at most so long; the time also runs while no process does."""
    await DBOS.recv_async(_TOPIC, timeout_seconds=seconds)


async def _waits(workflow_id: str) -> bool:
    found = await durable.outcome(workflow_id)
    return found is not None and found.status in _WAITING
