"""The rule that Django's documentation stated beside DEP 10: three in favour and nobody against.

Source: docs/internals/contributing/bugs-and-features.txt, "How we make decisions"; taken out by
188799e67c on 2025-05-13. It contradicts DEP 10 wherever somebody votes -1.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from bot.core.votes.ballots import Means
from bot.core.votes.poll import Count, Form
from bot.core.votes.rule import About, Outcome, Rule, RuleRef, Timing
from bot.core.votes.wording import Choice

NAME, VERSION = "django-docs-legacy", "until-2025-05-13"
_NEEDED = 3


def decide(count: Count) -> Outcome:
    """Carry a question that three are for and nobody is against."""
    carried = count.number(Choice.FOR) >= _NEEDED and not count.number(Choice.AGAINST)
    return Outcome.ACCEPTED if carried else Outcome.REJECTED


def reason(count: Count) -> str:
    """Say how many are for and against."""
    return (
        f"{count.number(Choice.FOR)} are for it and {count.number(Choice.AGAINST)} against; "
        "three for it and nobody against carries"
    )


def rule(_: Mapping[str, str]) -> Rule:
    """Make the rule."""
    scale = frozenset(
        {Choice.FOR, Choice.LEANING_FOR, Choice.NEUTRAL, Choice.LEANING_AGAINST, Choice.AGAINST}
    )
    return Rule(
        ref=RuleRef(NAME, VERSION),
        form=Form(frozenset({Means.COMMENT, Means.RECORD}), scale),
        timing=Timing(timedelta(days=7)),
        about=About(
            passes="three or more `+1` and no `-1`",
            close="the week is over",
            fails="not carried: rejected",
            again="at any time",
            asks="whoever needs a decision",
            venue="in public",
            source="Django's docs/internals/contributing/bugs-and-features.txt",
            until=date(2025, 5, 13),
        ),
        decide=decide,
        reason=reason,
    )
