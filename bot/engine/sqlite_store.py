"""Durable work in one SQLite file, which belongs to one process."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from bot.core.errors import UserError

_SUBSEC = (3, 42)  # the SQLite that brought unixepoch('subsec')


class SqliteStore:
    """One file in write-ahead mode, and a lock file beside it."""

    executor_id = "local"  # the next start finds its own unfinished work under the same name
    pool_size = 1  # threads queue here instead of spinning in SQLite's unfair busy wait
    table = "workflow_status"

    def __init__(self, path: Path) -> None:
        self._path = path
        self.url = f"sqlite:///{path}"

    def engine_kwargs(self) -> dict[str, Any]:
        """Give the arguments of SQLAlchemy's `create_engine` that make our kind of connection."""
        return {"creator": self._connect}

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        # What was accepted survives a power cut; NORMAL could lose the last commits.
        connection.execute("PRAGMA synchronous=FULL")
        if sqlite3.sqlite_version_info < _SUBSEC:
            # DBOS asks for unixepoch('subsec') on Python 3.12 and later, and would get NULL.
            connection.create_function("unixepoch", 1, lambda _: time.time())
        return connection

    @asynccontextmanager
    async def claimed(self) -> AsyncIterator[None]:
        """Hold the file for this process; raises UserError where another one holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = self._path.with_name(self._path.name + ".lock")
        with lock.open("a+") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                held.seek(0)
                raise UserError(
                    f"{self._path} is in use by process {held.read() or 'unknown'}. A SQLite"
                    " database serves one process: stop the other one, or set DATABASE_URL to"
                    " Postgres to run several."
                ) from None
            held.truncate(0)
            held.write(str(os.getpid()))
            held.flush()
            yield

    def watched(self, _recover: Callable[[str], object]) -> AbstractAsyncContextManager[None]:
        """Do nothing: there is no other process whose work could be taken over."""
        return nullcontext()
