"""The tally of a motion at a moment: what came of each target, why, and what would change it.

Each target is a question of its own and closes by itself; without votes on single targets all of
them go the same way. A rule without an end is judged on what stands, until a decision is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.votes.poll import Count, Counted, Noted, Poll, count, noted
from bot.core.votes.rule import Circumstances, Outcome, Rule, RuleRef, Waiting
from bot.core.votes.what_if import moment, votes_to_come

_OVERALL = (Outcome.OPEN, Outcome.ACCEPTED, Outcome.VETO, Outcome.DECLINED, Outcome.REJECTED)


@dataclass(frozen=True, slots=True)
class TargetTally:
    """How one target stands.

    `outstanding` may still vote. `closed_at` is None while it is open; `closes_at` is its next or
    last deadline, None where there is none. `extensions` is how often it was prolonged.
    `sentence` explains the outcome, `change` says what would change it, `remark` how the rule's
    text can be read otherwise (empty for nothing).
    """

    series: str
    outcome: Outcome
    score: int
    votes: tuple[Counted, ...]
    outstanding: tuple[str, ...]
    closed_at: datetime | None
    closes_at: datetime | None
    extensions: int
    sentence: str
    change: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How a motion stands: open while a target is, accepted where one was.

    `score` is None where targets differ. `noted` are ballots that do not count. `closes_at` is the
    next deadline, or the last one after the close. `waiting` says when a motion that was not
    accepted may be asked again; None while it is open or accepted.
    """

    rule: RuleRef
    outcome: Outcome
    score: int | None
    targets: tuple[TargetTally, ...]
    noted: tuple[Noted, ...]
    sentence: str
    change: str
    closes_at: datetime | None
    closed_at: datetime | None
    waiting: Waiting | None


@dataclass(frozen=True, slots=True)
class Clock:
    """The moments of one reckoning.

    `now` is when it is made. `deadline` is the first end of the vote, None for none. `decided_at`
    is when a decision was recorded: nothing later counts.
    """

    now: datetime
    deadline: datetime | None = None
    decided_at: datetime | None = None

    @property
    def until(self) -> datetime:
        """Give the last moment that can count."""
        return min(self.now, self.decided_at) if self.decided_at else self.now


def tally(
    rule: Rule, poll: Poll, clock: Clock, circumstances: Circumstances | None = None
) -> Tally:
    """Count a poll by a rule at a moment."""
    targets = tuple(_target(rule, poll, series, clock) for series in poll.targets)
    outcome = _overall(targets)
    still_open = outcome is Outcome.OPEN
    closed_at = None if still_open else max(one.closed_at or clock.until for one in targets)
    ends = [one.closes_at for one in targets if one.closes_at and one.outcome is outcome]
    scores = {one.score for one in targets}
    waiting = None
    if closed_at and outcome is not Outcome.ACCEPTED:
        waiting = rule.again(closed_at, outcome, circumstances or Circumstances())
    return Tally(
        rule=rule.ref,
        outcome=outcome,
        score=scores.pop() if len(scores) == 1 else None,
        targets=targets,
        noted=noted(poll, clock.decided_at or (closed_at if clock.deadline else None)),
        sentence=_joined(tuple((one.series, one.sentence) for one in targets)),
        change=_joined(tuple((one.series, one.change) for one in targets)),
        closes_at=min(ends, default=None) if still_open else max(ends, default=None),
        closed_at=closed_at,
        waiting=waiting,
    )


def _overall(targets: tuple[TargetTally, ...]) -> Outcome:
    found = {one.outcome for one in targets}
    return next((one for one in _OVERALL if one in found), Outcome.NO_ACTION)


def _target(rule: Rule, poll: Poll, series: str, clock: Clock) -> TargetTally:
    closes_at, extensions = _end(rule, poll, series, clock)
    closed = closes_at is not None and closes_at <= clock.until
    at = closes_at if closed and closes_at else clock.until
    counted = count(poll, series, at)
    outcome = _outcome(rule, counted, closed=closed)
    is_open = outcome is Outcome.OPEN
    return TargetTally(
        series=series,
        outcome=outcome,
        score=counted.score,
        votes=counted.votes,
        outstanding=counted.outstanding,
        closed_at=None if is_open else at,
        closes_at=closes_at,
        extensions=extensions,
        sentence=_sentence(rule, counted, outcome, closes_at),
        change=votes_to_come(rule, counted, closes_at) if is_open else "",
        remark=rule.remark(counted) if closed or extensions else "",
    )


def _end(rule: Rule, poll: Poll, series: str, clock: Clock) -> tuple[datetime | None, int]:
    """Find the deadline that counts, and how often it was moved on."""
    end, moved, step = clock.deadline, 0, rule.timing.extension
    while end and step and end <= clock.until:
        if rule.decide(count(poll, series, end)) is not Outcome.OPEN:
            break
        end, moved = end + step, moved + 1
    return end, moved


def _outcome(rule: Rule, counted: Count, *, closed: bool) -> Outcome:
    found = rule.decide(counted)
    if closed:
        return rule.timing.lapsed if found is Outcome.OPEN else found
    return found if rule.timing.early else Outcome.OPEN


def _sentence(rule: Rule, counted: Count, outcome: Outcome, closes_at: datetime | None) -> str:
    ends = f" until {moment(closes_at)}" if outcome is Outcome.OPEN and closes_at else ""
    return f"{outcome.capitalize()}{ends}: {rule.reason(counted)}."


def _joined(parts: tuple[tuple[str, str], ...]) -> str:
    """Say once what is the same of several targets, and of which unless it is all."""
    said: dict[str, list[str]] = {}
    for series, text in parts:
        said.setdefault(text, []).append(series)
    if len(said) == 1:
        return "".join(said)
    return " ".join(f"{', '.join(series)}: {text}" for text, series in said.items() if text)
