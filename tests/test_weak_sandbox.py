from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from pathlib import Path

import pytest

from bot.adapters import landlock
from bot.adapters.hostile_folder import empty, holds_more
from bot.adapters.job import Job, Strength
from bot.adapters.sandbox import Sandbox
from bot.adapters.seccomp import program
from bot.adapters.system_calls import ALONE, ALWAYS, NO_SIGNALS, NUMBERS
from bot.core.errors import UserError
from bot.core.outcome import MIB, Ending, Limits

SHARED = Path("/dev/shm")  # noqa: S108 - where temporary folders are
# Runs a command in the weak sandbox as a service would.
SERVICE = """
import asyncio, sys
from bot.adapters.job import Job
from bot.adapters.sandbox import Sandbox
asyncio.run(Sandbox(()).run(Job(("sleep", sys.argv[1]), allow_weak=True)))
"""


@pytest.fixture
async def sandbox() -> Sandbox:
    """Give the weak sandbox, as on a machine without bubblewrap."""
    sandbox = Sandbox(())
    mode = await sandbox.probe()
    if mode.strength is not Strength.WEAK:
        pytest.skip(mode.reason)
    return sandbox


@pytest.fixture
def seconds() -> str:
    """Give an argument for `sleep` by which its process is known on the whole machine."""
    return f"60.{uuid.uuid4().int}"


def shell(script: str, **limits: float) -> Job:
    """Give a job that allows the weak sandbox."""
    bounds = Limits(**{"wall": 30, **limits})  # type: ignore[arg-type]
    return Job(("sh", "-c", script), limits=bounds, allow_weak=True)


def living(mark: str) -> list[str]:
    """Give the processes of the machine whose command line holds a mark."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [entry.parent.name] if mark in entry.read_text(errors="replace") else []
        except OSError:
            continue
    return found


def temporary_folders() -> list[Path]:
    """Give those that our runs have in memory."""
    return list(SHARED.glob(f"stablehand-tmp-{os.getpid()}-*"))


async def appearance(mark: str, *, of: int) -> None:
    """Wait until there are so many processes with the mark."""
    while len(living(mark)) != of:  # noqa: ASYNC110 - another's processes tell us nothing
        await asyncio.sleep(0.02)


async def test_the_mode_says_what_it_is(sandbox: Sandbox) -> None:
    """Its name begins with “weak”, names Landlock's version, and says why there is no better."""
    mode = await sandbox.probe()
    assert mode.name.startswith(f"weak: Landlock ABI {landlock.abi()} + seccomp")
    assert "install the package `bubblewrap`" in mode.reason


async def test_it_is_used_only_where_the_job_allows_it(sandbox: Sandbox) -> None:
    """A job that does not allow it is not run, and the reason names the key that would."""
    with pytest.raises(UserError, match=r"no sandbox available\n(.|\n)*sandbox.allow_weak"):
        await sandbox.run(Job(("true",)))


@pytest.mark.parametrize(
    ("command", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -SEGV $$", 128 + signal.SIGSEGV)]
)
async def test_the_exit_status_passes_through(sandbox: Sandbox, command: str, status: int) -> None:
    """The status of the command is the status of the run, a signal's with 128 added."""
    run = await sandbox.run(shell(f"echo out; echo err >&2; {command}"))
    assert (run.ending, run.status, run.output) == (Ending.EXITED, status, b"out\nerr\n")


async def test_a_command_that_does_not_exist_has_its_status(sandbox: Sandbox) -> None:
    """It is a failure of the command, and not one of the sandbox."""
    run = await sandbox.run(Job(("no-such-command",), allow_weak=True))
    assert run.status == 127
    assert run.output == b"failed to execute no-such-command: No such file or directory\n"


async def test_places_are_put_back_to_the_hosts(sandbox: Sandbox, tmp_path: Path) -> None:
    """Command, folder and environment may speak of places; so does the output."""
    (tmp_path / "file").write_text("read\n")
    results = tmp_path / "results"
    results.touch()
    results.chmod(0o666)
    job = Job(
        ("sh", "-c", "cat /src/file; pwd; echo $PLACE; echo kept > /tmp/x; cat /tmp/x > /out/r"),
        readable=((tmp_path, "/src"),),
        writable=((results, "/out/r"),),
        env=(("PLACE", "/src/a:/srcs:/tmp"),),
        folder="/src",
        allow_weak=True,
    )
    run = await sandbox.run(job)
    assert run.output == b"read\n/src\n/src/a:/srcs:/tmp\n"
    assert results.read_text() == "kept\n"


async def test_what_is_missing_is_said(sandbox: Sandbox, tmp_path: Path) -> None:
    """A tree that is not there keeps the command from running."""
    job = Job(("true",), readable=((tmp_path / "missing", "/src"),), allow_weak=True)
    with pytest.raises(UserError, match=r"could not be set up\n.*missing"):
        await sandbox.run(job)


async def test_daemons_do_not_outlive_the_command(sandbox: Sandbox, seconds: str) -> None:
    """When the command ends, what left its session ends with it, and its folder goes."""
    run = await sandbox.run(shell(f"setsid sleep {seconds} & echo done"))
    assert (run.ending, run.output) == (Ending.EXITED, b"done\n")
    assert living(seconds) == []
    assert temporary_folders() == []


async def test_cancelling_leaves_no_process(sandbox: Sandbox, seconds: str) -> None:
    """A cancelled run is gone from the machine by the time the cancellation is through."""
    task = asyncio.create_task(sandbox.run(shell(f"sleep {seconds} & sleep {seconds}")))
    await appearance(seconds, of=3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert living(seconds) == []


async def test_the_death_of_the_service_leaves_no_process(sandbox: Sandbox, seconds: str) -> None:
    """A service that is killed takes its runs with it."""
    assert (await sandbox.probe()).usable
    service = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVICE, seconds), cwd=Path(__file__).parent.parent
    )
    await appearance(seconds, of=2)
    service.kill()
    await service.wait()
    await appearance(seconds, of=0)


async def test_temporary_files_are_bounded(sandbox: Sandbox) -> None:
    """Too many temporary files end the run; one that is too big is refused before."""
    script = "for n in 1 2 3 4 5 6 7 8 9; do head -c 1048576 /dev/zero > /tmp/$n; done; sleep 30"
    assert (await sandbox.run(shell(script, temporary=4 * MIB))).ending is Ending.FILES
    run = await sandbox.run(shell("head -c 2097152 /dev/zero > /tmp/big", file_size=MIB))
    assert run.status != 0


def test_a_folder_is_emptied_whatever_is_in_it(tmp_path: Path) -> None:
    """Links, closed folders and depths that no path can name are no hindrance."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    before = Path.cwd()
    os.chdir(folder)
    try:
        for _ in range(60):
            Path("deep" * 25).mkdir()
            os.chdir("deep" * 25)
        Path("closed").mkdir(0)
        Path("link").symlink_to(outside)
    finally:
        os.chdir(before)
    assert holds_more(folder, 2**40)
    empty(folder)
    assert (list(folder.iterdir()), list(outside.iterdir())) == ([], [outside / "kept"])


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_refusal_has_its_number(machine: str) -> None:
    """The filter can be written for both machines, within the kernel's bound for one."""
    written = program((*ALWAYS, *ALONE, *NO_SIGNALS), machine)
    assert len(written) % 8 == 0
    assert len(written) // 8 < 4096
    column = ("x86_64", "aarch64").index(machine)
    numbers = [one[column] for one in NUMBERS.values() if one[column] is not None]
    assert len(numbers) == len(set(numbers))
