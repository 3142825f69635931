"""Whom an exception waits for, and when that person is reminded of it.

A thing is reminded of after the configured days, then one week later, then two, then four. All
that is due goes into one comment, at most one a week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core import markdown
from bot.core.checklist import Checklist, Reminded, Row
from bot.core.follow_config import Reminders
from bot.core.model import Outcome
from bot.core.noted import Stand
from bot.core.sighting import SeenTarget, Sighting

LAST = ""
"""The key under which the last comment is kept, and how many there were."""

_WEEK = timedelta(weeks=1)
_SATURDAY = 5


class Turn(StrEnum):
    """Whose turn it is."""

    ASKER = "asker"  # who claimed the exception, and finishes what git could not
    MERGER = "merger"
    RELEASER = "releaser"
    COUNCIL = "council"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for somebody; `said` is a sentence of Markdown.

    `key` tells it from all others. `since` is when it began, None where only we can tell.
    """

    key: str
    turn: Turn
    said: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent now, nothing or one comment, and what is known of reminders after that.

    `number` counts the comments, and names the one that is sent.
    """

    due: tuple[Waiting, ...]
    number: int
    reminded: tuple[Reminded, ...]


def waiting(checklist: Checklist, seen: Sighting) -> tuple[Waiting, ...]:
    """List what an exception waits for, target by target, and the follow-up last."""
    if checklist.forecast:
        return ()
    found = []
    for row in checklist.rows:
        target = seen.target(row.branch)
        if target and target.tip:
            found += _of_row(row, target)
    return (*found, *_of_policy(checklist))


def plan(things: Sequence[Waiting], checklist: Checklist, rules: Reminders, now: datetime) -> Plan:
    """Choose what is due at a moment; what waits no longer is forgotten."""
    known = {one.key: one for one in checklist.reminded}
    last = known.pop(LAST, None)
    quiet = _is_quiet(last, checklist.snoozed_until, rules, now)
    due, reminded = [], []
    for one in things:
        before = known.get(one.key) or Reminded(one.key, one.since or now, 0)
        if not quiet and before.at + pause(before.times, rules.days) <= now:
            due.append(one)
            reminded.append(Reminded(one.key, now, before.times + 1))
        elif before.times or one.since is None:
            reminded.append(before)
    number = (last.times if last else 0) + bool(due)
    sent = Reminded(LAST, now, number) if due else last
    return Plan(tuple(due), number, (*([sent] if sent else []), *reminded))


def pause(times: int, days: int) -> timedelta:
    """Give how long a thing is left in peace after so many reminders."""
    return timedelta(days=days) if times == 0 else _WEEK * 2 ** (times - 1)


def _is_quiet(
    last: Reminded | None, snoozed: datetime | None, rules: Reminders, now: datetime
) -> bool:
    """Tell whether nothing may be sent at a moment, whatever is due."""
    weekend = now.weekday() >= _SATURDAY and not rules.weekends
    return bool(weekend or (snoozed and now < snoozed) or (last and now < last.at + _WEEK))


def _of_row(row: Row, seen: SeenTarget) -> list[Waiting]:
    branch = markdown.code(row.branch)
    if row.merged:
        return [*_of_note(row), *_of_release(row)]
    pull = seen.pull
    if pull is None:
        by_hand = row.outcome is Outcome.CONFLICT and not row.landing
        said = f"{branch} waits for somebody who finishes the pick by hand."
        return [Waiting(f"pick:{row.branch}", Turn.ASKER, said)] if by_hand else []
    if not pull.is_open or row.held_back:
        return []
    open_since = f"#{pull.number} to {branch} is open since {pull.created_at:%Y-%m-%d}"
    key = f"pull:{pull.number}"
    if pull.draft:
        said = f"{open_since}, as a draft that a person has to finish."
        return [Waiting(key, Turn.ASKER, said, pull.created_at)]
    return [Waiting(key, Turn.MERGER, f"{open_since}, and waits to be merged.", pull.created_at)]


def _of_note(row: Row) -> list[Waiting]:
    """Ask for a release note that the branch still lacks after the merge."""
    noted = row.noted
    if row.shipped or noted is None or noted.stand is Stand.WRITTEN:
        return []
    branch, file = markdown.code(row.branch), markdown.code(noted.path)
    version = f" for {noted.version}" if noted.version else ""
    said = f"{branch} has the fix, but not its release note{version} in {file}."
    return [Waiting(f"note:{row.branch}", Turn.ASKER, said, _landed_at(row))]


def _of_release(row: Row) -> list[Waiting]:
    if row.shipped or not row.version:
        return []
    said = f"{markdown.code(row.branch)} has the fix, and {row.version} is not released yet."
    return [Waiting(f"release:{row.branch}", Turn.RELEASER, said, _landed_at(row))]


def _landed_at(row: Row) -> datetime | None:
    return row.landing.at if row.landing else None


def _of_policy(checklist: Checklist) -> list[Waiting]:
    talk = checklist.follow_up
    if talk is None or talk.closed:
        return []
    said = (
        f"The follow-up is open: {talk.url}"
        if talk.url
        else "The follow-up waits to be posted; its text is ready above."
    )
    return [Waiting("follow-up", Turn.COUNCIL, said)]
