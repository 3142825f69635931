"""The exceptions that are under way: a copy of each checklist, in the database.

The checklist on the source pull request is where people see it; the copy tells without a request
what is open, and brings a checklist back whose comment is gone.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import TypeAdapter

from bot.core.checklist import Checklist
from bot.core.model import Repository
from bot.engine import register

_TAGS = "refs/tags/"


@dataclass(frozen=True, slots=True)
class Case:
    """One exception: its source pull request and its checklist.

    `comment` is the checklist's, 0 where it stands in a check run because comments are closed to
    us. `ended` tells that nothing is left to follow.
    """

    repository: Repository
    number: int
    comment: int
    checklist: Checklist
    ended: bool = False

    def moved_by(self, refs: tuple[str, ...]) -> bool:
        """Tell whether it may matter here that refs (full names) moved.

        Targets, branches that still lack its notes, and any tag do; once it has ended, only the
        tags by which it has shipped.
        """
        rows = self.checklist.rows
        if self.ended:
            return any(row.shipped and f"{_TAGS}{row.shipped.tag}" in refs for row in rows)
        lacking = (share.branch for share in self.checklist.shares if share.lacking)
        branches = {f"refs/heads/{name}" for name in (*(row.branch for row in rows), *lacking)}
        return any(ref in branches or ref.startswith(_TAGS) for ref in refs)

    def touched_at(self, repository: Repository, number: int) -> bool:
        """Tell whether it may matter here what was done at an issue or pull request."""
        later = self.checklist.follow_up
        if later and (later.repository, later.issue) == (repository.full_name, number):
            return True
        rows, shares = self.checklist.rows, self.checklist.shares
        own = {self.number, *(row.pull for row in rows), *(share.pull for share in shares)}
        return self.repository.id == repository.id and number in own


_CASE = TypeAdapter(Case)
_CASES = sa.Table(
    "stablehand_cases",
    register.META,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("repository_id", sa.BigInteger, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index("stablehand_cases_open", "ended", "repository_id"),
)


async def put(case: Case) -> None:
    """Keep a case as it stands now."""
    row = {
        "repository_id": case.repository.id,
        "number": case.number,
        "ended": case.ended,
        "document": _CASE.dump_json(case).decode(),
    }
    key = {"key": _key(case.repository.id, case.number)}
    await register.ask(lambda connection: register.put_row(connection, _CASES, key, row))


async def find(repository_id: int, number: int) -> Case | None:
    """Give the case of a source pull request."""
    found = await _cases(_CASES.c.key == _key(repository_id, number))
    return found[0] if found else None


async def under_way(repository_id: int | None = None) -> tuple[Case, ...]:
    """Give the cases that have not ended, of one repository or of all, by number."""
    going = _CASES.c.ended.is_(False)
    mine = _CASES.c.repository_id == repository_id
    return await _cases(going if repository_id is None else sa.and_(going, mine))


async def every(repository_id: int) -> tuple[Case, ...]:
    """Give all cases of a repository, those that have ended too, by number."""
    return await _cases(_CASES.c.repository_id == repository_id)


async def _cases(where: sa.ColumnElement[bool]) -> tuple[Case, ...]:
    query = sa.select(_CASES.c.document).where(where)
    query = query.order_by(_CASES.c.repository_id, _CASES.c.number)
    documents = await register.ask(lambda connection: connection.execute(query).scalars().all())
    return tuple(map(_CASE.validate_json, documents))


def _key(repository_id: int, number: int) -> str:
    return f"{repository_id}:{number}"
