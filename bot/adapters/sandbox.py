"""Running a command shut up, watched and bounded, so that nothing is left of it afterwards.

The command is some contributor's code. It sees no network, no file of the service and no process
of the host, and it cannot outlive the call: when the call ends, is cancelled, or the service dies,
the kernel kills every process in the sandbox.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.adapters.bubblewrap import ENVIRON, Bubblewrap, Job, Mode, candidates, choose
from bot.adapters.captured_output import CapturedOutput
from bot.adapters.process_family import Member, family, gone, memory
from bot.core.errors import UserError
from bot.core.outcome import Ending, Limits, Run
from bot.core.printable import last_lines, printable

_CHUNK = 64 * 1024
_LOOK_SECONDS = 0.1
_DEATH_SECONDS = 10


class Sandbox:
    """Runs commands in bubblewrap; which program of it works here is found out once."""

    def __init__(self, programs: Sequence[Path] | None = None) -> None:
        self._programs = candidates() if programs is None else programs
        self._choice: tuple[Bubblewrap | None, Mode] | None = None

    async def probe(self) -> Mode:
        """Find out, once, how commands can be shut up on this machine."""
        return (await self._chosen())[1]

    async def run(self, job: Job) -> Run:
        """Run a job to its end, whatever that is.

        Raises UserError where there is no sandbox or it cannot be set up: nothing has run then.
        """
        bubblewrap, mode = await self._chosen()
        if bubblewrap is None:
            raise UserError(f"no sandbox available\n{mode.reason}")
        began = time.monotonic()
        output = CapturedOutput(job.limits.head, job.limits.tail)
        async with _started(bubblewrap, job) as (process, states):
            ending = await _ended(process, output, job.limits)
            set_up = ending is not Ending.EXITED or _command_began(states)
        if not set_up:
            reason = last_lines(printable(output.kept()), 5)
            raise UserError(f"the sandbox could not be set up\n{reason}")
        return Run(ending, process.returncode or 0, time.monotonic() - began, output.kept())

    async def _chosen(self) -> tuple[Bubblewrap | None, Mode]:
        if self._choice is None:
            self._choice = await choose(self._programs)
        return self._choice


@asynccontextmanager
async def _started(bubblewrap: Bubblewrap, job: Job) -> AsyncIterator[tuple[Process, int]]:
    """Start a job; give its process, and a pipe with what bubblewrap says of its states."""
    states, for_states = os.pipe()
    try:
        try:
            process = await asyncio.create_subprocess_exec(
                *bubblewrap.command(job, "--json-status-fd", str(for_states)),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=STDOUT,
                env=ENVIRON,
                cwd="/",
                pass_fds=(for_states,),
                start_new_session=True,
            )
        finally:
            os.close(for_states)
        try:
            yield process, states
        finally:
            # A second cancellation must not stop the killing.
            await asyncio.shield(_buried(process))
    finally:
        os.close(states)


async def _ended(process: Process, output: CapturedOutput, limits: Limits) -> Ending:
    tasks = [
        asyncio.create_task(_read(process, output, limits)),
        asyncio.create_task(_watch(process.pid, limits)),
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


async def _watch(pid: int, limits: Limits) -> Ending:
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


async def _buried(process: Process) -> None:
    """Kill what still runs, and wait until the kernel has put away every process of it."""
    members: frozenset[Member] = frozenset()
    if process.returncode is None:
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
