"""Django's DEP 10: a net score after a week, prolonged while a vote to come may matter.

Source: DEP 10, section "Voting process" (in force from 2020-03-12). Its rule of when a vote is
incomplete has two gaps, which are settings; `literal` reads the text as it stands.

- `further_votes`: the text asks whether one more vote may change the outcome, not whether all that
  are outstanding may. `all` asks that.
- `no_majority`: with an even number of seats, half of them voted and half not, neither half of the
  rule applies. `open` prolongs the vote then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.core.votes.ballots import Means
from bot.core.votes.poll import Count, Form
from bot.core.votes.rule import About, Circumstances, Outcome, Rule, RuleRef, Timing, Waiting
from bot.core.votes.wording import Choice

VERSION = "2020-03-12"
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "further_votes": ("literal", "all"),
    "no_majority": ("literal", "open"),
}
_WEEK = timedelta(days=7)
_ACCEPT, _ACCEPT_GOVERNANCE = 3, 4
_ONE_VOTE_FROM_CHANGE = (-1, 0, 2, 3)
_MONTHS = 6
_SCALE = frozenset(
    {Choice.FOR, Choice.LEANING_FOR, Choice.NEUTRAL, Choice.LEANING_AGAINST, Choice.AGAINST}
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the text is read: the score that accepts, and each of the two gaps."""

    accept: int = _ACCEPT
    all_further_votes: bool = False
    open_without_majority: bool = False

    def decide(self, count: Count) -> Outcome:
        """Give the outcome at the end of a period."""
        if self._incomplete(count):
            return Outcome.OPEN
        return self._by_score(count.score)

    def reason(self, count: Count) -> str:
        """Say how many voted and what their score means."""
        voted = count.seats - len(count.outstanding)
        return (
            f"{voted} of {count.seats} have voted and the score is {count.score:+d}; "
            f"{self.accept} or more accepts, less than 0 is a veto"
        )

    def remark(self, count: Count) -> str:
        """Say what the other reading of the text makes of a count, where they differ."""
        literal = Reading(self.accept).decide(count)
        closed = Reading(self.accept, all_further_votes=True, open_without_majority=True)
        if literal is closed.decide(count):
            return ""
        own = self.decide(count)
        ends = "here the vote goes on" if own is Outcome.OPEN else "so it is read here"
        return (
            f"Read literally, DEP 10 ends this vote with {literal}, though the votes outstanding "
            f"could change that; {ends}."
        )

    def _by_score(self, score: int) -> Outcome:
        if score >= self.accept:
            return Outcome.ACCEPTED
        return Outcome.NO_ACTION if score >= 0 else Outcome.VETO

    def _incomplete(self, count: Count) -> bool:
        missing = len(count.outstanding)
        voted = count.seats - missing
        if not missing:
            return False
        if 2 * missing > count.seats:
            return True
        if 2 * voted <= count.seats:
            return self.open_without_majority
        return count.score in _ONE_VOTE_FROM_CHANGE or (
            self.all_further_votes and self._may_change(count.score, missing)
        )

    def _may_change(self, score: int, missing: int) -> bool:
        return self._by_score(score - missing) is not self._by_score(score + missing)


def again(closed: datetime, outcome: Outcome, given: Circumstances) -> Waiting:
    """Make a veto wait: the first for the later of two days, another for the next election."""
    if outcome is not Outcome.VETO:
        return Waiting(None, "It may be asked again at any time: no action sets no waiting time.")
    if given.earlier_vetoes:
        return Waiting(
            given.next_election,
            "After a second veto it may be asked again after the next election of the board, "
            "or when a member of the board asks.",
        )
    day = _months_later(closed.date(), _MONTHS)
    release = given.next_feature_release
    later = "" if release else ", whose day is not known"
    return Waiting(
        max(day, release) if release else day,
        "After a veto it may be asked again after six months or with the next feature release"
        f"{later}, whichever is later.",
    )


def _months_later(day: date, months: int) -> date:
    """Give the same day some months on, or the last one of that month."""
    first = day.replace(day=1)
    for _ in range(months):
        first = (first + timedelta(days=31)).replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(last, first + timedelta(days=day.day - 1))


def _about(accept: int, asks: str) -> About:
    return About(
        passes=f"the score is {accept} or more",
        close="all have voted, or a majority has and the score is none of -1, 0, 2, 3",
        fails=f"0 to {accept - 1}: no action; less than 0: veto",
        again="after a veto: six months or the next feature release, whichever is later; after a "
        "second one: the next election",
        asks=asks,
        venue="in public, for instance on the pull request",
        source="DEP 10, Voting process",
        since=date(2020, 3, 12),
    )


def _rule(name: str, reading: Reading, options: Mapping[str, str], asks: str) -> Rule:
    return Rule(
        ref=RuleRef(name, VERSION, tuple(sorted(options.items()))),
        form=Form(frozenset({Means.COMMENT, Means.RECORD}), _SCALE),
        timing=Timing(_WEEK, _WEEK),
        about=_about(reading.accept, asks),
        decide=reading.decide,
        reason=reading.reason,
        again=again,
        remark=reading.remark,
    )


def _reading(accept: int, options: Mapping[str, str]) -> Reading:
    return Reading(
        accept,
        all_further_votes=options.get("further_votes") == "all",
        open_without_majority=options.get("no_majority") == "open",
    )


def ordinary(options: Mapping[str, str]) -> Rule:
    """Make the rule for any question."""
    asks = "a merger, or any member in good standing of the venue"
    return _rule("django-dep10", _reading(_ACCEPT, options), options, asks)


def governance(options: Mapping[str, str]) -> Rule:
    """Make the rule for DEPs on governance, which need one more."""
    reading = _reading(_ACCEPT_GOVERNANCE, options)
    return _rule("django-dep10-governance", reading, options, "the author of the DEP")
