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
from bot.core.errors import UserError
from bot.core.model import Repository
from bot.engine import (
    cases,
    durable,
    following_up,
    landings,
    last_seen,
    messages,
    noting_again,
    reminding,
    report,
    seeing,
    shipped,
    ticking,
)
from bot.engine.cases import Case
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
    cause = messages.own_id()
    wanted = await durable.step(
        "find cases", _concerned, command, cause, returns=tuple[tuple[Repository, int], ...]
    )
    for repository, number in wanted:
        await start(repository, number, cause)


async def _concerned(command: Moved | Touched, cause: str) -> tuple[tuple[Repository, int], ...]:
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
    return tuple([(c.repository, c.number) for c in found if await _claimed(c, cause)])


async def _claimed(case: Case, cause: str) -> bool:
    """Note that a look is about to start, unless one that waits will see the same.

    A push of several branches and tags brings a hint for each.
    """
    place = f"track:{case.number}"
    last = await last_seen.get(case.repository.id, place)
    earlier = await durable.outcome(_name(case.repository.id, case.number, last)) if last else None
    if last != cause and earlier and earlier.status == "ENQUEUED":
        return False
    await last_seen.put(case.repository.id, place, cause)
    return True


def _name(repository_id: int, number: int, cause: str) -> str:
    return f"track:{repository_id}:{number}:{cause}"


async def start(repository: Repository, number: int, cause: str) -> None:
    """Have an exception looked at, after what happens to it now; `cause` names why, once."""
    await durable.spawn(
        track,
        _name(repository.id, number, cause),
        {"repository": repository.id, "number": number},
        queue="branches",
        partition=f"{repository.id}:{number}",
    )


@durable.workflow("track")
async def track(job: Json) -> None:
    """Look at one exception and act; what cannot be done stops nothing else."""
    look: Look | None = await durable.step(
        "look at case", seeing.look, job["repository"], job["number"], returns=Look | None
    )
    if look is None:
        return
    name = look.case.repository.full_name
    with world().observer.context(repository=name, pull=str(look.case.number)):
        for part in PARTS:
            look = await _attended(look, part)
        await durable.step("keep checklist", _keep, look.case, returns=None)


async def _attended(look: Look, part: Part) -> Look:
    """Let one part do its work."""
    try:
        checklist = await part(look)
    except UserError as error:
        world().observer.note("stopped", part=part.__module__, why=error.message)
        return look
    return replace(look, case=replace(look.case, checklist=checklist))


async def _keep(case: Case) -> None:
    """Write down what was found; a test run may have ended meanwhile, and has written its own."""
    known = await cases.find(case.repository.id, case.number)
    checklist = case.checklist.tested_as(known.checklist) if known else case.checklist
    ended = ending.has_ended(checklist)
    await report.keep(replace(case, checklist=checklist, ended=ended))
