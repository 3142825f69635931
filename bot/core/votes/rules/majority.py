"""More than half: of all seats (`majority`), or of those who do not abstain (`python-pep13`).

Source of the latter: PEP 13. There, every member votes or abstains, and who has a conflict of
interest must abstain; it needs no end, because it closes when the last member has spoken.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.core.votes.ballots import Means
from bot.core.votes.poll import Count, Form
from bot.core.votes.rule import About, Outcome, Rule, RuleRef, Timing
from bot.core.votes.wording import Choice

VERSION = "1"
_SPOKEN = frozenset({Means.COMMENT, Means.RECORD})
_AWAY = (Choice.ABSTAIN, Choice.CONFLICT)


def _decide_of_seats(count: Count) -> Outcome:
    for_it = count.number(Choice.FOR)
    if 2 * for_it > count.seats:
        return Outcome.ACCEPTED
    within_reach = 2 * (for_it + len(count.outstanding)) > count.seats
    return Outcome.OPEN if within_reach else Outcome.REJECTED


def _reason_of_seats(count: Count) -> str:
    return (
        f"{count.number(Choice.FOR)} of {count.seats} are for it; {count.seats // 2 + 1} are needed"
    )


def _decide_of_spoken(count: Count) -> Outcome:
    if count.outstanding or not count.seats:
        return Outcome.OPEN
    voting = count.seats - count.number(*_AWAY)
    carried = 2 * count.number(Choice.FOR) > voting
    return Outcome.ACCEPTED if carried else Outcome.REJECTED


def _reason_of_spoken(count: Count) -> str:
    away = count.number(*_AWAY)
    missing = len(count.outstanding)
    waits = f"; {missing} have neither voted nor abstained" if missing else ""
    return (
        f"{count.number(Choice.FOR)} are for it, {count.number(Choice.AGAINST)} against, and "
        f"{away} abstain; it takes more than half of those who do not{waits}"
    )


def of_seats(options: Mapping[str, str]) -> Rule:
    """Make the rule that takes more than half of all seats; `days` sets a period."""
    days = int(options.get("days", 0))
    return Rule(
        ref=RuleRef("majority", VERSION, tuple(sorted(options.items()))),
        form=Form(_SPOKEN, frozenset({Choice.FOR, Choice.NEUTRAL, Choice.AGAINST, Choice.ABSTAIN})),
        timing=Timing(timedelta(days=days)) if days else Timing(early=True),
        about=About(
            passes="more than half of all seats are for it",
            close="the period is over; without one, nothing can change it any more",
            fails="rejected",
            again="at any time",
            asks="whom the configuration names",
            venue="on the pull request",
            source="common practice",
        ),
        decide=_decide_of_seats,
        reason=_reason_of_seats,
    )


def of_spoken(_: Mapping[str, str]) -> Rule:
    """Make Python's rule."""
    choices = frozenset({Choice.FOR, Choice.AGAINST, *_AWAY})
    return Rule(
        ref=RuleRef("python-pep13", VERSION),
        form=Form(_SPOKEN, choices),
        timing=Timing(early=True),
        about=About(
            passes="more than half of those who do not abstain are for it",
            close="every member has voted or abstained",
            fails="rejected",
            again="not stated",
            asks="not stated",
            venue="in public where possible",
            source="PEP 13",
        ),
        decide=_decide_of_spoken,
        reason=_reason_of_spoken,
    )
