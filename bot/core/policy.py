"""Whether a claim may go through: rules over one frozen snapshot, each with a sentence of why.

This is the one place where authorisation is decided. A label asks three questions: who set it, may
they, and is there an accepted decision in force for this commit and each target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.config import Configuration
from bot.core.decision import Decision, Scope, in_force
from bot.core.model import LabelEvent, PullRequest, Target
from bot.core.votes.rule import Outcome

_RANK = {"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}
DECISION, RECORD = "decision", "record"
FREE = "No decision is asked for here: the label of somebody who may is the decision."


class Answer(StrEnum):
    """What a rule says of a claim."""

    YES = "yes"
    WAIT = "wait"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of one rule, with one sentence of why; the tree's root sums them up.

    `todo` is what a person can do about it, `url` leads to what it rests on; both may be empty.
    """

    rule: str
    answer: Answer
    why: str
    parts: tuple[Verdict, ...] = ()
    todo: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What GitHub says of a person here; None means not asked.

    `team_problem` says why the team could not be read.
    """

    login: str
    in_team: bool | None
    permission: str | None
    team_problem: str = ""


@dataclass(frozen=True, slots=True)
class Announced:
    """A decision whose record was found unchanged, where it was announced and by which login."""

    decision: Decision
    url: str
    announced_by: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The decisions that are known of a pull request, and one sentence for what is not trusted.

    `votes` are pairs of a series that is voted on now, and where.
    """

    records: tuple[Announced, ...] = ()
    problems: tuple[str, ...] = ()
    votes: tuple[tuple[str, str], ...] = ()

    @property
    def in_force(self) -> tuple[Announced, ...]:
        """Give the records that no other one takes back, the newest last."""
        digests = {one.digest for one in in_force(known.decision for known in self.records)}
        found = (known for known in self.records if known.decision.digest in digests)
        return tuple(sorted(found, key=lambda known: known.decision.recorded_at))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is known of one claim at the moment of its examination.

    `targets` are those that it asks for. `evidence` is None where no decision is asked for.
    """

    pull: PullRequest
    claim: LabelEvent
    configuration: Configuration
    standing: Standing
    targets: tuple[Target, ...] = ()
    evidence: Evidence | None = None

    @property
    def commit(self) -> str | None:
        """Give the commit that is to be backported, None where GitHub does not tell it."""
        return self.pull.merge_commit_sha


@dataclass(frozen=True, slots=True)
class Permit:
    """What decisions let in: one commit (40 hex digits) into some series, and by which of them."""

    commit: str
    series: tuple[str, ...]
    basis: tuple[Announced, ...]


def evaluate(snapshot: Snapshot) -> Verdict:
    """Ask every rule; the first NO decides, then the first WAIT, then it is YES."""
    parts = tuple(rule(snapshot) for rule in RULES)
    for answer in (Answer.NO, Answer.WAIT):
        for part in parts:
            if part.answer is answer:
                return Verdict("claim", answer, part.why, parts)
    return Verdict("claim", Answer.YES, "The claim holds.", parts)


def evaluate_order(snapshot: Snapshot) -> Verdict:
    """Ask of a command, whose author may give it, only what a decision says."""
    part = decided(snapshot)
    return Verdict("command", part.answer, part.why, (part,))


def refused_targets(verdict: Verdict) -> tuple[str, ...]:
    """Give the series that a verdict keeps out, though perhaps not all."""
    return tuple(
        target.rule
        for part in verdict.parts
        if part.rule == DECISION
        for target in part.parts
        if target.answer is Answer.NO and target.rule != RECORD
    )


def joined(permits: Iterable[Permit | None]) -> Permit | None:
    """Join what several labels are permitted for one commit."""
    given = [one for one in permits if one]
    if not given:
        return None
    series = dict.fromkeys(series for one in given for series in one.series)
    basis = dict.fromkeys(record for one in given for record in one.basis)
    return Permit(given[0].commit, tuple(series), tuple(basis))


def permit(snapshot: Snapshot) -> Permit | None:
    """Give what decisions let in, None where no decision is asked for."""
    if snapshot.evidence is None:
        return None
    commit = _commit(snapshot)
    series = tuple(one.series for one in snapshot.targets if _accepting(snapshot, one))
    found = (_accepting(snapshot, one) for one in snapshot.targets)
    return Permit(commit, series, tuple(dict.fromkeys(one for one in found if one)))


def set_by(snapshot: Snapshot) -> Verdict:
    """Say who set the label; a claim that nobody is known for never comes so far."""
    claim = snapshot.claim
    return Verdict("set", Answer.YES, f"{claim.actor} set it, as the timeline shows.")


def claimed_by_someone_who_may(snapshot: Snapshot) -> Verdict:
    """Ask for someone of the team, or with the permission, or for ourselves after a decision."""
    backing = announced_by_claimant(snapshot)
    if backing:
        why = f"{snapshot.claim.actor} set it because {_name(backing)} was accepted."
        return Verdict("who", Answer.YES, why, url=backing.url)
    return may(snapshot.configuration, snapshot.standing, "set this label")


def announced_by_claimant(snapshot: Snapshot) -> Announced | None:
    """Give the decision that the claimant itself announced: the bot sets the label after it."""
    for target in snapshot.targets:
        known = _accepting(snapshot, target)
        if known and known.announced_by.lower() == snapshot.claim.actor.lower():
            return known
    return None


def at_least(permission: str | None, least: str) -> bool:
    """Tell whether a person's permission, None if not asked, is no lower than another."""
    return _RANK.get(permission or "none", 0) >= _RANK[least]


