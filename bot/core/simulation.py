"""A vote as it would be: at another moment, with other votes, under another rule.

Nothing of it is kept or said anywhere; it answers the question of who looks at a vote.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.core import motion as motions
from bot.core.errors import UserError
from bot.core.motion import Motion
from bot.core.votes import register, wording
from bot.core.votes.ballots import Ballot, Means
from bot.core.votes.register import Event, Kind, Register, Seen
from bot.core.votes.roster import key
from bot.core.votes.rule import Rule
from bot.core.votes.rules import catalogue
from bot.core.votes.tally import Tally
from bot.core.votes.wording import Choice, Words

_WAYS = (Means.COMMENT, Means.REVIEW, Means.ANSWER, Means.LABEL)
_LONGEST = 40  # characters of a login, with its @
_MOST_VOTES = 100


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote that somebody might cast; `login` is in the form in which logins are compared."""

    login: str
    choice: Choice


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is taken to be otherwise: a moment (aware), votes, a rule; empty for as it is."""

    at: datetime | None = None
    votes: tuple[Vote, ...] = ()
    rule: str = ""

    @property
    def counts_anew(self) -> bool:
        """Tell whether votes or rule differ, so that a recorded decision does not bind."""
        return bool(self.votes or self.rule)


def read(at: str, votes: Iterable[str], rule: str) -> Supposed:
    """Read what a person supposes: `2023-01-06` (or with a time), `@member=+1`, a rule's name.

    A day means its beginning, and a time without a zone is in UTC. Raises UserError for what
    cannot be read.
    """
    if rule and rule not in catalogue.IDS:
        raise UserError(f"There is no rule `{rule}`; known are {', '.join(catalogue.IDS)}.")
    read_votes = tuple(map(_vote, votes))
    if len(read_votes) > _MOST_VOTES:
        raise UserError(f"At most {_MOST_VOTES} votes can be supposed at once.")
    return Supposed(_moment(at) if at else None, read_votes, rule)


def tallied(
    motion: Motion, seen: Register, supposed: Supposed, now: datetime, decided_at: datetime | None
) -> Tally:
    """Count a vote as it would be; `now` is the moment of asking, if none is supposed.

    Supposed votes are cast at the last moment that can count. Raises UserError where the rule
    cannot be used.
    """
    at = supposed.at or now
    if not supposed.counts_anew:
        ended = decided_at if decided_at and decided_at <= at else None
        return motions.tallied(motion, seen, at, ended)
    rule = _rule(motion, supposed.rule)
    other = _under(motion, rule) if supposed.rule else motion
    closed_at = motions.tallied(other, seen, at).closed_at
    cast_at = max(min(at, now, closed_at or at), motion.opened_at)
    events = (_cast(vote, rule, cast_at) for vote in supposed.votes)
    return motions.tallied(other, register.fold(events, seen), at)


def _rule(motion: Motion, name: str) -> Rule:
    return catalogue.make(name, {}) if name else catalogue.find(motion.rule)


def _under(motion: Motion, rule: Rule) -> Motion:
    """Put a motion under another rule, with that rule's own deadline where it has one."""
    period = rule.timing.period
    deadline = motion.opened_at + period if period else motion.deadline
    return replace(motion, rule=rule.ref, deadline=deadline)


def _cast(vote: Vote, rule: Rule, at: datetime) -> Event:
    means = next((way for way in _WAYS if way in rule.form.means), Means.COMMENT)
    seen = Seen(f"supposed:{vote.login}", vote.choice.value, Kind.CAST, vote.login, at, "")
    return Event(seen, (Ballot(vote.login, vote.choice, means),))


def _vote(text: str) -> Vote:
    login, mark, word = text.strip().partition("=")
    choice = wording.named(word, _words()) if mark else None
    plain = key(login.strip())
    if choice is None or not plain or len(plain) > _LONGEST:
        raise UserError(f"`{text[:80]}` is no vote; write it as `@member=+1`.")
    return Vote(plain, choice)


def _words() -> Words:
    decline = (("decline", Choice.DECLINE),)
    return Words((*wording.DEFAULT.alone, *decline), wording.DEFAULT.beside)


def _moment(text: str) -> datetime:
    try:
        read_at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UserError(
            f"`{text[:80]}` is no date; write it as 2023-01-06 or 2023-01-06T12:00Z."
        ) from None
    return read_at if read_at.tzinfo else read_at.replace(tzinfo=UTC)
