"""A decision: what came of a motion, recorded once and never changed.

It stands as JSON in a comment (`bot.core.votes.seal`) and as a file
(`bot.core.votes.exception_file`). A decision is overturned
by another one that names its digest, so that the first stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from bot.core.errors import UserError
from bot.core.motion import Motion
from bot.core.votes import seal
from bot.core.votes.poll import Counted
from bot.core.votes.rule import Outcome, RuleRef
from bot.core.votes.tally import Tally
from bot.core.votes.wording import Choice

KIND = "decision"


@dataclass(frozen=True, slots=True)
class Scope:
    """What was decided for one target; `score` is the sum of its votes."""

    branch: str
    series: str
    outcome: Outcome
    score: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote that counted, with its link; `series` are the targets that it counted for."""

    voter: str
    choice: Choice
    series: tuple[str, ...]
    at: datetime
    url: str
    recorded_by: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """Under which name a decision is recorded (a ticket, such as `34063`), by whom and when.

    `url` leads to where it was announced, if that is elsewhere.
    """

    name: str
    by: str
    at: datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole record; moments are in UTC, hashes 64 hex digits, `commit` 40.

    `number` and `motion_url` lead to the motion. `overturns` is the digest of the decision that
    this one takes back, empty for none. `reason` is a person's, empty where votes decided.
    """

    name: str
    repository: str
    number: int
    motion_url: str
    commit: str
    text_sha256: str
    rule: RuleRef
    outcome: Outcome
    sentence: str
    scope: tuple[Scope, ...]
    votes: tuple[Vote, ...]
    opened_at: datetime
    closed_at: datetime
    recorded_at: datetime
    recorded_by: str
    url: str = ""
    overturns: str = ""
    reason: str = ""

    @property
    def digest(self) -> str:
        """Give the hash by which the record is known: SHA-256 of its JSON."""
        return seal.digest(dump(self))

    def allows(self, commit: str, series: str) -> bool:
        """Tell whether this lets a commit (40 hex digits) into a series."""
        accepted = (s.series for s in self.scope if s.outcome is Outcome.ACCEPTED)
        return commit == self.commit and series in accepted


_ADAPTER = TypeAdapter(Decision)


def recorded(motion: Motion, tally: Tally, entry: Entry) -> Decision:
    """Record what a tally came to; raises `UserError` while the vote is open."""
    if tally.outcome is Outcome.OPEN or tally.closed_at is None:
        raise UserError(f"Nothing can be recorded yet. {tally.sentence}")
    branches = {target.series: target.branch for target in motion.question.targets}
    scope = tuple(
        Scope(branches[one.series], one.series, one.outcome, one.score, one.sentence)
        for one in tally.targets
    )
    return _decision(motion, entry, (tally.outcome, tally.sentence), scope, tally)


def declined(motion: Motion, entry: Entry, reason: str) -> Decision:
    """Record that the body would not decide."""
    said = "Declined: the body took no decision."
    scope = tuple(
        Scope(target.branch, target.series, Outcome.DECLINED, 0, said)
        for target in motion.question.targets
    )
    made = _decision(motion, entry, (Outcome.DECLINED, said), scope)
    return replace(made, reason=reason)


def overturned(old: Decision, entry: Entry, reason: str) -> Decision:
    """Record that an earlier decision is taken back; raises `UserError` for one that took back."""
    if old.overturns:
        raise UserError("Only a decision on a motion can be overturned; open a new motion instead.")
    said = f"Overturned: the decision {old.digest[:12]} holds no longer."
    return replace(
        old,
        name=entry.name,
        outcome=Outcome.OVERTURNED,
        sentence=said,
        scope=tuple(replace(one, outcome=Outcome.OVERTURNED, sentence=said) for one in old.scope),
        closed_at=entry.at.astimezone(UTC),
        recorded_at=entry.at.astimezone(UTC),
        recorded_by=entry.by,
        url=entry.url,
        overturns=old.digest,
        reason=reason,
    )


def in_force(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Give the decisions that are not taken back, without those that took back."""
    every = tuple(decisions)
    gone = {one.overturns for one in every}
    return tuple(one for one in every if not one.overturns and one.digest not in gone)


def dump(decision: Decision) -> str:
    """Write a decision as one JSON object."""
    return _ADAPTER.dump_json(decision).decode()


def render(decision: Decision, text: str) -> str:
    """Write the comment of a decision: a text for people, and the sealed record."""
    return seal.sealed(KIND, text, dump(decision))


def read(body: str) -> Decision | None:
    """Read a decision out of a comment, None where there is none.

    Raises `seal.Broken` where the comment was changed or cannot be read.
    """
    record = seal.opened(KIND, body)
    if record is None:
        return None
    try:
        return _ADAPTER.validate_json(record)
    except ValidationError:
        raise seal.Broken(f"The record of this {KIND} is none that this bot can read.") from None


def _decision(
    motion: Motion,
    entry: Entry,
    said: tuple[Outcome, str],
    scope: tuple[Scope, ...],
    tally: Tally | None = None,
) -> Decision:
    at = entry.at.astimezone(UTC)
    closed_at = tally.closed_at if tally and tally.closed_at else at
    return Decision(
        name=entry.name,
        repository=motion.question.repository,
        number=motion.question.number,
        motion_url=motion.question.url,
        commit=motion.question.commit,
        text_sha256=motion.text_sha256,
        rule=motion.rule,
        outcome=said[0],
        sentence=said[1],
        scope=scope,
        votes=_votes(tally) if tally else (),
        opened_at=motion.opened_at.astimezone(UTC),
        closed_at=closed_at.astimezone(UTC),
        recorded_at=at,
        recorded_by=entry.by,
        url=entry.url,
    )


def _votes(tally: Tally) -> tuple[Vote, ...]:
    """List each ballot once, with all targets that it counted for."""
    series: dict[Counted, list[str]] = {}
    for target in tally.targets:
        for vote in target.votes:
            series.setdefault(vote, []).append(target.series)
    return tuple(
        Vote(
            voter=vote.voter,
            choice=vote.choice,
            series=tuple(names),
            at=vote.at.astimezone(UTC),
            url=vote.url,
            recorded_by=vote.recorded_by,
            label=vote.label,
        )
        for vote, names in series.items()
    )