def may(configuration: Configuration, standing: Standing, act: str) -> Verdict:
    """Say whether a person may do an act that is the mergers'."""
    who, login = configuration.who, standing.login
    if standing.in_team:
        return Verdict("who", Answer.YES, f"{login} is a member of the team {who.team}.")
    if at_least(standing.permission, who.permission):
        return Verdict("who", Answer.YES, f"{login} has the permission {standing.permission}.")
    allowed = f"people with the permission {who.permission} or more"
    if who.team:
        allowed = f"members of the team {who.team} and {allowed}"
    problem = standing.team_problem
    said = f" (the team could not be read: {problem})" if problem else ""
    return Verdict(
        "who",
        Answer.NO,
        f"{login} may not {act}; {allowed} may{said}.",
        todo=f"Ask one of the {allowed} to {act}.",
    )


def on_a_merged_pull_request(snapshot: Snapshot) -> Verdict:
    """Let an open pull request wait; a closed one may have been merged by hand."""
    if snapshot.pull.is_open:
        return Verdict("merged", Answer.WAIT, "The pull request is not merged yet.")
    if snapshot.pull.merged:
        return Verdict("merged", Answer.YES, "The pull request is merged.")
    return Verdict("merged", Answer.YES, "The pull request is closed; its commit is looked for.")


def decided(snapshot: Snapshot) -> Verdict:
    """Ask for an accepted decision in force on this commit; one target is enough to go on."""
    if snapshot.evidence is None:
        return Verdict(DECISION, Answer.YES, FREE)
    if snapshot.pull.is_open:
        why = "A decision names a merged commit, so it is looked for after the merge."
        return Verdict(DECISION, Answer.WAIT, why)
    parts = tuple(decided_for(snapshot, target) for target in snapshot.targets)
    strange = tuple(Verdict(RECORD, Answer.NO, said) for said in snapshot.evidence.problems)
    good = [part.rule for part in parts if part.answer is Answer.YES]
    if not good:
        what = "No accepted decision in force lets this commit into a target."
        return Verdict(DECISION, Answer.NO, what, parts + strange, todo=_asking(parts))
    why = f"An accepted decision lets this commit into {', '.join(good)}."
    return Verdict(DECISION, Answer.YES, why, parts + strange, todo=_asking(parts))


