"""Running a command shut up, watched and bounded, so that nothing is left of it afterwards.

The command is some contributor's code. It sees no network, no file of the service and no process
of the host, and it cannot outlive the call: when the call ends, is cancelled, or the service dies,
the kernel kills every process in the sandbox.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from bot.adapters import bubblewrap, weak_wall
from bot.adapters.captured_output import CapturedOutput
from bot.adapters.hostile_folder import holds_more
from bot.adapters.job import ENVIRON, Job, Launch, Mode, Strength
from bot.adapters.process_family import Member, family, gone, memory
from bot.core.errors import UserError
from bot.core.outcome import Ending, Limits, Run
from bot.core.printable import last_lines, printable

_CHUNK = 64 * 1024
_LOOK_SECONDS = 0.1
_DEATH_SECONDS = 10
_SPARE = Path(tempfile.gettempdir())
_NOT_ALLOWED = (
    "a weak sandbox would work, but the configuration does not allow it (`sandbox.allow_weak`)"
)


class Wall(Protocol):
    """A way of shutting a command up that works here."""

    def launch(self, job: Job, states: int) -> AbstractContextManager[Launch]:
        """Give what starts a job and tells on the open pipe `states` how far it got."""


class Sandbox:
    """Runs commands in bubblewrap or, where it does not work and the job allows it, a weaker way.

    What works here is found out once. `programs` are the bubblewraps to try; `weak` says whether
    the weaker way is tried; `spare` is a folder for what finds no room in memory.
    """

    def __init__(
        self, programs: Sequence[Path] | None = None, *, weak: bool = True, spare: Path = _SPARE
    ) -> None:
        self._programs = bubblewrap.candidates() if programs is None else programs
        self._spare = spare if weak else None
        self._choice: tuple[Wall | None, Mode] | None = None

    async def probe(self) -> Mode:
        """Find out, once, how commands can be shut up on this machine."""
        return (await self._chosen())[1]

    async def run(self, job: Job) -> Run:
        """Run a job to its end, whatever that is.

        Raises UserError where there is no sandbox that the job allows, or it cannot be set up:
        nothing has run then.
        """
        wall, mode = await self._chosen()
        if wall is None:
            raise UserError(f"no sandbox available\n{mode.reason}")
        if mode.strength is Strength.WEAK and not job.allow_weak:
            raise UserError(f"no sandbox available\n{mode.reason}\n{_NOT_ALLOWED}")
        began = time.monotonic()
        output = CapturedOutput(job.limits.head, job.limits.tail)
        async with _started(wall, job) as started:
            ending = await _ended(started, output, job.limits)
            set_up = ending is not Ending.EXITED or _command_began(started.states)
        kept = started.launch.named(output.kept())
        if not set_up:
            raise UserError(f"the sandbox could not be set up\n{last_lines(printable(kept), 5)}")
        return Run(ending, started.process.returncode or 0, time.monotonic() - began, kept)

    async def _chosen(self) -> tuple[Wall | None, Mode]:
        if self._choice is None:
            self._choice = await _choose(self._programs, self._spare)
        return self._choice


async def _choose(programs: Sequence[Path], spare: Path | None) -> tuple[Wall | None, Mode]:
    strong, reason = await bubblewrap.choose(programs)
    if strong:
        return strong, strong.mode
    if spare is None:
        return None, Mode("", reason, Strength.NONE)
    weak, why_not = await weak_wall.choose(spare)
    if weak:
        return weak, replace(weak.mode, reason=reason)
    return None, Mode("", f"{reason}; {why_not}", Strength.NONE)


@dataclass(frozen=True, slots=True)
class _Started:
    """A running job; `states` is a pipe that tells how far it got."""

    process: Process
    states: int
    launch: Launch


@asynccontextmanager
async def _started(wall: Wall, job: Job) -> AsyncIterator[_Started]:
    states, for_states = os.pipe()
    try:
        with wall.launch(job, for_states) as launch:
            try:
                process = await asyncio.create_subprocess_exec(
                    *launch.argv,
                    stdin=DEVNULL,
                    stdout=PIPE,
                    stderr=STDOUT,
                    env=ENVIRON,
                    cwd="/",
                    pass_fds=launch.fds,
                    start_new_session=True,
                )
            finally:
                os.close(for_states)
            try:
                yield _Started(process, states, launch)
            finally:
                # A second cancellation must not stop the killing.
                await asyncio.shield(_buried(process, launch))
    finally:
        os.close(states)


async def _ended(started: _Started, output: CapturedOutput, limits: Limits) -> Ending:
    tasks = [
        asyncio.create_task(_read(started.process, output, limits)),
        asyncio.create_task(_watch(started.process.pid, started.launch.temporary, limits)),
    ]
    try:
        done, _ = await asyncio.wait(
            tasks, timeout=limits.wall, return_when=asyncio.FIRST_COMPLETED
        )
        return done.pop().result() if done else Ending.WALL
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _read(process: Process, output: CapturedOutput, limits: Limits) -> Ending:
    """Read to the end of the output, and wait on where the command only closed it."""
    while chunk := await _stdout(process).read(_CHUNK):
        output.add(chunk)
        if output.size > limits.output:
            return Ending.OUTPUT
    await process.wait()
    return Ending.EXITED


async def _watch(pid: int, temporary: Path | None, limits: Limits) -> Ending:
    """Look again and again, and return at the first limit that the whole run went over.

    The kernel's own limits are per process, but for that on their number, at which forking fails.
    """
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        members = await asyncio.to_thread(family, pid)
        if len(members) >= limits.processes:
            return Ending.PROCESSES
        if await asyncio.to_thread(memory, members) > limits.memory:
            return Ending.MEMORY
        if temporary is None:
            continue
        if await asyncio.to_thread(holds_more, temporary, limits.temporary):
            return Ending.FILES


async def _buried(process: Process, launch: Launch) -> None:
    """Kill what still runs, and wait until the kernel has put away every process of it."""
    members: frozenset[Member] = frozenset()
    if process.returncode is None and launch.keeps:
        process.terminate()
    elif process.returncode is None:
        # Its death is that of all in its pid namespace, but only once it has set that up: so it
        # must not fork while its family is counted, and each of them is killed.
        process.send_signal(signal.SIGSTOP)
        members = family(process.pid)
        for member in members:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(member.pid, signal.SIGKILL)
    async with asyncio.timeout(_DEATH_SECONDS):
        while await _stdout(process).read(_CHUNK):
            pass
        await process.wait()
        await gone(members)


def _command_began(states: int) -> bool:
    """Tell whether bubblewrap got as far as starting the command; it gives its status then."""
    os.set_blocking(states, False)
    try:
        return b'"exit-code"' in os.read(states, _CHUNK)
    except BlockingIOError:
        return False


def _stdout(process: Process) -> asyncio.StreamReader:
    if process.stdout is None:
        raise RuntimeError("the process was started without a pipe for its output")
    return process.stdout
