"""Run one child process: its own group, a given environment, bounded in time and in output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1 << 16
GRACE = 2.0  # seconds between SIGTERM, at which git removes its lock files, and SIGKILL


class OutputTooLargeError(Exception):
    """A child wrote more than its limit; it has been stopped."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run; nothing of our own environment reaches the child.

    `timeout` is in seconds, `limit` in bytes for each of the two outputs; `fds` stay open in the
    child under the same numbers. `memory` bounds the child's address space, in bytes.
    """

    argv: Sequence[str | bytes]
    env: Mapping[str, str]
    cwd: Path | None = None
    stdin: bytes = b""
    timeout: float = 60.0
    limit: int = 64 << 20
    fds: tuple[int, ...] = ()
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Completed:
    """How a child ended; a negative `code` is the signal that ended it."""

    code: int
    out: bytes
    err: bytes


async def run(command: Command) -> Completed:
    """Run to the end.

    Raises TimeoutError, OutputTooLargeError, or FileNotFoundError when there is no such program.
    However it is left, by an error or a cancellation, the child's whole group has ended.
    """
    process = await asyncio.create_subprocess_exec(
        *command.argv,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env=command.env,
        cwd=command.cwd,
        pass_fds=command.fds,
        start_new_session=True,
    )
    try:
        _bound(process.pid, command.memory)
        async with asyncio.timeout(command.timeout):
            return await _talk(process, command)
    except BaseException:
        await _end(process)
        raise


def _bound(pid: int, memory: int | None) -> None:
    """Bound a child from outside, within moments of its start: no code of ours runs inside it."""
    if memory is not None:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_AS, (memory, memory))


async def _talk(process: Process, command: Command) -> Completed:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise RuntimeError("a child was started without pipes")
    _, out, err = await asyncio.gather(
        _feed(process.stdin, command.stdin),
        _collect(process.stdout, command.limit),
        _collect(process.stderr, command.limit),
    )
    return Completed(await process.wait(), out, err)


async def _feed(stream: asyncio.StreamWriter, data: bytes) -> None:
    # A child may end without having read everything: its exit code tells why.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stream.write(data)
        await stream.drain()
        stream.close()
        await stream.wait_closed()


async def _collect(stream: asyncio.StreamReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await stream.read(CHUNK):
        data += chunk
        if len(data) > limit:
            raise OutputTooLargeError(f"more than {limit} bytes of output")
    return bytes(data)


async def _end(process: Process) -> None:
    _signal_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE):
            await process.wait()
    _signal_group(process.pid, signal.SIGKILL)
    await process.wait()
    # A pipe that was not read to its end would stay open: asyncio closes it only at the end.
    process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - no public way


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
