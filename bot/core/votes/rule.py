"""What a rule of decision is: which ballots it knows, what they come to, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.core.votes.poll import Count, Form


class Outcome(StrEnum):
    """What came of a question; DECLINED means that the body would not decide it.

    OVERTURNED is an outcome of decisions alone, never of a count.
    """

    OPEN = "open"
    ACCEPTED = "accepted"
    NO_ACTION = "no action"
    VETO = "veto"
    REJECTED = "rejected"
    DECLINED = "declined"
    OVERTURNED = "overturned"


@dataclass(frozen=True, slots=True)
class RuleRef:
    """A rule as a motion names it: its id, its version, and its settings as text."""

    id: str
    version: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """When a rule closes.

    `period` runs from the opening; None leaves the end to the asker, or to nobody. `extension` is
    added, again and again, while the count is open. `early` lets a count that is settled close
    before its end. Where nothing extends, a count still open at the end becomes `lapsed`.
    """

    period: timedelta | None = None
    extension: timedelta | None = None
    early: bool = False
    lapsed: Outcome = Outcome.REJECTED


@dataclass(frozen=True, slots=True)
class About:
    """The words of a rule for people, each the cell of a table, and where they come from.

    `since` and `until` bound the days on which it may be opened; None leaves that end open.
    """

    passes: str
    close: str
    fails: str
    again: str
    asks: str
    venue: str
    source: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a waiting time hangs on: vetoes of the same question before, and days that are known."""

    earlier_vetoes: int = 0
    next_feature_release: date | None = None
    next_election: date | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """When the same question may be asked again; `not_before` is None where no day is known."""

    not_before: date | None
    why: str

    @property
    def said(self) -> str:
        """Say it, with the first day on which it may be, where one is known."""
        first = f" That is not before {self.not_before:%Y-%m-%d}." if self.not_before else ""
        return f"{self.why}{first}"


def at_any_time(_closed: datetime, _outcome: Outcome, _: Circumstances) -> Waiting:
    """Set no waiting time."""
    return Waiting(None, "It may be asked again at any time.")


def nothing(_: Count) -> str:
    """Remark nothing."""
    return ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in one version.

    `decide` gives the outcome that a count would have if it were closed, OPEN while it may not
    close. `reason` says why, as the end of a sentence. `remark` tells of a second reading of the
    rule's text, empty for none.
    """

    ref: RuleRef
    form: Form
    timing: Timing
    about: About
    decide: Callable[[Count], Outcome]
    reason: Callable[[Count], str]
    again: Callable[[datetime, Outcome, Circumstances], Waiting] = at_any_time
    remark: Callable[[Count], str] = nothing
