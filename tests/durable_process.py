"""Starts, asks, stops and kills `durable_app.py` as a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.engine.runtime import ALL_QUEUES

_APP = Path(__file__).with_name("durable_app.py")


@dataclass
class App:
    """A running process; `ready` is the first thing that it said."""

    process: Process
    ready: dict[str, Any]

    async def ask(self, do: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Send one command and give the answer: `ok` or `transient`."""
        stdin = self.process.stdin
        assert stdin is not None
        stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        return await self.hear()

    async def hear(self) -> dict[str, Any]:
        """Give what the process says next."""
        stdout = self.process.stdout
        assert stdout is not None
        said: dict[str, Any] = json.loads(await stdout.readline())
        return said

    async def accept(self, workflow_id: str, workflow: str, **job: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Let it accept a workflow."""
        return await self.ask("accept", id=workflow_id, workflow=workflow, job=job)

    async def result(self, workflow_id: str) -> Any:  # noqa: ANN401 - JSON
        """Wait until a workflow is finished, and give its result."""
        while True:
            answer = await self.ask("outcome", id=workflow_id)
            status, result = answer["ok"] or ("UNKNOWN", None)
            if status not in {"UNKNOWN", "ENQUEUED", "PENDING"}:
                assert status == "SUCCESS", status
                return result
            await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """End it with SIGKILL."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """End it with SIGTERM, and give the exit code; ten seconds must do."""
        self.process.terminate()
        async with asyncio.timeout(10):
            return await self.process.wait()


class Work:
    """The processes of one test, and the journal of what they did."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "journal"
        self.journal.touch()
        self.gate = folder / "gate"
        self._apps: list[App] = []

    async def start(self, database_url: str, **options: Any) -> App:  # noqa: ANN401 - of Options
        """Start a process and wait until it is ready or gives up."""
        given = {
            "database_url": database_url,
            "journal": str(self.journal),
            "queues": sorted(ALL_QUEUES),
            "poll_seconds": 0.1,
            "grace_seconds": 1,
            "probe_seconds": 0.2,
            **options,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(_APP), json.dumps(given), stdin=PIPE, stdout=PIPE,
            env={"PYTHONPATH": str(_APP.parent.parent), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        app = App(process, {})
        self._apps.append(app)
        app.ready = await app.hear()
        return app

    def lines(self, *words: str) -> list[str]:
        """Give the lines of the journal that begin with these words."""
        begin = " ".join(words) + " "
        return [line for line in self._all() if f"{line} ".startswith(begin)]

    def lines_with(self, deed: str) -> list[str]:
        """Give the lines of the journal about one deed, of whatever workflow."""
        return [line for line in self._all() if line.split()[1] == deed]

    def _all(self) -> list[str]:
        return self.journal.read_text().splitlines()

    async def until(self, seen: Callable[[], object]) -> None:
        """Wait until something holds."""
        while not seen():  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        """End what still runs."""
        for app in self._apps:
            if app.process.returncode is None:
                await app.kill()
            transport = app.process._transport  # type: ignore[attr-defined]
            transport.close()


@asynccontextmanager
async def work_in(folder: Path) -> AsyncIterator[Work]:
    """Give the processes of one test, all ended at its end."""
    work = Work(folder)
    try:
        yield work
    finally:
        await work.close()
