"""The register: every motion and every decision, in the database that holds the durable work.

It is a copy for fast look-ups of what stands in comments on GitHub. Each statement is a
transaction of its own and can be repeated; a document that cannot be read is never trusted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from bot.core import vote_record
from bot.core.errors import Transient, UserError
from bot.core.vote_record import Recorded, Status, Vote
from bot.core.votes import seal
from bot.engine.database import parse
from bot.engine.sqlite_store import SqliteStore

SCHEMA_VERSION = 1

_T = TypeVar("_T")
_RECORDED = TypeAdapter(Recorded)
META = sa.MetaData()
_MOTIONS = sa.Table(
    "stablehand_motions",
    META,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("repository_id", sa.BigInteger, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("commit_sha", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("opened_at", sa.BigInteger, nullable=False),  # microseconds since 1970
    sa.Column("due_at", sa.BigInteger),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index("stablehand_motions_place", "repository_id", "number"),
    sa.Index("stablehand_motions_commit", "repository_id", "commit_sha"),
    sa.Index("stablehand_motions_due", "status", "due_at"),
)
_DECISIONS = sa.Table(
    "stablehand_decisions",
    META,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("repository_id", sa.BigInteger, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("commit_sha", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.BigInteger, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index("stablehand_decisions_commit", "repository_id", "commit_sha"),
)
_VERSIONS = sa.Table("stablehand_schema", META, sa.Column("version", sa.Integer, primary_key=True))


class _Here:
    """One register in each process, with one thread that talks to the database."""

    engine: sa.Engine | None = None
    thread: ThreadPoolExecutor | None = None


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[None]:
    """Hold the register open until the block ends, making its tables where they are missing.

    Raises UserError where the tables are those of a newer release.
    """
    url = parse(database_url)
    if url.drivername == "sqlite":
        kwargs = SqliteStore(Path(url.database or "")).engine_kwargs()
    else:
        url, kwargs = url.set(drivername="postgresql+psycopg"), {}
    _Here.thread = ThreadPoolExecutor(1, thread_name_prefix="register")
    # Every statement stands alone, so that none ever waits with a lock in its hand.
    _Here.engine = sa.create_engine(
        url, pool_size=1, pool_pre_ping=True, isolation_level="AUTOCOMMIT", **kwargs
    )
    try:
        await ask(_prepare)
        yield
    finally:
        _Here.thread.shutdown(wait=False, cancel_futures=True)
        _Here.engine.dispose()
        _Here.engine = _Here.thread = None


async def put_motion(vote: Vote, due_at: datetime | None = None) -> None:
    """Keep a vote as it stands now; `due_at` is when the clock has something to do for it."""
    question = vote.motion.question
    row = {
        "repository_id": vote.repository_id,
        "number": question.number,
        "commit_sha": question.commit,
        "status": vote.status.value,
        "opened_at": _stamp(vote.motion.opened_at),
        "due_at": None if due_at is None else _stamp(due_at),
        "document": vote_record.dump(vote),
    }
    await ask(lambda connection: put_row(connection, _MOTIONS, {"key": vote.key}, row))


async def motion(key: str) -> Vote | None:
    """Give one vote by its key."""
    return _first(await _votes(_MOTIONS.c.key == key))


async def motion_at(repository_id: int, number: int) -> Vote | None:
    """Give the open vote on an issue or pull request, else the newest one, else None."""
    found = await motions_at(repository_id, number)
    return _first([vote for vote in found if vote.status is Status.OPEN] or found)


async def motions_at(repository_id: int, number: int) -> tuple[Vote, ...]:
    """Give all votes on an issue or pull request, newest first."""
    mine = _MOTIONS.c.repository_id == repository_id
    return await _votes(sa.and_(mine, _MOTIONS.c.number == number))


async def motions_of(repository_id: int, commit: str) -> tuple[Vote, ...]:
    """Give all votes on a commit (40 hex digits), newest first."""
    mine = _MOTIONS.c.repository_id == repository_id
    return await _votes(sa.and_(mine, _MOTIONS.c.commit_sha == commit))


async def open_motions_due(before: datetime) -> tuple[Vote, ...]:
    """Give the open votes for which something is to be done by then."""
    due = sa.and_(_MOTIONS.c.status == Status.OPEN.value, _MOTIONS.c.due_at <= _stamp(before))
    return await _votes(due)


async def open_motions(repository_id: int) -> tuple[Vote, ...]:
    """Give the open votes of a repository, newest first."""
    mine = _MOTIONS.c.repository_id == repository_id
    return await _votes(sa.and_(mine, _MOTIONS.c.status == Status.OPEN.value))


async def put_decision(recorded: Recorded) -> None:
    """Keep a decision; one that is known already stays as it is."""
    decision = recorded.decision
    row = {
        "repository_id": recorded.repository_id,
        "number": decision.number,
        "commit_sha": decision.commit,
        "recorded_at": _stamp(decision.recorded_at),
        "document": _RECORDED.dump_json(recorded).decode(),
    }
    key = {"digest": decision.digest}
    await ask(lambda connection: put_row(connection, _DECISIONS, key, row, replace=False))


async def decisions_for(repository_id: int, commit: str) -> tuple[Recorded, ...]:
    """Give all decisions on a commit, those that overturn included, oldest first.

    `decision.in_force` tells which of them hold.
    """
    mine = _DECISIONS.c.repository_id == repository_id
    return await _recorded(sa.and_(mine, _DECISIONS.c.commit_sha == commit))


async def decisions_like(repository_id: int, commit: str) -> tuple[Recorded, ...]:
    """Give all decisions on a commit that is named by its first digits, oldest first."""
    mine = _DECISIONS.c.repository_id == repository_id
    return await _recorded(sa.and_(mine, _DECISIONS.c.commit_sha.startswith(commit)))


async def decisions_at(repository_id: int, number: int) -> tuple[Recorded, ...]:
    """Give all decisions on the motions of an issue or pull request, oldest first."""
    mine = _DECISIONS.c.repository_id == repository_id
    return await _recorded(sa.and_(mine, _DECISIONS.c.number == number))


async def decision(digest: str) -> Recorded | None:
    """Give one decision by its digest."""
    return _first(await _recorded(_DECISIONS.c.digest == digest))


async def everything(repository_id: int) -> tuple[tuple[Vote, ...], tuple[Recorded, ...]]:
    """Give all votes (newest first) and all decisions (oldest first) of a repository."""
    votes = await _votes(_MOTIONS.c.repository_id == repository_id)
    return votes, await _recorded(_DECISIONS.c.repository_id == repository_id)


async def forget(repository_id: int) -> None:
    """Forget all that is known of a repository, before it is read from GitHub again."""

    def delete(connection: sa.Connection) -> None:
        for table in (_MOTIONS, _DECISIONS):
            connection.execute(sa.delete(table).where(table.c.repository_id == repository_id))

    await ask(delete)


async def _votes(where: sa.ColumnElement[bool]) -> tuple[Vote, ...]:
    query = sa.select(_MOTIONS.c.document).where(where).order_by(_MOTIONS.c.opened_at.desc())
    documents = await ask(lambda connection: connection.execute(query).scalars().all())
    return tuple(vote_record.load(document) for document in documents)


async def _recorded(where: sa.ColumnElement[bool]) -> tuple[Recorded, ...]:
    query = sa.select(_DECISIONS.c.digest, _DECISIONS.c.document).where(where)
    query = query.order_by(_DECISIONS.c.recorded_at, _DECISIONS.c.digest)
    rows = await ask(lambda connection: connection.execute(query).all())
    return tuple(_read(digest, document) for digest, document in rows)


def _read(digest: str, document: str) -> Recorded:
    try:
        recorded = _RECORDED.validate_json(document)
    except ValidationError:
        raise seal.Broken("A decision in the database is none that this bot can read.") from None
    if recorded.decision.digest != digest:
        raise seal.Broken("A decision in the database was changed after it was recorded.")
    return recorded


def _first(found: tuple[_T, ...] | list[_T]) -> _T | None:
    return found[0] if found else None


def _stamp(at: datetime) -> int:
    return round(at.astimezone(UTC).timestamp() * 1_000_000)


def put_row(
    connection: sa.Connection,
    table: sa.Table,
    key: dict[str, str],
    row: dict[str, Any],
    *,
    replace: bool = True,
) -> None:
    """Insert a row, or bring the one that stands up to date, in either kind of database."""
    dialect: Any = getattr(sa.dialects, connection.dialect.name)
    insert = dialect.insert(table).values(**key, **row)
    names = list(key)
    if replace:
        connection.execute(insert.on_conflict_do_update(index_elements=names, set_=row))
    else:
        connection.execute(insert.on_conflict_do_nothing(index_elements=names))


def _prepare(connection: sa.Connection) -> None:
    META.create_all(connection)
    versions = connection.execute(sa.select(_VERSIONS.c.version)).scalars().all()
    if any(version > SCHEMA_VERSION for version in versions):
        raise UserError("The database was made by a newer release of Stablehand; run that one.")
    if not versions:
        connection.execute(_VERSIONS.insert().values(version=SCHEMA_VERSION))


async def ask(question: Callable[[sa.Connection], _T]) -> _T:
    """Put a question to the database of the register; Transient where it does not answer."""
    engine, thread = _Here.engine, _Here.thread
    if engine is None or thread is None:
        raise RuntimeError("the register needs `async with register.opened(url)` around it")

    def answer() -> _T:
        with engine.connect() as connection:
            return question(connection)

    try:
        return await asyncio.get_running_loop().run_in_executor(thread, answer)
    except sa.exc.DBAPIError as error:
        raise Transient("The database does not answer.") from error
