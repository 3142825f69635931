"""A process that does durable work, told what to do by JSON lines; tests stop and kill it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.core.errors import Transient, UserError
from bot.engine import durable


@dataclass(frozen=True)
class Made:
    """Something that no second call of the step would give again."""

    token: str
    at: datetime
    parts: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.token} {self.at.isoformat()} {self.parts}"


class Journal:
    """What the steps really did, one line each, shared by all processes of a test."""

    path: Path

    @classmethod
    def note(cls, *words: object) -> None:
        """Append a line, in one write."""
        with cls.path.open("a") as file:
            file.write(" ".join(map(str, words)) + "\n")


def _is_open(gate: str) -> bool:
    return Path(gate).exists()


async def _make(name: str) -> Made:
    made = Made(uuid.uuid4().hex, datetime.now(UTC), (1, 2))
    Journal.note(name, "make", durable.first_time(), made)
    return made


async def _refuse(name: str) -> None:
    Journal.note(name, "refuse")
    raise UserError("the branch is protected")


async def _wait(name: str, gate: str) -> None:
    Journal.note(name, "wait", durable.first_time(), os.getpid())
    while not _is_open(gate):  # noqa: ASYNC110 - another process opens the gate
        await asyncio.sleep(0.02)
    Journal.note(name, "waited")


async def _fail(name: str, gate: str) -> None:
    Journal.note(name, "fail", durable.first_time())
    if not _is_open(gate):
        raise Transient("not yet", retry_after=0.5)


async def _use(name: str, made: Made) -> str:
    Journal.note(name, "use", made)
    return made.token


@durable.workflow("chain")
async def chain(job: durable.Json) -> durable.Json:
    """Make a thing, meet a refusal, wait for the gate, use the thing."""
    name = job["name"]
    made = await durable.step("make", _make, name, returns=Made)
    try:
        await durable.step("refuse", _refuse, name, returns=None)
    except UserError as error:
        refusal = error.message
    await durable.step("wait", _wait, name, job["gate"], returns=None)
    return [await durable.step("use", _use, name, made, returns=str), refusal]


@durable.workflow("patient")
async def patient(job: durable.Json) -> durable.Json:
    """Try until the gate is open."""
    await durable.step("fail", _fail, job["name"], job["gate"], returns=None)
    return "open"


@durable.workflow("parent")
async def parent(job: durable.Json) -> durable.Json:
    """Spawn a chain for each name, in its own partition, and end."""
    for name in job["names"]:
        await durable.spawn(chain, name, {**job, "name": name}, queue="branches", partition=name)


WORKFLOWS = {workflow.name: workflow for workflow in (chain, patient, parent)}


async def _obey(command: dict[str, Any]) -> durable.Json:
    match command["do"]:
        case "accept":
            workflow = WORKFLOWS[command["workflow"]]
            await durable.accept(command["id"], workflow, command["job"], attributes={"a": "b"})
            return None
        case "outcome":
            known = await durable.outcome(command["id"])
            return known and [known.status, known.result]
        case "workload":
            return [[*key, count] for key, count in (await durable.workload()).items()]
    raise ValueError(command)


async def _answer(line: bytes) -> dict[str, Any]:
    try:
        return {"ok": await _obey(json.loads(line))}
    except Transient as error:
        return {"transient": error.message}


async def _serve() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say({"ready": True})
    while line := await reader.readline():
        _say(await _answer(line))


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def _main(given: dict[str, Any]) -> None:
    Journal.path = Path(given.pop("journal"))
    options = durable.Options(
        **{**given, "queues": frozenset(given["queues"])},
        executor_name="app",
        on_bug=lambda error: Journal.note("bug", repr(error)),
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    try:
        async with durable.running(options):
            serving = asyncio.create_task(_serve())
            await stop.wait()
            serving.cancel()
    except UserError as error:
        _say({"user_error": error.message})


if __name__ == "__main__":
    asyncio.run(_main(json.loads(sys.argv[1])))
    durable.leave(0)
