"""Periodic repair: deliveries that were lost are asked for again, and old work is forgotten.

GitHub does not send a delivery again by itself, so what fell into an outage would be lost.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dbos import DBOS

from bot.engine import durable
from bot.engine.durable import Json
from bot.engine.world import world

_LOOK_BACK = timedelta(hours=6)
_KEPT_DAYS = 45.0  # GitHub sends a delivery again for some days at most
_AFTER_START = 20.0  # seconds: what just arrives shall not be asked for


async def begin() -> None:
    """Sweep once, soon, for what came while nobody listened, and then by the clock.

    Several processes that share a database tick once, not each.
    """
    now = datetime.now(UTC)
    name = f"sweep:{now:%Y%m%dT%H%M%S}:start"
    await durable.spawn_later(sweep, name, now.isoformat(), seconds=_AFTER_START)
    await DBOS.apply_schedules_async(
        [
            {
                "schedule_name": "sweep",
                "workflow_fn": _tick_sweep,
                "schedule": "*/10 * * * *",
                "queue_name": "deliveries",
            },
            {
                "schedule_name": "tidy",
                "workflow_fn": _tick_tidy,
                "schedule": "17 3 * * *",
                "queue_name": "deliveries",
            },
        ]
    )


@DBOS.workflow(name="tick sweep")
async def _tick_sweep(when: datetime, _context: object) -> None:
    await durable.spawn(sweep, f"sweep:{when:%Y%m%dT%H%M}", when.isoformat(), queue="deliveries")


@DBOS.workflow(name="tick tidy")
async def _tick_tidy(when: datetime, _context: object) -> None:
    await durable.spawn(tidy, f"tidy:{when:%Y%m%d}", when.isoformat(), queue="deliveries")


@durable.workflow("sweep")
async def sweep(job: Json) -> None:
    """Ask again for what never arrived, each delivery at most once an hour."""
    when = datetime.fromisoformat(job)
    failed = await durable.step(
        "find failed", _find_failed, when - _LOOK_BACK, returns=tuple[tuple[int, str], ...]
    )
    for number, guid in failed:
        await durable.spawn(
            redeliver, f"redeliver:{guid}:{when:%Y%m%dT%H}", number, queue="deliveries"
        )


@durable.workflow("redeliver")
async def redeliver(job: Json) -> None:
    """Ask for one delivery again."""
    await durable.step("redeliver", world().app.redeliver, int(job), returns=None)


@durable.workflow("tidy")
async def tidy(_job: Json) -> None:
    """Forget work and logs that ended long ago, and have the mirrors kept in order."""
    await durable.step("forget", durable.retain, _KEPT_DAYS, returns=int)
    await durable.step("sweep logs", _sweep_logs, returns=int)
    await durable.step("maintain mirrors", world().mirrors.maintain, returns=None)


async def _find_failed(since: datetime) -> tuple[tuple[int, str], ...]:
    return await world().app.failed_deliveries(since)


async def _sweep_logs() -> int:
    return world().logs.sweep()
