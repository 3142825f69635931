"""One member posts the answer that a council agreed on, with a link, for all of it.

Source: Django's practice from 2025-01-06 (minutes of the Steering Council), and DEP 19. Answers
that contradict each other decide nothing until one of them is taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.core.votes.ballots import Means
from bot.core.votes.poll import Count, Form
from bot.core.votes.rule import About, Outcome, Rule, RuleRef, Timing
from bot.core.votes.wording import Choice

NAME, VERSION = "django-spokesperson", "2025-01-06"
_MEANING = {
    Choice.FOR: Outcome.ACCEPTED,
    Choice.AGAINST: Outcome.REJECTED,
    Choice.DECLINE: Outcome.DECLINED,
}


def decide(count: Count) -> Outcome:
    """Take the answer over, if all answers are the same."""
    answers = {_MEANING[vote.choice] for vote in count.votes}
    return answers.pop() if len(answers) == 1 else Outcome.OPEN


def reason(count: Count) -> str:
    """Say who answered."""
    voters = ", ".join(sorted({vote.voter for vote in count.votes}))
    if not voters:
        return "no member has posted the council's answer yet"
    if decide(count) is Outcome.OPEN:
        return f"the answers of {voters} contradict each other"
    return f"the council's answer was posted by {voters}"


def rule(_: Mapping[str, str]) -> Rule:
    """Make the rule."""
    return Rule(
        ref=RuleRef(NAME, VERSION),
        form=Form(frozenset({Means.ANSWER}), frozenset(_MEANING)),
        timing=Timing(early=True),
        about=About(
            passes="a member posts that the council accepts, with a link",
            close="an answer is there, and none contradicts it",
            fails="rejected, or declined",
            again="at the council's discretion",
            asks="anybody",
            venue="forum, ticket or repository",
            source="minutes of 2025-01-06; DEP 19",
            since=date(2025, 1, 6),
        ),
        decide=decide,
        reason=reason,
    )