def decided_for(snapshot: Snapshot, target: Target) -> Verdict:
    """Say whether a decision lets the commit into one target; the last that was taken counts."""
    found = _accepting(snapshot, target)
    if found:
        decided_at = f"{found.decision.recorded_at:%Y-%m-%d}"
        why = f"{_name(found)} was accepted on {decided_at}."
        return Verdict(target.series, Answer.YES, _capital(why), url=found.url)
    known, why = _against(snapshot, target)
    vote = dict(snapshot.evidence.votes).get(target.series, "") if snapshot.evidence else ""
    if vote:
        why, todo = f"{why} It is voted on now.", f"Wait for the end of the vote: {vote}"
        return Verdict(target.series, Answer.NO, why, todo=todo, url=known.url if known else vote)
    return Verdict(target.series, Answer.NO, why, url=known.url if known else "")


def _asking(parts: Sequence[Verdict]) -> str:
    """Say how to ask for a decision on the targets that are refused; empty for none."""
    refused = [part for part in parts if part.answer is Answer.NO and not part.todo]
    out = [part.rule.removesuffix(".x") for part in refused]
    if not out:
        return ""
    command = f"`/exception request {' '.join(out)}`"
    return f"Ask for a decision: write {command} in a comment, and below it the reasons."


def _against(snapshot: Snapshot, target: Target) -> tuple[Announced | None, str]:
    """Say why no decision lets the commit into a target, by the decision that comes nearest."""
    records = snapshot.evidence.records if snapshot.evidence else ()
    commit = _commit(snapshot)
    on_it = [known for known in records if known.decision.commit == commit]
    for known in _newest_first(on_it):
        scope = _scope(known.decision, target)
        if scope and known.decision.overturns:
            said = known.decision.reason.rstrip(".")
            reason = f": {said}." if said else "."
            return known, f"The decision was overturned by {known.decision.recorded_by}{reason}"
        if scope:
            return known, f"{_capital(_name(known))} was decided: {scope.outcome}."
    for known in _newest_first(on_it):
        return known, f"{_capital(_name(known))} does not name {target.series}."
    for known in _newest_first(records):
        voted = known.decision.commit[:12]
        said = f"{_capital(_name(known))} is on the commit {voted}"
        return known, f"{said}, but this pull request was merged as {commit[:12] or 'none'}."
    return None, f"No decision on {commit[:12] or 'this pull request'} is recorded."


def _accepting(snapshot: Snapshot, target: Target) -> Announced | None:
    commit = _commit(snapshot)
    for known in reversed(snapshot.evidence.in_force if snapshot.evidence else ()):
        if known.decision.allows(commit, target.series):
            return known
    return None


def _commit(snapshot: Snapshot) -> str:
    """Give the merged commit; of a merge by hand the one decided on, which the pick compares."""
    if snapshot.commit or snapshot.evidence is None:
        return snapshot.commit or ""
    accepted = [
        known.decision.commit
        for known in snapshot.evidence.in_force
        if known.decision.outcome is Outcome.ACCEPTED
    ]
    return accepted[-1] if accepted else ""


def _newest_first(records: Iterable[Announced]) -> list[Announced]:
    """Put the last decision first; one that takes back comes after what it takes back."""

    def age(known: Announced) -> tuple[datetime, bool]:
        return known.decision.recorded_at, bool(known.decision.overturns)

    return sorted(records, key=age, reverse=True)


def _scope(decision: Decision, target: Target) -> Scope | None:
    return next((one for one in decision.scope if one.series == target.series), None)


def _name(known: Announced) -> str:
    return f"the exception {known.decision.name}"


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


RULES: tuple[Callable[[Snapshot], Verdict], ...] = (
    set_by,
    claimed_by_someone_who_may,
    on_a_merged_pull_request,
    decided,
)
