"""What is left when a process that does durable work is stopped or killed, and another starts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.durable_process import Work, work_in


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Work]:
    """Give the processes of this test."""
    async with work_in(tmp_path) as processes:
        yield processes


async def test_a_killed_process_goes_on_after_the_last_recorded_step(
    work: Work, database_url: str
) -> None:
    """After SIGKILL the next start keeps each recorded result and repeats only the open step.

    That step is told that it may have run before.
    """
    first = await work.start(database_url)
    await first.accept("gh:1", "chain", name="a", gate=str(work.gate))
    await work.until(lambda: work.lines("a", "wait"))
    await first.kill()
    work.gate.touch()
    second = await work.start(database_url)
    token, refusal = await second.result("gh:1")

    [made] = work.lines("a", "make")
    [used] = work.lines("a", "use")
    assert used.removeprefix("a use ") == made.removeprefix("a make True ")
    assert token in made
    assert refusal == "the branch is protected"
    assert len(work.lines("a", "refuse")) == 1
    assert [line.split()[2] for line in work.lines("a", "wait")] == ["True", "False"]
    assert len(work.lines("a", "waited")) == 1


async def test_a_stopped_process_leaves_its_work_to_the_next_start(
    work: Work, database_url: str
) -> None:
    """SIGTERM in a long step ends the process in time, and the step runs once more later."""
    first = await work.start(database_url)
    await first.accept("gh:1", "chain", name="a", gate=str(work.gate))
    await work.until(lambda: work.lines("a", "wait"))
    assert await first.stop() == 0
    work.gate.touch()
    second = await work.start(database_url)
    await second.result("gh:1")

    assert len(work.lines("a", "wait")) == 2
    assert len(work.lines("a", "waited")) == 1
    assert not work.lines("bug")


async def test_a_stopping_process_lets_a_short_step_finish(work: Work, database_url: str) -> None:
    """A workflow that ends within the grace is not cut off."""
    app = await work.start(database_url, grace_seconds=8)
    await app.accept("gh:1", "chain", name="a", gate=str(work.gate))
    await work.until(lambda: work.lines("a", "wait"))
    app.process.terminate()
    work.gate.touch()
    await app.process.wait()

    assert len(work.lines("a", "use")) == 1


async def test_a_pause_outlives_the_process(work: Work, database_url: str) -> None:
    """A process killed in a pause between two tries goes on trying after the next start."""
    first = await work.start(database_url)
    await first.accept("gh:1", "patient", name="a", gate=str(work.gate))
    await work.until(lambda: work.lines("a", "fail"))
    await first.kill()
    work.gate.touch()
    second = await work.start(database_url)

    assert await second.result("gh:1") == "open"
    assert work.lines("a", "fail")[0] == "a fail True"
    assert set(work.lines("a", "fail")[1:]) == {"a fail False"}


async def test_a_process_without_queues_only_accepts(work: Work, database_url: str) -> None:
    """What a web process accepted waits for the first worker, and is then done."""
    work.gate.touch()
    web = await work.start(database_url, queues=[])
    await web.accept("gh:1", "chain", name="a", gate=str(work.gate))
    assert (await web.ask("workload"))["ok"] == [["deliveries", "ENQUEUED", 1]]
    await web.stop()
    assert not work.lines("a")
    worker = await work.start(database_url)
    await worker.result("gh:1")
    assert len(work.lines("a", "use")) == 1


async def test_a_sqlite_file_serves_one_process(work: Work, sqlite_url: str) -> None:
    """A second process on the same SQLite file is told which process holds it."""
    first = await work.start(sqlite_url)
    second = await work.start(sqlite_url)
    assert f"is in use by process {first.process.pid}." in second.ready["user_error"]
    assert await second.process.wait() == 0
