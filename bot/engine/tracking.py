"""One look at an exception, and all that follows from what is seen.

Webhooks only say that it is time to look. What is done depends on what is there alone, so that a
lost, doubled or late webhook changes nothing in the end, and the repair is the same look again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.core.checklist import Checklist
from bot.core.model import Repository
from bot.engine import durable, report, seeing
from bot.engine.durable import Json
from bot.engine.seeing import Look
from bot.engine.world import world

Part = Callable[[Look], Awaitable[Checklist]]
"""Does in durable steps what a look asks for, and gives the checklist as it is then."""

PARTS: tuple[Part, ...] = ()
"""In the order in which each builds on what those before it found."""


async def start(repository: Repository, number: int, cause: str) -> None:
    """Have an exception looked at, after what happens to it now; `cause` names why, once."""
    await durable.spawn(
        track,
        f"track:{repository.id}:{number}:{cause}",
        {"repository": repository.id, "number": number},
        queue="branches",
        partition=f"{repository.id}:{number}",
    )


@durable.workflow("track")
async def track(job: Json) -> None:
    """Look at one exception and act."""
    look: Look | None = await durable.step(
        "look at case", seeing.look, job["repository"], job["number"], returns=Look | None
    )
    if look is None:
        return
    name = look.case.repository.full_name
    with world().observer.context(repository=name, pull=str(look.case.number)):
        for part in PARTS:
            checklist = await part(look)
            look = replace(look, case=replace(look.case, checklist=checklist))
        await durable.step("keep checklist", report.keep, look.case, returns=None)
