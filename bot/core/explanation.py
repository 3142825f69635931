"""Why a fix may go into its targets or not: every verdict on one pull request, put together.

It is the answer to a question, as things stand or as they would be (`bot.core.simulation`); it
decides nothing. The verdicts are those of `policy`, `phases` and `votes`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core import decision as decisions
from bot.core import phases, policy, simulation
from bot.core.config import Configuration
from bot.core.decision import Decision, Entry
from bot.core.model import PullRequest, Target
from bot.core.policy import Announced, Answer, Evidence, Snapshot, Verdict
from bot.core.simulation import Supposed
from bot.core.vote_record import Status, Vote
from bot.core.votes.rule import Outcome
from bot.core.votes.tally import Tally

_SUPPOSED = "(supposed)"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one pull request or issue at one moment.

    `pull` is None for an issue. `claims` are the labels that are on, each with what is known of
    it. `votes` are those here and those on the same commit.
    """

    repository: str
    number: int
    configuration: Configuration
    pull: PullRequest | None
    targets: tuple[Target, ...]
    claims: tuple[Snapshot, ...]
    evidence: Evidence | None
    votes: tuple[Vote, ...]


@dataclass(frozen=True, slots=True)
class TargetView:
    """Whether the fix may go into one series, and by what; `decision` is a link, or empty."""

    series: str
    allowed: bool
    why: str
    phase: str | None
    fix_class: str | None
    policy_allows: bool | None
    policy_why: str
    policy_text: str
    decision: str


@dataclass(frozen=True, slots=True)
class VoteView:
    """A vote and its tally; `stands` is how it really stands where something is supposed."""

    url: str
    status: Status
    asked_by: str
    opened_at: datetime
    text_sha256: str
    tally: Tally
    stands: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A recorded decision; `accepts` are the series that it lets the commit into."""

    name: str
    digest: str
    outcome: Outcome
    accepts: tuple[str, ...]
    commit: str
    recorded_at: datetime
    recorded_by: str
    url: str
    in_force: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole answer; `why` sums it up, `change` says what would change it.

    `at` is the moment for which it holds; `supposed` says that it is not as things stand.
    `problems` are records that are not trusted.
    """

    repository: str
    number: int
    at: datetime
    supposed: bool
    allowed: bool
    why: str
    claims: tuple[Verdict, ...]
    targets: tuple[TargetView, ...]
    votes: tuple[VoteView, ...]
    decisions: tuple[DecisionView, ...]
    problems: tuple[str, ...]
    change: tuple[str, ...]


def explain(facts: Facts, supposed: Supposed, now: datetime) -> Explanation:
    """Answer for a moment; raises UserError where a supposed rule or a vote cannot be used."""
    at = supposed.at or now
    votes = [vote for vote in facts.votes if vote.motion.opened_at <= at]
    views = tuple(_vote(vote, supposed, now) for vote in votes)
    evidence = _evidence(facts, tuple(zip(votes, views, strict=True)), supposed, at)
    claims = tuple(
        policy.evaluate(replace(one, evidence=one.evidence and evidence)) for one in facts.claims
    )
    targets = tuple(_target(facts, evidence, one, at) for one in _targets(facts))
    allowed, why = _sum(facts, claims, targets)
    return Explanation(
        repository=facts.repository,
        number=facts.number,
        at=at,
        supposed=supposed != Supposed(),
        allowed=allowed,
        why=why,
        claims=claims,
        targets=targets,
        votes=views,
        decisions=tuple(_decision(one, evidence) for one in evidence.records),
        problems=evidence.problems,
        change=_change(facts, claims, targets, views),
    )


def _vote(vote: Vote, supposed: Supposed, now: datetime) -> VoteView:
    known = replace(vote.motion, recorders=vote.recorders)
    tally = simulation.tallied(known, vote.seen, supposed, now, vote.closed_at)
    stands = vote.tally(now).sentence if supposed != Supposed() else ""
    still_open = vote.closed_at is not None and (supposed.at or now) < vote.closed_at
    return VoteView(
        url=vote.comment_url or vote.motion.question.url,
        status=Status.OPEN if still_open else vote.status,
        asked_by=vote.motion.question.asked_by,
        opened_at=vote.motion.opened_at,
        text_sha256=vote.motion.text_sha256,
        tally=tally,
        stands=stands,
    )


def _evidence(
    facts: Facts,
    votes: Sequence[tuple[Vote, VoteView]],
    supposed: Supposed,
    at: datetime,
) -> Evidence:
    """Give the decisions of the moment, with those that supposed votes or rules would bring."""
    known = facts.evidence or Evidence()
    records = tuple(one for one in known.records if one.decision.recorded_at <= at)
    if not supposed.counts_anew:
        return replace(known, records=records)
    anew = {vote.decision for vote, _ in votes if vote.decision}
    kept = tuple(
        one
        for one in records
        if one.decision.digest not in anew and one.decision.overturns not in anew
    )
    made = tuple(
        Announced(_would_be(vote, view.tally, at), view.url, "")
        for vote, view in votes
        if view.tally.closed_at and vote.status is not Status.WITHDRAWN
    )
    return replace(known, records=kept + made)


