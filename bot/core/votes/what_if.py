"""What a vote to come would do: each choice tried on a count, and said in one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from bot.core.votes.ballots import Means
from bot.core.votes.poll import Count, Counted
from bot.core.votes.rule import Outcome, Rule
from bot.core.votes.wording import Choice

_EFFECT = {
    Outcome.ACCEPTED: "accepts",
    Outcome.NO_ACTION: "ends it without action",
    Outcome.VETO: "is a veto",
    Outcome.REJECTED: "rejects",
    Outcome.DECLINED: "declines it",
}
_TRIED = (Choice.FOR, Choice.NEUTRAL, Choice.AGAINST, Choice.ABSTAIN, Choice.DECLINE)


def moment(at: datetime) -> str:
    """Write a moment for people, in UTC and to the minute."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def votes_to_come(rule: Rule, count: Count, closes_at: datetime | None) -> str:
    """Say what one more vote does, or what is needed where nobody is left to vote."""
    if Means.LABEL in rule.form.means:
        return "Setting what is missing accepts, if somebody of the roster does it."
    if not count.outstanding:
        return "Everybody has voted; only a changed vote changes this."
    found: dict[Outcome, list[str]] = {}
    for choice in (one for one in _TRIED if one in rule.form.choices):
        found.setdefault(rule.decide(_with(count, choice)), []).append(f"{choice}")
    extends = closes_at + rule.timing.extension if closes_at and rule.timing.extension else None
    parts = [
        f"one more {_either(choices)} {_effect(outcome, extends)}"
        for outcome, choices in found.items()
    ]
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}{_if_no_more(rule, count, closes_at, extends)}."


def _with(count: Count, choice: Choice) -> Count:
    voter = count.outstanding[0]
    last = count.votes[-1].at if count.votes else datetime.min.replace(tzinfo=UTC)
    return replace(count, votes=(*count.votes, Counted(voter, choice, last, "")))


def _effect(outcome: Outcome, extends: datetime | None) -> str:
    if outcome is not Outcome.OPEN:
        return _EFFECT[outcome]
    return f"leaves it open until {moment(extends)}" if extends else "leaves it open"


def _if_no_more(
    rule: Rule, count: Count, closes_at: datetime | None, extends: datetime | None
) -> str:
    """Say what the deadline brings if nobody votes any more."""
    if not closes_at:
        return ""
    outcome = rule.decide(count)
    if outcome is Outcome.OPEN and not extends:
        outcome = rule.timing.lapsed
    return f"; no more votes by {moment(closes_at)} {_effect(outcome, extends)}"


def _either(choices: Iterable[str]) -> str:
    *most, last = choices
    return f"{', '.join(most)} or {last}" if most else last
