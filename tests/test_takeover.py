"""Several processes on one Postgres: the work of one that falls is done by its peers."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from tests.databases import Cable
from tests.durable_process import App, Work, work_in

NAMES = [f"r{number}" for number in range(6)]


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Work]:
    """Give the processes of this test."""
    async with work_in(tmp_path) as processes:
        yield processes


async def _two_workers(work: Work, url: str) -> tuple[App, App]:
    """Start two workers that share six chains, at most four each, all of them in the long step."""
    first, second = await work.start(url), await work.start(url)
    await first.accept("gh:1", "parent", names=NAMES, gate=str(work.gate))
    await work.until(lambda: len(work.lines_with("wait")) == len(NAMES))
    return first, second


def _begun_by(work: Work, app: App) -> set[str]:
    lines = [line.split() for line in work.lines_with("wait")]
    return {name for name, _, _, pid in lines if pid == str(app.process.pid)}


async def test_a_killed_workers_work_is_done_by_its_peer(work: Work, postgres_url: str) -> None:
    """With one of two workers killed, all work is done, and what was recorded is kept."""
    first, second = await _two_workers(work, postgres_url)
    orphans = _begun_by(work, first)
    assert orphans
    assert orphans != set(NAMES)
    await first.kill()
    work.gate.touch()
    for name in NAMES:
        await second.result(name)

        [made] = work.lines(name, "make")
        [used] = work.lines(name, "use")
        assert used.removeprefix(f"{name} use ") == made.removeprefix(f"{name} make True ")
        assert len(work.lines(name, "waited")) == 1
        first_times = [line.split()[2] for line in work.lines(name, "wait")]
        assert first_times == (["True", "False"] if name in orphans else ["True"])


async def test_a_stopped_workers_work_is_done_by_its_peer(work: Work, postgres_url: str) -> None:
    """A worker that is stopped leaves its unfinished work to its peer."""
    first, second = await _two_workers(work, postgres_url)
    orphans = _begun_by(work, first)
    await first.stop()
    work.gate.touch()
    for name in NAMES:
        await second.result(name)
        assert len(work.lines(name, "use")) == 1
    assert orphans <= _begun_by(work, second)


async def test_a_frozen_worker_is_fenced_off(work: Work, postgres_url: str) -> None:
    """A worker that slept through its lease loses its work, and cannot end it a second time."""
    first = await work.start(postgres_url, lease_seconds=1)
    await first.accept("gh:1", "chain", name="a", gate=str(work.gate))
    await work.until(lambda: work.lines("a", "wait"))
    first.process.send_signal(signal.SIGSTOP)
    second = await work.start(postgres_url)
    await work.until(lambda: len(work.lines("a", "wait")) == 2)
    work.gate.touch()
    await second.result("gh:1")
    first.process.send_signal(signal.SIGCONT)
    await work.until(lambda: len(work.lines("a", "waited")) == 2)  # the sleeper ends its step

    assert await first.result("gh:1") == await second.result("gh:1")
    assert len(work.lines("a", "use")) == 1
    assert not work.lines("bug")


async def test_a_worker_takes_its_lease_again(work: Work, postgres_url: str) -> None:
    """A live worker whose lease was cut off takes it again, and a peer leaves its work alone."""
    first, second = (
        await work.start(postgres_url),
        await work.start(postgres_url, queues=[], probe_seconds=2),
    )
    await first.accept("gh:1", "chain", name="a", gate=str(work.gate))
    await work.until(lambda: work.lines("a", "wait"))
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        before = _leases(connection)
        for lease in before:
            connection.execute("SELECT pg_terminate_backend(%s)", [lease])
        await work.until(lambda: len(_leases(connection) - before) == len(before))
    work.gate.touch()
    await second.result("gh:1")

    assert len(work.lines("a", "wait")) == 1


def _leases(connection: psycopg.Connection) -> set[int]:
    query = (
        "SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE locktype = 'advisory' AND application_name = 'stablehand lease' AND granted"
        " AND datname = current_database()"
    )
    return {pid for (pid,) in connection.execute(query).fetchall()}


async def test_an_outage_costs_a_delivery_nothing(work: Work, postgres_url: str) -> None:
    """With Postgres gone a delivery is refused in time; sent again later, it is one run."""
    async with Cable(postgres_url) as cable:
        app = await work.start(cable.url, accept_seconds=0.5)
        work.gate.touch()
        await app.accept("gh:0", "chain", name="before", gate=str(work.gate))
        await app.result("gh:0")
        await cable.cut()
        job = {"name": "a", "gate": str(work.gate)}
        for _ in range(3):
            assert "transient" in await app.accept("gh:1", "chain", **job)
        assert "transient" in await app.ask("workload")
        await cable.mend()
        while "transient" in await app.accept("gh:1", "chain", **job):
            pass
        await app.result("gh:1")

        assert len(work.lines("a", "use")) == 1
        assert not work.lines("bug")


async def test_a_process_stops_without_its_database(work: Work, postgres_url: str) -> None:
    """With Postgres gone SIGTERM still ends the process in time, and the next one goes on."""
    async with Cable(postgres_url) as cable:
        first = await work.start(cable.url, accept_seconds=0.5)
        await first.accept("gh:1", "chain", name="a", gate=str(work.gate))
        await work.until(lambda: work.lines("a", "wait"))
        await cable.cut()
        assert "transient" in await first.accept("gh:2", "chain", name="b", gate=str(work.gate))
        assert await first.stop() == 0
        await cable.mend()
        work.gate.touch()
        second = await work.start(cable.url)
        await second.result("gh:1")

    assert len(work.lines("a", "use")) == 1
