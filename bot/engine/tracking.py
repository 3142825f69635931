"""One look at an exception, and all that follows from what is seen.

Webhooks only say that it is time to look. What is done depends on what is there alone, so that a
lost, doubled or late webhook changes nothing in the end, and the repair is the same look again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.core import ending
from bot.core.checklist import Checklist
from bot.core.commands import Moved, Touched
from bot.core.model import Repository
from bot.engine import (
    cases,
    durable,
    following_up,
    landings,
    messages,
    noting_again,
    reminding,
    report,
    seeing,
    shipped,
    ticking,
)
from bot.engine.durable import Json
from bot.engine.seeing import Look
from bot.engine.world import world

Part = Callable[[Look], Awaitable[Checklist]]
"""Does in durable steps what a look asks for, and gives the checklist as it is then."""

PARTS: tuple[Part, ...] = (
    landings.attend,
    shipped.attend,
    noting_again.attend,
    ticking.attend,
    following_up.attend,
    reminding.attend,
)
"""In the order in which each builds on what those before it found."""


async def follow(command: Moved | Touched) -> None:
    """Have the exceptions looked at to which it may matter what happened."""
    wanted = await durable.step(
        "find cases", _concerned, command, returns=tuple[tuple[Repository, int], ...]
    )
    for repository, number in wanted:
        await start(repository, number, messages.own_id())


async def _concerned(command: Moved | Touched) -> tuple[tuple[Repository, int], ...]:
    """Find them in the database alone; one that has ended is of interest at its own places."""
    repository = command.repository
    if isinstance(command, Moved):
        all_ = await cases.every(repository.id)
        found = [case for case in all_ if case.moved_by(command.refs)]
    else:
        going = await cases.under_way()
        found = [case for case in going if case.touched_at(repository, command.number)]
        own = await cases.find(repository.id, command.number)
        found += [own] if own and own.ended else []
    return tuple((case.repository, case.number) for case in found)


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
        case = replace(look.case, ended=ending.has_ended(look.case.checklist))
        await durable.step("keep checklist", report.keep, case, returns=None)
