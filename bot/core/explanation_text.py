"""An explanation as people read it in a terminal: one tree, a sign before each answer."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.explanation import DecisionView, Explanation, TargetView, VoteView
from bot.core.policy import Answer, Verdict
from bot.core.printable import one_line
from bot.core.votes.tally import TargetTally
from bot.core.votes.what_if import moment

_SIGNS = {Answer.YES: "yes", Answer.WAIT: "wait", Answer.NO: "no"}


def lines(explanation: Explanation) -> tuple[str, ...]:
    """Give the whole explanation line by line; what others wrote has no control characters."""
    return tuple(one_line(line) for line in _lines(explanation))


def _lines(explanation: Explanation) -> Iterator[str]:
    negated = "" if explanation.allowed else " not"
    answer = f"would{negated} be" if explanation.supposed else f"is{negated}"
    place = f"{explanation.repository}#{explanation.number}"
    yield f"{place}, {moment(explanation.at)}: it {answer} allowed. {explanation.why}"
    for verdict in explanation.claims:
        yield from _verdict(verdict, "")
    for vote in explanation.votes:
        yield from _vote(vote)
    for target in explanation.targets:
        yield from _target(target)
    for decision in explanation.decisions:
        yield _decision(decision)
    for problem in explanation.problems:
        yield f"not trusted: {problem}"
    for step in explanation.change:
        yield f"what would change it: {step}"


def _verdict(verdict: Verdict, indent: str) -> Iterator[str]:
    link = f" {verdict.url}" if verdict.url else ""
    yield f"{indent}{verdict.rule}: {_SIGNS[verdict.answer]}. {verdict.why}{link}"
    for part in verdict.parts:
        yield from _verdict(part, f"{indent}  ")


def _vote(vote: VoteView) -> Iterator[str]:
    tally = vote.tally
    yield f"vote by {tally.rule.id} ({tally.rule.version}), {vote.status}: {vote.url}"
    if vote.stands:
        yield f"  really: {vote.stands}"
    yield f"  {'supposed: ' if vote.stands else ''}{tally.sentence}"
    for target in tally.targets:
        yield f"  {target.series}: {target.outcome}, {_ballots(target)}"
        if target.remark:
            yield f"    {target.remark}"
    for noted in tally.noted:
        yield f"  not counted: {noted.voter}, {noted.why} {noted.url}".rstrip()
    if tally.waiting:
        yield f"  {tally.waiting.why}"


def _ballots(target: TargetTally) -> str:
    said = ", ".join(f"{vote.voter} {vote.label or vote.choice}" for vote in target.votes)
    waits = f"; waiting for {', '.join(target.outstanding)}" if target.outstanding else ""
    return f"{said or 'nobody has voted'}{waits}"


def _target(target: TargetView) -> Iterator[str]:
    yield f"{target.series}: {'allowed' if target.allowed else 'not allowed'}. {target.why}"
    if target.policy_why and target.policy_why != target.why:
        yield f"  policy: {target.policy_why}"
    if target.policy_text:
        yield f"  the policy says: {target.policy_text}"


def _decision(decision: DecisionView) -> str:
    force = "in force" if decision.in_force else "not in force"
    into = f" for {', '.join(decision.accepts)}" if decision.accepts else ""
    by = f" by {decision.recorded_by}" if decision.recorded_by else ""
    return (
        f"decision {decision.name}: {decision.outcome}{into}, recorded "
        f"{moment(decision.recorded_at)}{by}, {force}. {decision.url}"
    )
