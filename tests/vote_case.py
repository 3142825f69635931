"""The vote on ticket 34063 as tests need it: a motion of 2022-12-30, and people who vote on it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.core import motion
from bot.core.model import Target
from bot.core.motion import Motion, Question, Terms
from bot.core.votes import ballots, register
from bot.core.votes.register import Event, Happening, Kind, Register, Seen
from bot.core.votes.roster import Member, Roster
from bot.core.votes.rule import Rule
from bot.core.votes.rules import catalogue
from bot.core.votes.tally import Tally

OPENED = datetime(2022, 12, 30, 10, tzinfo=UTC)
CLOSE = OPENED + timedelta(days=7)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
COMMIT = "c4eaa67e2b880db778c9fe6d9854fbdfcc16ecd2"
TARGETS = tuple(Target(f"stable/{series}", series) for series in ("4.1.x", "4.0.x", "3.2.x"))
SIGNS = {"+": "+1", "0": "0", "-": "-1"}


def seats(number: int) -> tuple[str, ...]:
    """Name so many voters."""
    return tuple(f"seat{at}" for at in range(1, number + 1))


def rule(name: str, **options: str) -> Rule:
    """Make a rule whatever its dates are."""
    return catalogue.find(catalogue.in_force(name, day_of(name), options).ref)


def day_of(name: str) -> date:
    """Give a day on which a rule is in force."""
    return date(2025, 2, 1) if name == "django-spokesperson" else OPENED.date()


def asked(
    by: Rule | None = None,
    number: int = 5,
    *,
    text: str = "Shall 34063 be backported?",
    targets: tuple[Target, ...] = TARGETS,
    deadline: datetime | None = None,
) -> Motion:
    """Open the motion under a rule, DEP 10 by default, with so many seats."""
    roster = Roster("steering-council", tuple(Member(login) for login in seats(number)))
    where = "https://github.com/django/django/pull/16210"
    question = Question("django/django", 16210, where, "asker", text, COMMIT, targets)
    terms = Terms(roster, ("clerk",), by or rule("django-dep10"), deadline)
    return motion.opened(question, terms, OPENED)


def said(
    who: str, body: str, at: datetime = OPENED + DAY, place: str = "", kind: Kind = Kind.CAST
) -> Event:
    """Let somebody write a comment."""
    place = place or f"comment:{who}"
    seen = Seen(
        place, register.digest(f"{kind}{body}"), kind, who, at, f"https://example.org/{place}"
    )
    return register.event(seen, ballots.of_comment(body, who))


def reviewed(who: str, state: str, at: datetime = OPENED + DAY) -> Event:
    """Let somebody review."""
    seen = Seen(f"review:{who}", state, Kind.CAST, who, at, "https://example.org/review")
    return register.event(seen, ballots.of_review(state, who))


def labelled(who: str, label: str, at: datetime = OPENED + DAY, kind: Kind = Kind.CAST) -> Event:
    """Let somebody set a label, or take it off."""
    seen = Seen(f"label:{label}", f"{at}", kind, who, at, "https://example.org/label")
    return register.event(seen, ballots.of_label(label, who))


def votes(signs: str) -> Register:
    """Let seats vote in turn, as in `++0-`."""
    pairs = zip(seats(len(signs)), signs, strict=True)
    return register.fold(said(who, SIGNS[sign]) for who, sign in pairs)


def count(of: Motion, happenings: Register | list[Happening], at: datetime = CLOSE) -> Tally:
    """Count at a moment, which is the first deadline by default."""
    known = happenings if isinstance(happenings, Register) else register.fold(happenings)
    return motion.tallied(of, known, at)
