from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.adapters.interpreters import Interpreters
from bot.adapters.job import Job
from bot.adapters.sandbox import Sandbox
from bot.core.errors import UserError
from bot.core.outcome import MIB, Ending, Limits

# Starts daemons that leave its session, then stays: what killing one process would leave behind.
DAEMONS = """
import os, sys, time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        time.sleep(60)
print("ready", flush=True)
time.sleep(60)
"""
# Runs a command in the sandbox as a service would.
SERVICE = """
import asyncio, sys
from bot.adapters.job import Job
from bot.adapters.sandbox import Sandbox
asyncio.run(Sandbox().run(Job(("sleep", sys.argv[1]))))
"""

Python = Callable[..., Job]


@pytest.fixture
async def sandbox() -> Sandbox:
    """Give the sandbox of this machine; without one the tests fail."""
    sandbox = Sandbox()
    mode = await sandbox.probe()
    assert mode.usable, mode.reason
    return sandbox


@pytest.fixture
async def python() -> Python:
    """Give a maker of jobs that run Python code with the interpreter of these tests."""
    own = (await Interpreters({}).choose(())).interpreter
    shown = ((own.prefix, str(own.prefix)),)

    def job(code: str, *arguments: str, tree: Path | None = None, **limits: float) -> Job:
        return Job(
            (str(own.executable), "-c", code, *arguments),
            readable=(*shown, *([(tree, "/src")] if tree else [])),
            limits=Limits(**{"wall": 30, **limits}),  # type: ignore[arg-type]
        )

    return job


@pytest.fixture
def seconds() -> str:
    """Give an argument for `sleep` by which its process is known on the whole machine."""
    return f"60.{uuid.uuid4().int}"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a folder that anybody may write, were it not for the sandbox."""
    folder = tmp_path / "tree"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


def living(mark: str) -> list[str]:
    """Give the command lines of all processes of the machine that hold a mark."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_text(errors="replace")
        except OSError:
            continue
        found += [line] if mark in line else []
    return found


async def appearance(mark: str, *, of: int) -> None:
    """Wait until there are so many processes with the mark."""
    while len(living(mark)) < of:  # noqa: ASYNC110 - another's processes tell us nothing
        await asyncio.sleep(0.02)


def written(*folders: Path) -> list[Path]:
    """Give what the sandbox has written where it should not."""
    return [found for folder in folders for found in folder.glob("stablehand-was-here")]


@pytest.mark.parametrize(
    ("command", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -SEGV $$", 128 + signal.SIGSEGV)]
)
async def test_the_exit_status_passes_through(sandbox: Sandbox, command: str, status: int) -> None:
    """The status of the command is the status of the run, a signal's with 128 added."""
    run = await sandbox.run(Job(("sh", "-c", f"echo out; echo err >&2; {command}")))
    assert (run.ending, run.status, run.output) == (Ending.EXITED, status, b"out\nerr\n")


async def test_the_network_is_out_of_reach(sandbox: Sandbox, python: Python) -> None:
    """A listener on this machine's loopback is not reached; the sandbox's own loopback works."""
    reached = asyncio.Event()
    server = await asyncio.start_server(lambda _r, _w: reached.set(), "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    code = """
import socket, sys
own = socket.create_server(("127.0.0.1", 0))
socket.create_connection(own.getsockname()).close()
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 3)
except ConnectionRefusedError:
    print("refused")
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))
except OSError as error:
    print(error.strerror)
"""
    async with server:
        run = await sandbox.run(python(code, str(port)))
    assert (run.output, reached.is_set()) == (b"refused\nNetwork is unreachable\n", False)


async def test_files_of_the_host_are_out_of_sight(
    sandbox: Sandbox, python: Python, tmp_path: Path, tree: Path
) -> None:
    """A secret beside the tree cannot be read, nor listed, nor reached by a link in the tree."""
    (tmp_path / "key.pem").write_text("hunter2")
    (tree / "link").symlink_to(tmp_path / "key.pem")
    code = """
import os, sys
for path in sys.argv[1:]:
    print(os.path.exists(path))
print(sorted(os.listdir("/tmp")), sorted(os.listdir("/etc")))
"""
    paths = (f"{tmp_path}/key.pem", "/src/link", "/etc/shadow", __file__)
    run = await sandbox.run(python(code, *paths, tree=tree))
    assert run.output.split(b"\n")[:4] == [b"False"] * 4
    assert b"hunter2" not in run.output
    assert b"[] " in run.output


async def test_the_environment_is_clean(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the service is seen, in the command's environment or any other."""
    monkeypatch.setenv("STABLEHAND_SECRET", "hunter2")
    run = await sandbox.run(
        Job(("sh", "-c", "env; cat /proc/[0-9]*/environ"), env=(("GREETING", "hello world"),))
    )
    assert b"GREETING=hello world\n" in run.output
    assert b"hunter2" not in run.output
    assert b"PATH" not in run.output


async def test_only_its_own_processes_are_seen(sandbox: Sandbox, python: Python) -> None:
    """The process table holds bubblewrap and the command; nothing else can be signalled."""
    code = """
import glob, os, sys
print(len(glob.glob("/proc/[0-9]*")))
try:
    os.kill(int(sys.argv[1]), 0)
except ProcessLookupError:
    print("no such process")
"""
    run = await sandbox.run(python(code, str(os.getpid())))
    assert run.output == b"2\nno such process\n"


