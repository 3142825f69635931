"""Whether a claim may go through: rules over one frozen snapshot, each with a sentence of why.

This is the one place where authorisation is decided. A rule for recorded votes belongs into
`RULES`, after `claimed_by_someone_who_may`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.core.config import Configuration
from bot.core.model import LabelEvent, PullRequest

_RANK = {"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}


class Answer(StrEnum):
    """What a rule says of a claim."""

    YES = "yes"
    WAIT = "wait"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of one rule, with one sentence of why; the tree's root sums them up."""

    rule: str
    answer: Answer
    why: str
    parts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is known of one claim at the moment of its examination.

    `in_team` and `permission` are those of the person who set the label; None means not asked,
    and `team_problem` says why the team could not be read.
    """

    pull: PullRequest
    claim: LabelEvent
    configuration: Configuration
    in_team: bool | None
    permission: str | None
    team_problem: str = ""


def evaluate(snapshot: Snapshot) -> Verdict:
    """Ask every rule; the first NO decides, then the first WAIT, then it is YES."""
    parts = tuple(rule(snapshot) for rule in RULES)
    for answer in (Answer.NO, Answer.WAIT):
        for part in parts:
            if part.answer is answer:
                return Verdict("claim", answer, part.why, parts)
    return Verdict("claim", Answer.YES, "The claim holds.", parts)


def claimed_by_someone_who_may(snapshot: Snapshot) -> Verdict:
    """Ask for someone of the team, or with the permission; everybody else gets a NO."""
    who, actor = snapshot.configuration.who, snapshot.claim.actor
    if snapshot.in_team:
        return Verdict("who", Answer.YES, f"{actor} is a member of the team {who.team}.")
    if _RANK.get(snapshot.permission or "none", 0) >= _RANK[who.permission]:
        return Verdict("who", Answer.YES, f"{actor} has the permission {snapshot.permission}.")
    allowed = f"people with the permission `{who.permission}` or more"
    if who.team:
        allowed = f"members of the team `{who.team}` and {allowed}"
    problem = f" (the team could not be read: {snapshot.team_problem})"
    why = (
        f"{actor} may not set this label; {allowed} may{problem if snapshot.team_problem else ''}."
    )
    return Verdict("who", Answer.NO, why)


def on_a_merged_pull_request(snapshot: Snapshot) -> Verdict:
    """Let an open pull request wait; a closed one may have been merged by hand."""
    if snapshot.pull.is_open:
        return Verdict("merged", Answer.WAIT, "The pull request is not merged yet.")
    if snapshot.pull.merged:
        return Verdict("merged", Answer.YES, "The pull request is merged.")
    return Verdict("merged", Answer.YES, "The pull request is closed; its commit is looked for.")


RULES: tuple[Callable[[Snapshot], Verdict], ...] = (
    claimed_by_someone_who_may,
    on_a_merged_pull_request,
)
