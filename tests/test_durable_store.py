"""How durable work reaches its database, and what it says when it cannot."""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path

import pytest

from bot.core.errors import UserError
from bot.engine import dbos_log, durable
from bot.engine.database import parse
from bot.engine.sqlite_store import SqliteStore


def _connect(folder: Path) -> sqlite3.Connection:
    connection: sqlite3.Connection = SqliteStore(folder / "a.sqlite").engine_kwargs()["creator"]()
    return connection


def test_sqlite_survives_a_power_cut(tmp_path: Path) -> None:
    """A SQLite file is in write-ahead mode, and each commit is on the disk."""
    connection = _connect(tmp_path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()


def test_sqlite_knows_parts_of_a_second(tmp_path: Path) -> None:
    """The clock that DBOS asks for on Python 3.12 works with an older SQLite too."""
    connection = _connect(tmp_path)
    before = time.time()
    [(now,)] = connection.execute("SELECT unixepoch('subsec')").fetchall()
    assert before - 1 <= now <= time.time() + 1
    connection.close()


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("sqlite:////var/a.sqlite", "sqlite:////var/a.sqlite"),
        ("postgres://u:p@h:5/d", "postgresql://u:p@h:5/d"),
        ("postgresql+psycopg://h/d?sslmode=require", "postgresql://h/d?sslmode=require"),
    ],
)
def test_urls_that_are_known(text: str, known: str) -> None:
    """SQLite files and Postgres under its several names are understood."""
    assert parse(text).render_as_string(hide_password=False) == known


@pytest.mark.parametrize(
    "text", ["mysql://u:secret@h/d", "sqlite:///relative.sqlite", "postgres://h", "secret"]
)
def test_urls_that_are_not_known(text: str) -> None:
    """Any other URL is refused with the allowed ones, and without its password."""
    with pytest.raises(UserError, match="DATABASE_URL") as refusal:
        parse(text)
    assert "secret" not in str(refusal.value)


async def test_a_database_out_of_reach_is_named() -> None:
    """A start without a database says which setting to look at, and not the password."""
    options = durable.Options(
        database_url="postgresql://u:secret@127.0.0.1:1/d",
        executor_name="test",
        queues=frozenset(),
        on_bug=print,
    )
    with pytest.raises(UserError, match="DATABASE_URL cannot be reached") as refusal:
        async with durable.running(options):
            pass
    assert "secret" not in str(refusal.value)


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """A start on a file that is no database says so, and leaves nothing behind."""
    file = tmp_path / "a.sqlite"
    file.write_text("no database " * 100)
    options = durable.Options(
        database_url=f"sqlite:///{file}", executor_name="test", queues=frozenset(), on_bug=print
    )
    for _ in range(2):
        with pytest.raises(UserError, match="not a database"):
            async with durable.running(options):
                pass


def test_the_log_of_an_outage_is_short(caplog: pytest.LogCaptureFixture) -> None:
    """The same line of DBOS is written a few times a minute, and never with a traceback."""
    dbos_log.calm()
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.WARNING)
    for _ in range(100):
        logger.error("a workflow failed:", exc_info=ZeroDivisionError("a bug"))
    logger.error("another line")
    assert caplog.messages[0] == "a workflow failed: ZeroDivisionError('a bug')"
    assert "another line" in caplog.messages
    assert len(caplog.messages) < 10
    assert all(record.exc_info is None for record in caplog.records)