async def test_the_tree_cannot_be_written(sandbox: Sandbox, python: Python, tree: Path) -> None:
    """Writing works in the sandbox's own `/tmp` and `/dev/shm`, and nowhere else."""
    code = """
import os
for folder in ("/src", "/usr", "/etc", "/", "/dev", "/tmp", "/dev/shm"):
    try:
        open(os.path.join(folder, "stablehand-was-here"), "w").close()
        print("written", folder)
    except OSError:
        pass
"""
    run = await sandbox.run(python(code, tree=tree))
    assert run.output == b"written /tmp\nwritten /dev/shm\n"
    assert written(tree, Path("/tmp"), Path("/dev/shm")) == []  # noqa: S108 - the very places


async def test_no_rights_are_left(sandbox: Sandbox) -> None:
    """The command has no capability, can gain none, and is not root."""
    run = await sandbox.run(Job(("sh", "-c", "id -u; grep -E '^(Cap|NoNew)' /proc/self/status")))
    user, *rights = run.output.decode().split("\n")[:-1]
    assert int(user) != 0
    assert {line.split("\t")[1] for line in rights} == {"0" * 16, "1"}


async def test_a_timeout_kills_all_descendants(
    sandbox: Sandbox, python: Python, seconds: str
) -> None:
    """At the end of the time nothing is left, not even a daemon in a session of its own."""
    run = await sandbox.run(python(DAEMONS, seconds, wall=2))
    assert (run.ending, run.output) == (Ending.WALL, b"ready\n")
    assert living(seconds) == []


async def test_daemons_do_not_outlive_the_command(sandbox: Sandbox, seconds: str) -> None:
    """When the command ends, what it left behind ends with it."""
    run = await sandbox.run(Job(("sh", "-c", f"setsid sleep {seconds} & echo done")))
    assert (run.ending, run.output) == (Ending.EXITED, b"done\n")
    assert living(seconds) == []


async def test_a_flood_of_output_is_cut(sandbox: Sandbox) -> None:
    """Too much output ends the run; its beginning and its end are kept."""
    limits = Limits(wall=30, output=4 * MIB, head=1000, tail=2000)
    run = await sandbox.run(Job(("sh", "-c", "echo first; yes"), limits=limits))
    assert run.ending is Ending.OUTPUT
    assert run.output.startswith(b"first\ny\n")
    assert b" bytes left out " in run.output
    assert len(run.output) < 3100


async def test_a_fork_bomb_is_bounded(sandbox: Sandbox, python: Python) -> None:
    """The kernel refuses more processes than allowed, and the run is stopped."""
    code = """
import os, time
made = 0
try:
    for made in range(400):
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
except OSError:
    print(made, flush=True)
time.sleep(30)
"""
    run = await sandbox.run(python(code, processes=40))
    assert run.ending is Ending.PROCESSES
    assert int(run.output or b"0") <= 40


async def test_memory_is_bounded_over_all_processes(sandbox: Sandbox, python: Python) -> None:
    """Four processes that are each within the limit are stopped when together they are not."""
    code = """
import os, time
os.fork(), os.fork()
held = b"x" * (60 * 2**20)
time.sleep(30)
"""
    run = await sandbox.run(python(code, memory=160 * MIB))
    assert run.ending is Ending.MEMORY


async def test_memory_and_files_are_bounded_in_one_process(
    sandbox: Sandbox, python: Python
) -> None:
    """One process gets neither more address space nor a bigger file than allowed."""
    code = """
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    bytearray(2**30)
except MemoryError:
    print("no memory")
try:
    open("/tmp/big", "wb").write(b"x" * 2**21)
    open("/tmp/big", "ab").write(b"x")
except OSError as error:
    print(error.strerror)
"""
    run = await sandbox.run(python(code, address_space=512 * MIB, file_size=MIB))
    assert run.output == b"no memory\nFile too large\n"


async def test_cancelling_leaves_no_process(sandbox: Sandbox, seconds: str) -> None:
    """A cancelled run is gone from the machine by the time the cancellation is through."""
    task = asyncio.create_task(sandbox.run(Job(("sh", "-c", f"sleep {seconds} & sleep {seconds}"))))
    await appearance(seconds, of=3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert living(seconds) == []


async def test_the_death_of_the_service_leaves_no_process(seconds: str) -> None:
    """A service that is killed takes its runs with it."""
    service = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVICE, seconds), cwd=Path(__file__).parent.parent
    )
    await appearance(seconds, of=3)
    service.kill()
    await service.wait()
    while living(seconds):  # noqa: ASYNC110 - another's processes tell us nothing
        await asyncio.sleep(0.02)


async def test_a_sandbox_that_cannot_be_set_up_runs_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """What bubblewrap refuses is not taken for a failure of the command."""
    job = Job(("true",), readable=((tmp_path / "missing", "/src"),))
    with pytest.raises(UserError, match=r"could not be set up\n.*missing"):
        await sandbox.run(job)


async def test_without_a_sandbox_nothing_runs(tmp_path: Path) -> None:
    """Where no bubblewrap works, the reason is given for each, and running raises."""
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'no permission to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    sandbox = Sandbox([tmp_path / "missing", broken], weak=False)
    mode = await sandbox.probe()
    assert not mode.usable
    assert "missing" in mode.reason
    assert "no permission to create new namespace" in mode.reason
    with pytest.raises(UserError, match="no sandbox available"):
        await sandbox.run(Job(("true",)))


async def test_a_machine_without_bubblewrap_is_told_what_to_install() -> None:
    """No candidate at all gives the name of the package."""
    assert "install the package `bubblewrap`" in (await Sandbox([]).probe()).reason


async def test_the_mode_names_the_version_and_the_network(sandbox: Sandbox) -> None:
    """Reports can say what kept the tests in."""
    name = (await sandbox.probe()).name
    assert name.startswith("bubblewrap 0.")
    assert name.endswith("no network)")
