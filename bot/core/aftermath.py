"""What an exception came to once its backports are in: the facts for the follow-up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.core import phases
from bot.core.checklist import Checklist, Row
from bot.core.config import Configuration
from bot.core.decision import Decision
from bot.core.model import Outcome, PullRequest
from bot.core.phases import PolicyVerdict
from bot.core.vote_record import Recorded, Status, Vote
from bot.core.votes import rule

_NEVER = {Outcome.ALREADY_THERE, Outcome.NOTHING_TO_PICK, Outcome.MISSING}
_TICKET = re.compile(r"[^-\n]*?#(\d{1,8})\b")


@dataclass(frozen=True, slots=True)
class Precedents:
    """How often exceptions were asked for in a repository, and what became of them."""

    asked: int
    granted: int
    refused: int
    overturned: int
    withdrawn: int
    open: int
    since: date | None


@dataclass(frozen=True, slots=True)
class Aftermath:
    """One exception, looked back on.

    `decisions` are those on the fix, oldest first; `verdicts` are the policy's, one for each
    target, as it was on a day; `policy` is where it is written, empty where none is configured.
    """

    source: PullRequest
    checklist: Checklist
    votes: tuple[Vote, ...]
    decisions: tuple[Decision, ...]
    verdicts: tuple[PolicyVerdict, ...]
    policy: str
    on: date
    precedents: Precedents

    @property
    def name(self) -> str:
        """Name the exception, as its decision does, or else by its ticket."""
        if self.decisions:
            return self.decisions[-1].name
        ticket = _TICKET.match(self.source.title)
        return ticket.group(1) if ticket else f"#{self.source.number}"

    @property
    def rows(self) -> tuple[Row, ...]:
        """Give the targets that the fix came to."""
        return tuple(row for row in self.checklist.rows if row.merged)

    @property
    def merged_at(self) -> datetime | None:
        """Give when the last backport was merged, None where that is not known of all."""
        moments = [row.landing.at for row in self.rows if row.landing]
        known = [at for at in moments if at]
        return max(known) if known and len(known) == len(moments) else None


@dataclass(frozen=True, slots=True)
class Records:
    """What the register knows: of the fix, and of all that was ever asked in the repository.

    Votes are newest first, decisions oldest first.
    """

    votes: tuple[Vote, ...]
    decisions: tuple[Recorded, ...]
    all_votes: tuple[Vote, ...]
    all_decisions: tuple[Recorded, ...]


def is_due(checklist: Checklist, when: str) -> bool:
    """Tell whether all backports that come are `merged`, or `shipped`; none at all are not due."""
    coming = [row for row in checklist.rows if not _is_out(row)]
    done = [row.shipped if when == "shipped" else row.merged for row in coming]
    return not checklist.forecast and bool(done) and all(done)


def of(
    configuration: Configuration,
    source: PullRequest,
    checklist: Checklist,
    records: Records,
    today: date,
) -> Aftermath:
    """Put the facts together; the policy is taken as it was when the exception was asked for."""
    text = "\n".join([source.body, *(vote.motion.question.text for vote in records.votes)])
    asked = [vote.motion.opened_at.date() for vote in records.votes]
    on = min(asked, default=today)
    return Aftermath(
        source=source,
        checklist=checklist,
        votes=records.votes,
        decisions=tuple(one.decision for one in records.decisions),
        verdicts=_verdicts(configuration, source.labels, text, checklist, on),
        policy=configuration.policy.source if configuration.policy else "",
        on=on,
        precedents=precedents(records.all_votes, records.all_decisions),
    )


def precedents(votes: Sequence[Vote], recorded: Sequence[Recorded]) -> Precedents:
    """Count what became of all that was asked for."""
    every = [one.decision for one in recorded]
    undone = {one.overturns for one in every if one.overturns}
    decided = [one for one in every if not one.overturns]
    granted = [one for one in decided if one.outcome is rule.Outcome.ACCEPTED]
    standing = [one for one in granted if one.digest not in undone]
    status = [vote.status for vote in votes]
    begun = [one.opened_at for one in decided] + [vote.motion.opened_at for vote in votes]
    waiting = status.count(Status.OPEN)
    withdrawn = status.count(Status.WITHDRAWN)
    return Precedents(
        asked=len(decided) + waiting + withdrawn,
        granted=len(standing),
        refused=len(decided) - len(granted),
        overturned=len(granted) - len(standing),
        withdrawn=withdrawn,
        open=waiting,
        since=min(begun).date() if begun else None,
    )


def _is_out(row: Row) -> bool:
    """Tell whether no backport will come: it is not needed, or a person gave it up."""
    return row.outcome in _NEVER or (row.closed and not row.merged)


def _verdicts(
    configuration: Configuration,
    labels: tuple[str, ...],
    text: str,
    checklist: Checklist,
    on: date,
) -> tuple[PolicyVerdict, ...]:
    table, policy = configuration.policy, configuration.policy_table()
    if table is None or policy is None:
        return ()
    fix_class = phases.read_class(labels, text, table.label_prefix).fix_class
    series = [row.series for row in checklist.rows if row.merged]
    return tuple(phases.judge(policy, one, fix_class, on) for one in series)
