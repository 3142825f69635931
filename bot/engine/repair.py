"""What no webhook told is found by looking, and handled as if one had come.

It is looked soon after a start, and every hour. What changed lately comes as the deliveries that
GitHub would have sent, under names by which a thing that was handled is not handled again; what
is under way is looked at as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dbos import DBOS
from pydantic import TypeAdapter

from bot.core import marker, missed
from bot.core.commands import Command, ConfigurationProposed, Delivery, Gated
from bot.core.config import Configuration
from bot.core.errors import UserError
from bot.core.model import PullRequest, Repository
from bot.engine import (
    accept,
    cases,
    durable,
    gate_book,
    gate_calendar,
    last_seen,
    mending,
    register,
    tips,
)
from bot.engine.durable import Json
from bot.engine.exception import usable
from bot.engine.world import github, world

EACH_HOUR = "23 * * * *"
_AFTER_START = 60.0  # seconds: what just arrives shall not be looked for
_OVERLAP = timedelta(minutes=10)  # GitHub's lists lag, and clocks differ
_FIRST = timedelta(hours=1)  # how far back the first look at a repository goes
_LONGEST = timedelta(days=30)  # what was handled is remembered for longer than that
_REPOSITORY = TypeAdapter(Repository)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a repository found: deliveries, and numbers that are to be looked at."""

    at: datetime
    deliveries: tuple[Delivery, ...]
    numbers: tuple[int, ...]


async def begin(when: str = EACH_HOUR) -> None:
    """Look once, soon, and then by the clock; several processes tick once, not each."""
    now = datetime.now(UTC)
    name = f"repair:{now:%Y%m%dT%H%M%S}:start"
    await durable.spawn_later(repair, name, now.isoformat(), seconds=_AFTER_START)
    await DBOS.apply_schedules_async(
        [
            {
                "schedule_name": "repair",
                "workflow_fn": _tick_repair,
                "schedule": when,
                "queue_name": "deliveries",
            }
        ]
    )


@DBOS.workflow(name="tick repair")
async def _tick_repair(when: datetime, _context: object) -> None:
    name = f"repair:{when:%Y%m%dT%H%M%S}"
    await durable.spawn(repair, name, when.isoformat(), queue="deliveries")


@durable.workflow("repair")
async def repair(job: Json) -> None:
    """Have every repository looked at."""
    everywhere = await durable.step(
        "list repositories", world().app.repositories, returns=tuple[Repository, ...]
    )
    for one in everywhere:
        await durable.spawn(
            look_around,
            f"repair:{job}:{one.id}",
            {"repository": _REPOSITORY.dump_python(one), "when": job},
            queue="deliveries",
        )


@durable.workflow("repair repository")
async def look_around(job: Json) -> None:
    """Pass on what was missed in one repository, and look at all that is under way there."""
    repository, when = _REPOSITORY.validate_python(job["repository"]), job["when"]
    looked: Looked = await durable.step(
        "look around", _look_around, repository, when, returns=Looked
    )
    for delivery in looked.deliveries:
        await accept.pass_on(delivery)
    for number in looked.numbers:
        await mending.start(repository, number, when)
    await gate_calendar.look(repository)
    moment = looked.at.isoformat()
    await durable.step(
        "remember", last_seen.put, repository.id, last_seen.LOOKED, moment, returns=None
    )
    await _judge_pushes(repository, when)


async def _judge_pushes(repository: Repository, when: str) -> None:
    """Have judged what was pushed to targets by hand, of which nobody told."""
    moved: tips.Moved = await durable.step(
        "look at branches", tips.look, repository, returns=tips.Moved
    )
    if moved.pushes:
        guid = f"missed:{repository.id}:{when}:pushes"
        await accept.pass_on(Delivery(guid, "repair", None, repository, moved.pushes))
    if moved.tips:
        await durable.step("remember branches", tips.remember, repository, moved.tips, returns=None)


async def _look_around(repository: Repository, when: str) -> Looked:
    now = world().clock()
    since = await _since(repository, now)
    changes = world().app.changes(repository)
    said = (*await changes.comments(since), *await changes.issues(since))
    pulls = await changes.pulls(since)
    found = [await _commands(repository, pull) for pull in pulls]
    commands = tuple(one for many in found for one in many)
    guid = f"missed:{repository.id}:{when}"
    deliveries = (*said, Delivery(guid, "repair", None, repository, commands))
    numbers = await _under_way(repository) | await _claimed(repository, pulls)
    free = [one for one in sorted(numbers) if await mending.claimed(repository, one, when)]
    return Looked(now, tuple(one for one in deliveries if one.commands), tuple(free))


async def _since(repository: Repository, now: datetime) -> datetime:
    """Give the moment from which on something may have been missed."""
    last = await last_seen.get(repository.id, last_seen.LOOKED)
    return max(datetime.fromisoformat(last) - _OVERLAP if last else now - _FIRST, now - _LONGEST)


async def _commands(repository: Repository, pull: PullRequest) -> list[Command]:
    """Give what the present state of a pull request asks for and was not done yet."""
    found: list[Command] = []
    at_default = pull.base_branch == pull.default_branch
    backport = not at_default and marker.source_of(pull.body) is not None
    if pull.is_open and not backport:
        seen = await last_seen.get(repository.id, last_seen.head(pull.number))
        if seen != pull.head_sha:
            found.append(ConfigurationProposed(repository, pull.number, pull.head_sha))
    entry = await gate_book.find(repository.id, pull.number)
    # One of ours is judged when it is opened; before, nobody knows for sure that it is.
    if entry or not backport:
        judged = missed.proposal(pull, entry.proposal if entry else None)
        found += [Gated(repository, judged)] if judged else []
    return found


async def _under_way(repository: Repository) -> set[int]:
    """Give where an exception is followed or voted on."""
    votes = await register.open_motions(repository.id)
    going = {vote.motion.question.number for vote in votes}
    return going | {case.number for case in await cases.under_way(repository.id)}


async def _claimed(repository: Repository, pulls: tuple[PullRequest, ...]) -> set[int]:
    """Give the pull requests on which a label of ours may be, or on which something was decided."""
    labelled = [pull for pull in pulls if pull.labels]
    configuration = await _configuration(repository) if labelled else None
    found = {pull.number for pull in labelled if missed.claims(pull, configuration)}
    decided = [p.number for p in pulls if await register.decisions_at(repository.id, p.number)]
    return found | set(decided)


async def _configuration(repository: Repository) -> Configuration | None:
    try:
        return await usable(github(repository), repository)
    except UserError:
        return None
