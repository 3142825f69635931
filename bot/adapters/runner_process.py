"""Having tests run by a process of its own, which knows none of the service's secrets.

It is started when it is first needed, with nothing but what other programs may know of our
environment, and ends with its end of the pipe: when we stop, die or are killed.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

from bot.adapters import frames
from bot.core.errors import Transient
from bot.core.model import TestPlan, TestReport
from bot.core.running import ANSWER, REQUEST, Answer, Request

_ROOT = Path(__file__).parents[2]
_GRACE = 10.0  # seconds in which it puts an end to what runs
_ENDED = "the process that runs the tests has ended; it is started again"


class RunnerProcess:
    """A runner in another process; runs at the same time share it."""

    def __init__(self, data: Path, environ: Mapping[str, str]) -> None:
        self._data = data.absolute()
        self._environ = environ
        self._starting = asyncio.Lock()
        self._child: _Child | None = None

    async def run(self, plan: TestPlan, tree: Path) -> TestReport:
        """Run and report as `SandboxRunner.run` does; raises Transient if the process dies."""
        async with self._starting:
            if self._child is None or self._child.ended:
                self._child = _Child(await self._started())
        return _report(await self._child.answer(Request(0, plan, _absolute(tree))))

    async def close(self) -> None:
        """End the process and all that it runs."""
        if self._child is not None:
            await self._child.close()

    async def _started(self) -> Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.runner_process", str(self._data)),
            stdin=PIPE,
            stdout=PIPE,
            env=self._environ,
            cwd=_ROOT,
            start_new_session=True,
        )


class _Child:
    """A living process, and those who wait for its answers."""

    def __init__(self, process: Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process was started without pipes")
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout
        self._numbers = count()
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._listener = asyncio.create_task(self._listen())

    @property
    def ended(self) -> bool:
        """Tell whether it can be asked no more."""
        return self._listener.done() or self._process.returncode is not None

    async def answer(self, run: Request) -> Answer:
        """Have a run made, under a number of ours; it has ended even when we are cancelled."""
        number = next(self._numbers)
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await self._send(replace(run, number=number))
            return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            await asyncio.shield(self._given_up(number, waiting))
            raise
        finally:
            del self._waiting[number]

    async def close(self) -> None:
        """Close its pipe, at which it ends what runs and then itself."""
        self._stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await self._process.wait()
        if self._process.returncode is None:
            self._process.kill()
        await self._listener

    async def _given_up(self, number: int, waiting: asyncio.Future[Answer]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await self._send(Request(number))
                await waiting

    async def _send(self, request: Request) -> None:
        # Where nobody reads any more, the listener tells all who wait.
        with suppress(ConnectionError):
            await frames.write(self._stdin, REQUEST.dump_json(request))

    async def _listen(self) -> None:
        """Hand each answer to who waits for it; when no more can come, tell them all."""
        while (message := await frames.read(self._stdout)) is not None:
            answer = ANSWER.validate_json(message)
            if waiting := self._waiting.get(answer.number):
                waiting.set_result(answer)
        await self._process.wait()
        for number, waiting in self._waiting.items():
            if not waiting.done():
                waiting.set_result(Answer(number, problem=_ENDED, transient=True))


@asynccontextmanager
async def runner_process(data: Path, environ: Mapping[str, str]) -> AsyncIterator[RunnerProcess]:
    """Give a runner in another process, which has ended when this is left."""
    runner = RunnerProcess(data, environ)
    try:
        yield runner
    finally:
        await runner.close()


def _absolute(path: Path) -> str:
    return str(path.absolute())


def _report(answer: Answer) -> TestReport:
    if answer.report is not None:
        return answer.report
    if answer.transient:
        raise Transient(answer.problem)
    raise RuntimeError(f"the process that runs the tests failed: {answer.problem}")
