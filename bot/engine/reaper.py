"""Durable work in Postgres: a lock says that a process lives; when it falls, peers take over.

Each process holds a session advisory lock named after its executor id. Whoever gets the lock of
an executor that still has running work hands that work back to its queue.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, LiteralString

import psycopg
from psycopg.errors import UndefinedObject

from bot.core.errors import UserError

_log = logging.getLogger(__name__)

_PATIENCE = 3  # looks that find a lock free; a live process has it back before the third
_SEED = 0x57AB1E  # keeps our advisory locks apart from other users of the same database
_LOCK = "SELECT pg_advisory_lock(hashtextextended(%s, %s))"
_TRY_LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, %s))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%s, %s))"
_LEASE = "SELECT set_config('idle_session_timeout', %s, false)"
_OTHERS = (
    "SELECT DISTINCT executor_id FROM dbos.workflow_status"
    " WHERE status = 'PENDING' AND executor_id <> %s"
)
# A peer that vanished without a word is noticed in half a minute, not in two hours.
_KEEPALIVE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

_Session = psycopg.AsyncConnection[tuple[Any, ...]]


class PostgresStore:
    """A database shared by several processes, each under a name that no other ever had.

    `probe_seconds` is the pause between two looks for fallen peers; a process that does not
    reach the database for `lease_seconds` counts as fallen. The locks need a direct connection,
    not one pooled per transaction.
    """

    pool_size = 8  # two processes fit into the twenty connections of the smallest offers
    table = "dbos.workflow_status"

    def __init__(
        self, url: str, executor_name: str, *, probe_seconds: float, lease_seconds: float
    ) -> None:
        self.url = url
        # Restarts overlap, so that a stable name could be held by two processes at once.
        self.executor_id = f"{executor_name}-{uuid.uuid4().hex}"
        self._probe_seconds = probe_seconds
        self._lease_seconds = lease_seconds
        self._session: _Session | None = None
        self._silent: Counter[str] = Counter()

    def engine_kwargs(self) -> dict[str, Any]:
        """Give the arguments of SQLAlchemy's `create_engine` that make our kind of connection."""
        return {"connect_args": {"application_name": "stablehand", **_KEEPALIVE}}

    @asynccontextmanager
    async def claimed(self) -> AsyncIterator[None]:
        """Hold this process's lock; raises UserError where the database cannot be used."""
        try:
            await self._claim()
            yield
        finally:
            await self._close()

    async def _claim(self) -> None:
        try:
            await self._connect()
        except UndefinedObject as error:
            raise UserError("DATABASE_URL needs Postgres 14 or newer.") from error
        except psycopg.OperationalError as error:
            raise UserError(
                f"The database of DATABASE_URL cannot be reached: {_line(error)}"
            ) from error

    @asynccontextmanager
    async def watched(self, recover: Callable[[str], object]) -> AsyncIterator[None]:
        """Look for fallen peers all the while; `recover(executor_id)` hands on their work."""
        watch = asyncio.create_task(self._watch(recover))
        try:
            yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _connect(self) -> None:
        self._session = await psycopg.AsyncConnection.connect(
            self.url, autocommit=True, application_name="stablehand lease", **_KEEPALIVE
        )
        await self._session.execute(_LEASE, [f"{round(self._lease_seconds * 1000)}ms"])
        await self._session.execute(_LOCK, [self.executor_id, _SEED])

    async def _close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _watch(self, recover: Callable[[str], object]) -> None:
        while True:
            await asyncio.sleep(self._probe_seconds)
            try:
                if self._session is None:
                    await self._connect()
                    self._silent.clear()  # peers may have lost their locks as we did
                await self._probe(recover)
            except psycopg.Error as error:
                _log.warning("the lease on the database is lost, trying again: %s", _line(error))
                await self._close()
            except Exception:  # noqa: BLE001 - a watch that ends would leave work behind for ever
                _log.exception("looking for fallen processes failed, trying again")

    async def _probe(self, recover: Callable[[str], object]) -> None:
        if self._session is None:
            return
        for (executor_id,) in await _rows(self._session, _OTHERS, self.executor_id):
            [(free,)] = await _rows(self._session, _TRY_LOCK, executor_id, _SEED)
            if not free:
                del self._silent[executor_id]
                continue
            self._silent[executor_id] += 1
            try:
                if self._silent[executor_id] >= _PATIENCE:
                    _log.warning("taking over the work of %s, which is gone", executor_id)
                    await asyncio.to_thread(recover, executor_id)
            finally:
                await self._session.execute(_UNLOCK, [executor_id, _SEED])


def _line(error: psycopg.Error) -> str:
    return " ".join(str(error).split())


async def _rows(session: _Session, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
    return await (await session.execute(query, values)).fetchall()
