"""When the clock has something to do for a vote: a reminder before each end, and the end."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.vote_record import Status, Vote
from bot.core.votes.tally import Tally

_BEFORE = timedelta(days=2)


def reminder_at(opened_at: datetime, end: datetime) -> datetime:
    """Give when to remind of an end: two days before, or half-way where the time is short."""
    return max(end - _BEFORE, opened_at + (end - opened_at) / 2)


def due_at(vote: Vote, tally: Tally) -> datetime | None:
    """Give when something is to be done next, None for never."""
    end = tally.closes_at
    if vote.status is not Status.OPEN or end is None:
        return None
    if vote.reminded == end:
        return end
    return reminder_at(vote.motion.opened_at, end)
