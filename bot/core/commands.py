"""What a webhook delivery asks of the engine, in a form that can be stored and read again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from bot.core.gate_verdict import Proposal
from bot.core.hand_push import PushedCommit
from bot.core.model import Repository
from bot.core.request import Request


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody may have claimed an exception for a pull request.

    `label` is the label that was set; None stands for whatever labels are on it.
    """

    repository: Repository
    pull: int
    label: str | None
    kind: Literal["claim"] = "claim"


@dataclass(frozen=True, slots=True)
class ConfigurationProposed:
    """A pull request has a new head, which may change the repository's configuration."""

    repository: Repository
    pull: int
    head_sha: str
    kind: Literal["configuration_proposed"] = "configuration_proposed"


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody wrote a `/backport` command in a comment on a pull request."""

    repository: Repository
    pull: int
    comment: int
    author: str
    request: Request
    kind: Literal["asked"] = "asked"


@dataclass(frozen=True, slots=True)
class BackportChanged:
    """A person pushed to the head branch of a backport pull request."""

    repository: Repository
    pull: int
    source: int
    head_sha: str
    kind: Literal["backport_changed"] = "backport_changed"


@dataclass(frozen=True, slots=True)
class RunChanged:
    """A run on GitHub Actions ended for which the workflow `waiting` waits."""

    repository: Repository
    waiting: str
    kind: Literal["run_changed"] = "run_changed"


@dataclass(frozen=True, slots=True)
class ProofAsked:
    """Somebody asked by GitHub's own button for one more proof of a backport's head commit.

    `request` names this one request, and stays the same when it comes again.
    """

    repository: Repository
    sha: str
    author: str
    request: str
    kind: Literal["proof_asked"] = "proof_asked"


@dataclass(frozen=True, slots=True)
class Gated:
    """A pull request to a branch that may be a target was opened or changed."""

    repository: Repository
    proposal: Proposal
    kind: Literal["gated"] = "gated"

    @property
    def pull(self) -> int:
        """Give the number of the pull request."""
        return self.proposal.pull


@dataclass(frozen=True, slots=True)
class GateAsked:
    """Somebody asked by GitHub's own button to have a pull request judged once more."""

    repository: Repository
    pull: int
    kind: Literal["gate_asked"] = "gate_asked"


@dataclass(frozen=True, slots=True)
class Pushed:
    """A person pushed commits to a branch that may be a target; `by` is a login."""

    repository: Repository
    branch: str
    by: str
    commits: tuple[PushedCommit, ...]
    kind: Literal["pushed"] = "pushed"


@dataclass(frozen=True, slots=True)
class Spoke:
    """A person wrote, changed or took away a comment or a review: it may be a vote.

    `place` is `comment:ID`, `review:ID` or `issue:ID`; `comment` is the id of a comment, 0 for any
    other. `editor` is who did it now. `action` is `created`,
    `edited` or `deleted`. `stamp` is when the text got as it is; `state` is that of a review.
    """

    repository: Repository
    pull: int
    place: str
    author: str
    editor: str
    body: str
    action: str
    url: str
    created_at: datetime
    stamp: str
    comment: int = 0
    state: str = ""
    is_pull: bool = True
    kind: Literal["spoke"] = "spoke"


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A person took a label off a pull request; `commit` is what it was merged as, if it was."""

    repository: Repository
    pull: int
    commit: str
    kind: Literal["unclaimed"] = "unclaimed"


@dataclass(frozen=True, slots=True)
class Reverted:
    """Commits came to the default branch that say they take others back; or it was `forced`."""

    repository: Repository
    branch: str
    commits: tuple[str, ...]
    forced: bool = False
    kind: Literal["reverted"] = "reverted"


@dataclass(frozen=True, slots=True)
class Moved:
    """Branches or tags were created, moved or deleted; `refs` are their full names."""

    repository: Repository
    refs: tuple[str, ...]
    kind: Literal["moved"] = "moved"


@dataclass(frozen=True, slots=True)
class Touched:
    """A person changed or took away a comment of ours, or something that a checklist watches.

    `number` is the issue or pull request where it was done.
    """

    repository: Repository
    number: int
    kind: Literal["touched"] = "touched"


@dataclass(frozen=True, slots=True)
class Noted:
    """Somebody gave a `/note` command in a comment on a pull request."""

    repository: Repository
    pull: int
    comment: int
    author: str
    kind: Literal["noted"] = "noted"


Command = (
    Claim
    | ConfigurationProposed
    | Asked
    | BackportChanged
    | RunChanged
    | ProofAsked
    | Unclaimed
    | Reverted
    | Spoke
    | Gated
    | GateAsked
    | Pushed
    | Moved
    | Touched
    | Noted
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook delivery that asks for something; `guid` stays the same when it comes again."""

    guid: str
    event: str
    action: str | None
    repository: Repository
    commands: tuple[Command, ...]


class Malformed(Exception):  # noqa: N818 - said of a delivery, as in "400, malformed: …"
    """A payload lacks what its event must have; the message is one line that says what."""


_COMMANDS: TypeAdapter[tuple[Command, ...]] = TypeAdapter(
    tuple[Annotated[Command, Field(discriminator="kind")], ...]
)


def dump(commands: Iterable[Command]) -> list[dict[str, Any]]:
    """Turn commands into plain JSON values, one object each; `kind` says which it is."""
    dumped: list[dict[str, Any]] = _COMMANDS.dump_python(tuple(commands), mode="json")
    return dumped


def load(stored: list[dict[str, Any]]) -> tuple[Command, ...]:
    """Read again what `dump` gave."""
    return _COMMANDS.validate_python(stored)
