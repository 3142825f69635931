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
class Standing:
    """What GitHub says of a person here; None means not asked.

    `team_problem` says why the team could not be read.
    """

    login: str
    in_team: bool | None
    permission: str | None
    team_problem: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is known of one claim at the moment of its examination."""

    pull: PullRequest
    claim: LabelEvent
    configuration: Configuration
    standing: Standing


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
    return may(snapshot.configuration, snapshot.standing, "set this label")


def may(configuration: Configuration, standing: Standing, act: str) -> Verdict:
    """Say whether a person may do an act that is the mergers'."""
    who, login = configuration.who, standing.login
    if standing.in_team:
        return Verdict("who", Answer.YES, f"{login} is a member of the team {who.team}.")
    if _RANK.get(standing.permission or "none", 0) >= _RANK[who.permission]:
        return Verdict("who", Answer.YES, f"{login} has the permission {standing.permission}.")
    allowed = f"people with the permission `{who.permission}` or more"
    if who.team:
        allowed = f"members of the team `{who.team}` and {allowed}"
    problem = standing.team_problem
    said = f" (the team could not be read: {problem})" if problem else ""
    return Verdict("who", Answer.NO, f"{login} may not {act}; {allowed} may{said}.")


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
