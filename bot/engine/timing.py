"""The clock of votes: each minute what is due is looked at, and done once however often it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dbos import DBOS

from bot.core import schedule, vote_comments
from bot.core.vote_record import Status, Vote
from bot.core.votes.rule import Outcome
from bot.engine import balloting, deciding, durable, motions, register, saying
from bot.engine.durable import Json
from bot.engine.exception import Remark
from bot.engine.world import world

EACH_MINUTE = "* * * * *"


@dataclass(frozen=True, slots=True)
class Due:
    """What the clock brings to a vote: its end, or something to be told."""

    vote: Vote | None = None
    closed: bool = False
    remark: Remark | None = None


async def begin(when: str = EACH_MINUTE) -> None:
    """Look at what is due, again and again; several processes tick once, not each."""
    await DBOS.apply_schedules_async(
        [
            {
                "schedule_name": "votes",
                "workflow_fn": _tick_votes,
                "schedule": when,
                "queue_name": "deliveries",
            }
        ]
    )


@DBOS.workflow(name="tick votes")
async def _tick_votes(when: datetime, _context: object) -> None:
    await durable.spawn(look, f"votes:{when:%Y%m%dT%H%M%S}", when.isoformat(), queue="deliveries")


@durable.workflow("look at votes")
async def look(job: Json) -> None:
    """Send each vote that is due to the queue of its issue or pull request."""
    due = await durable.step("find due", _find_due, returns=tuple[tuple[str, str], ...])
    for key, partition in due:
        await durable.spawn(
            attend, f"attend:{key}:{job}", key, queue="branches", partition=partition
        )


@durable.workflow("attend to a vote")
async def attend(job: Json) -> None:
    """Do for one vote what is due."""
    due: Due = await durable.step("attend", _attend, str(job), returns=Due)
    if due.vote is None:
        return
    if due.closed:
        await deciding.close(due.vote)
        return
    await durable.step("show", motions.show, due.vote, returns=None)
    if due.remark:
        vote, number = due.vote, due.vote.motion.question.number
        await durable.step(
            "tell", saying.say_once, vote.repository, number, due.remark, returns=None
        )


async def _find_due() -> tuple[tuple[str, str], ...]:
    votes = await register.open_motions_due(world().clock())
    return tuple(
        (vote.key, f"{vote.repository_id}:{vote.motion.question.number}") for vote in votes
    )


async def _attend(key: str) -> Due:
    """Find out what is due now, and note it down so that it is done once."""
    vote, now = await register.motion(key), world().clock()
    if vote is None or vote.status is not Status.OPEN:
        return Due()
    if not _is_due(vote, now):
        return Due()
    vote = await balloting.with_changes(vote, now)
    tally = vote.tally(now)
    if tally.outcome is not Outcome.OPEN and balloting.may_close(vote):
        await motions.keep(vote)
        return Due(vote, closed=True)
    if tally.closes_at != vote.told_end:
        vote = replace(vote, told_end=tally.closes_at)
        kind, text = vote_comments.prolonged_kind(tally.closes_at), vote_comments.prolonged
    else:
        vote = replace(vote, reminded=tally.closes_at)
        kind, text = vote_comments.reminder_kind(tally.closes_at), vote_comments.reminder
    await motions.keep(vote)
    silent = vote.problem or tally.outcome is not Outcome.OPEN
    return Due(vote, remark=None if silent else Remark(kind, text(vote, tally)))


def _is_due(vote: Vote, now: datetime) -> bool:
    """Tell whether a moment has come of which nothing was told yet."""
    tally = vote.tally(now)
    due_at = schedule.due_at(vote, tally)
    news = tally.closes_at != vote.told_end or tally.outcome is not Outcome.OPEN
    return news or (due_at is not None and due_at <= now)
