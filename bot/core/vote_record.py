"""The record of a vote: a motion with all that was seen of it, as the bot's comment holds it.

GitHub alone is enough to have it again: the comment that opens a vote carries the record, and is
edited whenever something is seen. A decision is a record of its own and never changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

from bot.core.decision import Decision
from bot.core.model import Repository
from bot.core.motion import Motion, tallied
from bot.core.signature import Sign, opened, signed
from bot.core.votes import register, seal
from bot.core.votes.register import Register
from bot.core.votes.rule import Circumstances
from bot.core.votes.tally import Tally
from bot.core.votes.wording import DEFAULT, Words

KIND = "vote"
DECISION = "decision"


class Status(StrEnum):
    """How far a vote is."""

    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a target may expect, as the comment shows it: phase, policy, pick, next version."""

    series: str
    phase: str
    policy: str
    pick: str
    next_version: str


@dataclass(frozen=True, slots=True)
class Ways:
    """How people take part in a vote, as it was configured at its opening.

    `team` is `org/team`, empty where the roster is a list. `recorders` is `anyone`, a permission
    or a team.
    """

    team: str = ""
    recorders: str = "maintain"
    words: Words = DEFAULT


@dataclass(frozen=True, slots=True)
class Vote:
    """A motion, and where it stands.

    `place` names the request (`comment:123`), and stays the same when it comes again. `name` is
    that of the exception (a ticket), `pull` the source pull request. `left_out` are sentences on
    targets that need no exception. `ways` says how people take
    part. `comment` is the id of the bot's comment, 0 before it is written, and `author` the App's
    own login. `recorders` are logins that were found to be recorders. `reminded` is the end of
    which a reminder was sent, `told_end` the one that people know. `edited_text` is the hash of the
    text to which the request was changed. `tampering` tells of changes of the comment itself,
    `problem` why the roster cannot be read. `closed_at` is when it was decided or withdrawn,
    `decision` the digest of what came of it.
    """

    repository_id: int
    installation: int
    place: str
    name: str
    pull: int
    motion: Motion
    ways: Ways
    outlook: tuple[Outlook, ...] = ()
    left_out: tuple[str, ...] = ()
    seen: Register = register.EMPTY
    status: Status = Status.OPEN
    comment: int = 0
    comment_url: str = ""
    author: str = ""
    recorders: tuple[str, ...] = ()
    reminded: datetime | None = None
    told_end: datetime | None = None
    edited_text: str = ""
    tampering: tuple[str, ...] = ()
    problem: str = ""
    closed_at: datetime | None = None
    decision: str = ""

    @property
    def key(self) -> str:
        """Tell this vote from all others."""
        return f"{self.repository_id}:{self.motion.question.number}:{self.place}"

    @property
    def repository(self) -> Repository:
        """Give the repository."""
        owner, _, name = self.motion.question.repository.partition("/")
        return Repository(self.installation, self.repository_id, owner, name)

    @property
    def electorate(self) -> tuple[str, ...]:
        """Give those who sat at the opening, in lower case."""
        return self.motion.roster.sitting(self.motion.opened_at)

    def tally(self, now: datetime, circumstances: Circumstances | None = None) -> Tally:
        """Count the votes at a moment; nothing after the close counts."""
        known = replace(self.motion, recorders=self.recorders)
        return tallied(known, self.seen, now, self.closed_at, circumstances)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision, with the comment that holds it, and the App's own login as its author.

    A label that this author set is the decision's own. `pull` is the source pull request.
    """

    repository_id: int
    pull: int
    decision: Decision
    comment: int
    comment_url: str
    author: str


_VOTE = TypeAdapter(Vote)
_DECISION = TypeAdapter(Decision)


def dump(vote: Vote) -> str:
    """Write the record of a vote as one JSON object."""
    return _VOTE.dump_json(vote).decode()


def load(record: str) -> Vote:
    """Read what `dump` wrote; raises `seal.Broken` where it is something else."""
    try:
        vote = _VOTE.validate_json(record)
    except ValidationError:
        raise seal.Broken("The record of this vote is none that this bot can read.") from None
    if not vote.motion.holds_text(vote.motion.question.text):
        raise seal.Broken("The text in the record of this vote is not the one that was hashed.")
    return vote


def render(vote: Vote, text: str, sign: Sign) -> str:
    """Write the comment of a vote: a text for people, and the signed record.

    Where it stands is not in it: `read` cannot know, and whoever reads can see.
    """
    return signed(KIND, text, dump(replace(vote, comment=0, comment_url="", author="")), sign)


def read(body: str, sign: Sign) -> Vote | None:
    """Read a vote out of a comment, None where there is none.

    Raises `seal.Broken` where the comment was changed, or was not written by this bot.
    """
    record = opened(KIND, body, sign)
    return None if record is None else load(record)


def render_decision(decision: Decision, text: str, sign: Sign) -> str:
    """Write the comment of a decision: a text for people, and the signed record."""
    return signed(DECISION, text, _DECISION.dump_json(decision).decode(), sign)


def read_decision(body: str, sign: Sign) -> Decision | None:
    """Read a decision out of a comment, None where there is none; raises `seal.Broken`."""
    record = opened(DECISION, body, sign)
    if record is None:
        return None
    try:
        return _DECISION.validate_json(record)
    except ValidationError:
        raise seal.Broken("The record of this decision is none that this bot can read.") from None
