"""Which database holds the durable work, and how it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from bot.core.errors import Transient, UserError


class Store(Protocol):
    """What differs between one SQLite file and a shared Postgres database."""

    url: str
    executor_id: str
    pool_size: int
    table: str

    def engine_kwargs(self) -> dict[str, Any]:
        """Give the arguments of SQLAlchemy's `create_engine` that make our kind of connection."""

    def claimed(self) -> AbstractAsyncContextManager[None]:
        """Say that this process works under `executor_id`; UserError where it may not."""

    def watched(self, recover: Callable[[str], object]) -> AbstractAsyncContextManager[None]:
        """Take over the work of processes that died; `recover` gets their executor id."""


def parse(database_url: str) -> sa.URL:
    """Read `sqlite:////absolute/path` or `postgres[ql]://…`; anything else raises UserError."""
    try:
        url = sa.make_url(database_url)
    except sa.exc.ArgumentError:
        # The text is not repeated: it may hold a password.
        raise UserError("DATABASE_URL is not a database URL.") from None
    dialect = url.drivername.partition("+")[0]
    if dialect in {"postgres", "postgresql"} and url.database:
        return url.set(drivername="postgresql")
    if dialect == "sqlite" and url.database and Path(url.database).is_absolute():
        return url.set(drivername="sqlite")
    raise UserError(
        "DATABASE_URL must be sqlite:////absolute/path or postgresql://user@host/database,"
        f" not {dialect}://…"
    )


class Monitor:
    """Asks the database how much work it holds.

    On a thread and connection of its own, so that in an outage the question does not wait behind
    the work that is stuck.
    """

    def __init__(self, store: Store) -> None:
        self._engine = sa.create_engine(
            store.url.replace("postgresql:", "postgresql+psycopg:", 1),
            poolclass=sa.NullPool,
            **store.engine_kwargs(),
        )
        self._query = sa.text(
            f"SELECT queue_name, status, count(*) FROM {store.table} GROUP BY 1, 2"  # noqa: S608 - one of two constants
        )
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="database-monitor")

    async def workload(self, seconds: float) -> Mapping[tuple[str, str], int]:
        """Give (queue, status) → count of workflows; Transient if there is no answer in time."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                return await loop.run_in_executor(self._threads, self._ask)
        except (TimeoutError, sa.exc.DBAPIError) as error:
            raise Transient("The database does not answer.") from error

    def _ask(self) -> Mapping[tuple[str, str], int]:
        with self._engine.connect() as connection:
            rows = connection.execute(self._query).all()
        return {(queue or "", status): count for queue, status, count in rows}

    def close(self) -> None:
        """Let the thread end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