def _would_be(vote: Vote, tally: Tally, at: datetime) -> Decision:
    return decisions.recorded(vote.motion, tally, Entry(_SUPPOSED, "", at))


def _targets(facts: Facts) -> tuple[Target, ...]:
    """Give the configured targets, and behind them others that were asked for."""
    asked = [target for vote in facts.votes for target in vote.motion.question.targets]
    by_series = {target.series: target for target in [*asked, *facts.targets]}
    order = dict.fromkeys(target.series for target in [*facts.targets, *asked])
    return tuple(by_series[series] for series in order)


def _target(facts: Facts, evidence: Evidence, target: Target, at: datetime) -> TargetView:
    commits = _commits(facts)
    found = [
        one
        for one in evidence.in_force
        for commit in commits
        if one.decision.allows(commit, target.series)
    ]
    judged = _judged(facts, target, at)
    by_label = facts.configuration.exception is None
    why = judged.why if judged else "No policy is configured for this project."
    if found:
        name = found[-1].decision.name
        why = f"The exception {name} lets it in."
    elif by_label and not (judged and judged.allowed):
        why = policy.FREE
    return TargetView(
        series=target.series,
        allowed=bool(found) or by_label or bool(judged and judged.allowed),
        why=why,
        phase=judged.phase.value if judged and judged.phase else None,
        fix_class=judged.fix_class.value if judged and judged.fix_class else None,
        policy_allows=judged.allowed if judged else None,
        policy_why=judged.why if judged else "",
        policy_text=judged.rule if judged else "",
        decision=found[-1].url if found else "",
    )


def _judged(facts: Facts, target: Target, at: datetime) -> phases.PolicyVerdict | None:
    own, table = facts.configuration.policy, facts.configuration.policy_table()
    if own is None or table is None:
        return None
    labels, body = (facts.pull.labels, facts.pull.body) if facts.pull else ((), "")
    found = phases.read_class(labels, body, own.label_prefix)
    return phases.judge(table, target.series, found.fix_class, at.date())


def _commits(facts: Facts) -> tuple[str, ...]:
    """Give the merged commit; where GitHub tells none, those that were voted on here."""
    if facts.pull and facts.pull.merge_commit_sha:
        return (facts.pull.merge_commit_sha,)
    return tuple(dict.fromkeys(vote.motion.question.commit for vote in facts.votes))


def _sum(
    facts: Facts, claims: tuple[Verdict, ...], targets: tuple[TargetView, ...]
) -> tuple[bool, str]:
    """Say whether all of it is allowed: no claim is refused, and no target."""
    refused = [claim for claim in claims if claim.answer is not Answer.YES]
    if refused:
        return False, refused[0].why
    out = [target.series for target in targets if not target.allowed]
    if out:
        return False, f"Not allowed into {', '.join(out)}."
    if not targets:
        return False, "There is no target."
    if not claims and facts.configuration.exception is None:
        return False, f"Nobody has set the label {facts.configuration.label} yet."
    return True, f"Allowed into {', '.join(target.series for target in targets)}."


def _decision(one: Announced, evidence: Evidence) -> DecisionView:
    made = one.decision
    return DecisionView(
        name=made.name,
        digest=made.digest,
        outcome=made.outcome,
        accepts=tuple(s.series for s in made.scope if s.outcome is Outcome.ACCEPTED),
        commit=made.commit,
        recorded_at=made.recorded_at,
        recorded_by=made.recorded_by,
        url=one.url,
        in_force=one in evidence.in_force,
    )


def _change(
    facts: Facts,
    claims: tuple[Verdict, ...],
    targets: tuple[TargetView, ...],
    votes: tuple[VoteView, ...],
) -> tuple[str, ...]:
    steps = [view.tally.change for view in votes if view.tally.outcome is Outcome.OPEN]
    asked = {"decision"} if steps else set()  # nobody needs to ask for what is voted on
    steps += [one for claim in claims for one in _steps(claim, asked)]
    out = [target.series.removesuffix(".x") for target in targets if not target.allowed]
    if out and not steps and facts.configuration.exception:
        steps.append(f"Ask for a decision: `/exception request {' '.join(out)}` in a comment.")
    if not claims and not out and targets:
        steps.append(f"The label {facts.configuration.label} starts the backports.")
    return tuple(dict.fromkeys(step for step in steps if step))


def _steps(verdict: Verdict, asked: Collection[str]) -> list[str]:
    """Collect what a verdict says can be done, but for the rules that are in hand."""
    own = [verdict.todo] if verdict.todo and verdict.rule not in asked else []
    return own + [step for part in verdict.parts for step in _steps(part, asked)]
