from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.adapters.proc import Command, run
from bot.adapters.runner_process import RunnerProcess, runner_process
from bot.adapters.scratch import scratch
from bot.core.errors import Transient
from bot.core.model import Conclusion, TestPlan
from tests.waiting import until

ROOT = Path(__file__).parents[1]
SECRET = "not-for-tests"
SERVICE = f"""
import asyncio, os, sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from bot.adapters.runner_process import runner_process
from bot.core.model import TestPlan

async def main():
    async with runner_process(Path(sys.argv[1]), dict(PATH=os.environ["PATH"])) as runner:
        plan = TestPlan(("sleep", sys.argv[3]), (), (), (), (), 60)
        await runner.run(plan, Path(sys.argv[2]))

asyncio.run(main())
"""


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder that all tests here share."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
async def runner(data: Path) -> AsyncIterator[RunnerProcess]:
    """Give a runner whose process knows the search path alone."""
    async with runner_process(data, {"PATH": os.environ["PATH"]}) as runner:
        yield runner


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    """Give an empty tree."""
    with scratch("test", tmp_path) as folder:
        yield folder


def plan(*command: str) -> TestPlan:
    """Give a plan that runs some command for a minute at most."""
    return TestPlan(command, (), (), (), (), 60)


def arguments() -> list[list[str]]:
    """Give the command line of each process on this machine."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            found.append((entry / "cmdline").read_bytes().decode(errors="replace").split("\0"))
        except OSError:
            continue
    return found


def lives(word: str) -> bool:
    """Tell whether a process has this word on its command line."""
    return any(word in words for words in arguments())


async def test_runs_share_a_process(runner: RunnerProcess, tree: Path) -> None:
    """Runs at the same time have each its own report, with its output."""
    reports = await asyncio.gather(
        *(runner.run(plan("echo", f"number {number}"), tree) for number in range(3))
    )
    assert [report.output.strip() for report in reports] == ["number 0", "number 1", "number 2"]
    assert {report.conclusion for report in reports} == {Conclusion.SUCCESS}


async def test_what_keeps_a_run_from_starting_is_reported(
    runner: RunnerProcess, tree: Path
) -> None:
    """A mistake in the plan is neutral there too."""
    report = await runner.run(plan("no-such-program"), tree)
    assert report.conclusion is Conclusion.NEUTRAL
    assert report.title == "Tests not run: the command `no-such-program` cannot be started"


async def test_a_run_that_is_given_up_has_ended(runner: RunnerProcess, tree: Path) -> None:
    """Once the caller is cancelled, nothing of its run is left; other runs are untouched."""
    seconds = f"60.{os.getpid()}1"
    task = asyncio.create_task(runner.run(plan("sleep", seconds), tree))
    await until(lambda: lives(seconds))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not lives(seconds)
    assert (await runner.run(plan("true"), tree)).conclusion is Conclusion.SUCCESS


async def test_a_process_that_dies_is_replaced(runner: RunnerProcess, tree: Path) -> None:
    """Its runs may be tried again, nothing of them is left, and the next one has a new process."""
    seconds = f"60.{os.getpid()}2"
    task = asyncio.create_task(runner.run(plan("sleep", seconds), tree))
    await until(lambda: lives(seconds))
    assert runner._child is not None
    os.kill(runner._child._process.pid, signal.SIGKILL)
    with pytest.raises(Transient, match="has ended"):
        await task
    assert (await runner.run(plan("true"), tree)).conclusion is Conclusion.SUCCESS
    await until(lambda: not lives(seconds))


async def test_it_knows_no_secret(data: Path, tree: Path) -> None:
    """The process has the environment that it is given, and no open file of the service."""
    secret = os.open(__file__, os.O_RDONLY)
    os.environ["GITHUB_WEBHOOK_SECRET"] = SECRET
    try:
        async with runner_process(data, {"PATH": os.environ["PATH"]}) as runner:
            await runner.run(plan("true"), tree)
            assert runner._child is not None
            proc = Path(f"/proc/{runner._child._process.pid}")
            assert SECRET.encode() not in (proc / "environ").read_bytes()
            assert __file__ not in {str(fd.readlink()) for fd in (proc / "fd").iterdir()}
    finally:
        del os.environ["GITHUB_WEBHOOK_SECRET"]
        os.close(secret)


async def test_it_dies_with_the_service(data: Path, tree: Path) -> None:
    """Where the service is killed, the process goes, and its sandbox with it."""
    seconds = f"60.{os.getpid()}3"
    own = str(data / "own")
    service = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVICE, own, str(tree), seconds)
    )
    await until(lambda: lives(seconds) and lives("bot.runner_process"))
    await until(lambda: any("sleep" in words and seconds in words for words in arguments()))
    service.kill()
    await service.wait()
    await until(lambda: not lives(seconds) and not lives(own))


async def test_it_ends_with_its_input() -> None:
    """Started by hand without any request, it ends well."""
    command = (sys.executable, "-m", "bot.runner_process", "/nonexistent")
    done = await run(Command(command, {"PATH": os.environ["PATH"]}, cwd=ROOT))
    assert (done.code, done.out, done.err) == (0, b"", b"")
