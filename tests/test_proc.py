from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from bot.adapters.git.run import Call, Git, git_version
from bot.adapters.proc import Command, OutputTooLargeError, run
from bot.core.errors import Transient, UserError

ENV = {"PATH": os.environ["PATH"]}


def shell(script: str, **more: object) -> Command:
    """Give a command that runs a script."""
    return Command(("sh", "-c", script), ENV, **more)  # type: ignore[arg-type] # as Command names them


async def test_bytes_go_in_and_come_out() -> None:
    """Input, both outputs and the exit code pass unchanged, larger than any pipe."""
    data = bytes(range(256)) * 4096
    done = await run(shell("cat; echo no >&2; exit 3", stdin=data))
    assert (done.code, done.out, done.err) == (3, data, b"no\n")


async def test_input_that_is_not_read_is_no_error() -> None:
    """A child may end before it has read everything."""
    assert (await run(shell("exit 4", stdin=b"x" * (1 << 20)))).code == 4


async def test_nothing_of_our_environment_reaches_the_child() -> None:
    """It has what it is given, and what its own shell adds."""
    done = await run(Command(("env",), {**ENV, "A": "b"}))
    assert set(done.out.decode().split("\n")) == {f"PATH={ENV['PATH']}", "A=b", ""}


async def test_the_whole_group_ends_with_the_time(tmp_path: Path) -> None:
    """A grandchild that ignores a polite signal has ended too when the time is over."""
    marker = tmp_path / "pid"
    script = f"(trap '' TERM; echo $$ > {marker}; sleep 600) & trap '' TERM; wait; sleep 600"
    with pytest.raises(TimeoutError):
        await run(shell(script, timeout=0.3))
    await gone(int(marker.read_text()))


async def test_a_cancelled_call_leaves_no_child(tmp_path: Path) -> None:
    """Cancelling the task ends the child before the task ends."""
    marker = tmp_path / "pid"
    task = asyncio.create_task(run(shell(f"echo $$ > {marker}; exec sleep 600")))
    while not (marker.exists() and marker.read_text()):  # noqa: ASYNC110 - a process cannot set an event
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(int(marker.read_text()))


async def gone(pid: int) -> None:
    """Wait until a process has ended."""
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():  # noqa: ASYNC110, ASYNC240 - the same
        await asyncio.sleep(0.01)


async def test_output_is_bounded() -> None:
    """A child that writes without end is stopped."""
    with pytest.raises(OutputTooLargeError):
        await run(shell("yes", limit=1 << 20))


def pipes() -> int:
    """Count the pipes that we have open."""
    return sum(path.is_fifo() for path in Path("/proc/self/fd").iterdir())


async def test_a_child_that_was_stopped_leaves_no_pipe_open() -> None:
    """Our ends are let go of at once, even if a process that left the group holds the others."""
    before = pipes()
    with pytest.raises(TimeoutError) as kept:
        await run(shell("setsid sleep 5 & sleep 60", timeout=0.5))
    await asyncio.sleep(0)
    assert pipes() == before
    assert kept.tb is not None


async def test_git_that_takes_too_long_is_tried_again(tmp_path: Path) -> None:
    """A timeout is Transient and names the command, not its arguments."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(Transient, match="git hash-object took more than 0 s") as found:
        await Git(None)("hash-object", "--no-filters", str(fifo), call=Call(timeout=0.2))
    assert str(fifo) not in found.value.message


async def test_the_version_of_git_is_known() -> None:
    """It is new enough here."""
    assert await git_version() >= (2, 38)


@pytest.mark.parametrize("said", ["git version 2.30.2", "git version 1.8", "nonsense"])
async def test_an_old_git_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """What stands in for git on this PATH is too old, and the error says what is needed."""
    fake = tmp_path / "git"
    fake.write_text(f"#!/bin/sh\necho '{said}'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(UserError, match=r"git 2\.38 or newer is needed"):
        await git_version()


async def test_a_missing_git_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git on the PATH the error says how to install it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="apt install git"):
        await git_version()
