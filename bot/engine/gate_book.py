"""What the policy gate knows of each pull request: kept beside the register, and made anew if lost.

By it a decision finds the pull requests that wait for it, and a change of words on one needs
neither its commits nor its check run to be looked for again.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import TypeAdapter

from bot.core.gate_verdict import Evidence, Proposal
from bot.core.model import Repository
from bot.engine import register


@dataclass(frozen=True, slots=True)
class Entry:
    """A pull request as it was judged last.

    `evidence` has its commits where they were read, and no decisions. `sources` are what they
    copy. `check` is the id of the check run on its head, `shown` what stands there.
    """

    repository: Repository
    proposal: Proposal
    evidence: Evidence
    sources: tuple[str, ...]
    passed: bool
    check: int
    shown: str

    def waits_for(self, commit: str, source: int) -> bool:
        """Tell whether this copies a commit, or is one of ours that backports a pull request."""
        ours = self.proposal.source is not None and self.proposal.source == source
        return ours or (bool(commit) and any(commit.startswith(one) for one in self.sources))


_ENTRY = TypeAdapter(Entry)
GATES = sa.Table(
    "stablehand_gates",
    register.META,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("repository_id", sa.BigInteger, nullable=False),
    sa.Column("branch", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index("stablehand_gates_branch", "repository_id", "branch"),
)


async def put(entry: Entry) -> None:
    """Keep what is known of a pull request now."""
    repository, branch = entry.repository.id, entry.proposal.branch
    key = {"key": f"{repository}:{entry.proposal.pull}"}
    document = _ENTRY.dump_json(entry).decode()
    row = {"repository_id": repository, "branch": branch, "document": document}
    await register.ask(lambda connection: register.put_row(connection, GATES, key, row))


async def find(repository_id: int, pull: int) -> Entry | None:
    """Give what is known of one pull request."""
    found = await _entries(GATES.c.key == f"{repository_id}:{pull}")
    return found[0] if found else None


async def of_branch(repository_id: int, branch: str) -> tuple[Entry, ...]:
    """Give what is known of the pull requests to a branch."""
    mine = GATES.c.repository_id == repository_id
    return await _entries(sa.and_(mine, GATES.c.branch == branch))


async def of_repository(repository_id: int) -> tuple[Entry, ...]:
    """Give what is known of all pull requests of a repository."""
    return await _entries(GATES.c.repository_id == repository_id)


async def _entries(where: sa.ColumnElement[bool]) -> tuple[Entry, ...]:
    query = sa.select(GATES.c.document).where(where).order_by(GATES.c.key)
    documents = await register.ask(lambda connection: connection.execute(query).scalars().all())
    return tuple(map(_ENTRY.validate_json, documents))
