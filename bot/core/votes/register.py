"""The register: everything that was seen of a vote, once each, whatever comes twice or late.

It is a fold that neither order nor repetition changes: `fold(events)` of any events, in any order,
as often as they come, is the same register. Nothing is ever taken out, so it is the history too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.votes.ballots import Ballot, Reading
from bot.core.votes.roster import RosterChange


class Kind(StrEnum):
    """What happened at the place of a ballot."""

    CAST = "cast"
    EDITED = "edited"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that was seen, at the place where a ballot may stand.

    `place` names the comment, review or label (`comment:123`). `stamp` tells its states apart (the
    time of the edit, or `digest` of the text): place and stamp are the identity. `author` wrote
    what stands there. `at` is the moment from which it counts, with a time zone: when it was
    written, where that is certain, else when it was seen. `by_another` says that somebody other
    than the author edited or deleted a comment: what the author had said goes on to count.
    """

    place: str
    stamp: str
    kind: Kind
    author: str
    at: datetime
    url: str
    by_another: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """What was seen, with the ballots that stand at its place from then on; none when deleted."""

    seen: Seen
    ballots: tuple[Ballot, ...] = ()
    problem: str = ""

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Give the key by which events are put in order."""
        return (self.seen.at, self.seen.place, self.seen.stamp)


Happening = Event | RosterChange


@dataclass(frozen=True, slots=True)
class Register:
    """All events, and all changes of the roster, each in the order of their moments."""

    events: tuple[Event, ...] = ()
    changes: tuple[RosterChange, ...] = ()


EMPTY = Register()


def event(seen: Seen, reading: Reading) -> Event:
    """Join what was seen with what was read there."""
    if seen.kind is Kind.DELETED:
        return Event(seen)
    return Event(seen, reading.ballots, reading.problem)


def digest(text: str) -> str:
    """Give a stamp for a text whose time of edit is unknown."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fold(happenings: Iterable[Happening], start: Register = EMPTY) -> Register:
    """Add happenings to a register; of one that was seen twice, the earlier moment counts."""
    known = {(one.seen.place, one.seen.stamp): one for one in start.events}
    changes = set(start.changes)
    for happening in happenings:
        if isinstance(happening, RosterChange):
            changes.add(happening)
            continue
        identity = (happening.seen.place, happening.seen.stamp)
        known[identity] = min(known.get(identity, happening), happening, key=lambda one: one.order)
    return Register(
        tuple(sorted(known.values(), key=lambda one: one.order)),
        tuple(sorted(changes, key=lambda one: (one.at, one.login, one.joined))),
    )
