"""The process that runs tests for the service: requests come on stdin, answers go to stdout.

`python -m bot.runner_process DATA`; it knows none of the service's secrets, and ends with stdin.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio import StreamReader, StreamWriter
from pathlib import Path

from bot.adapters import frames
from bot.adapters.hidden import hide_memory
from bot.adapters.runner import sandbox_runner
from bot.adapters.sandbox import Sandbox
from bot.adapters.scratch import sweep_scratch
from bot.core.errors import Transient
from bot.core.running import ANSWER, REQUEST, Answer, Request
from bot.machine_ports import Runner
from bot.settings import environment


async def answer_all(requests: StreamReader, answers: StreamWriter, runner: Runner) -> None:
    """Run what is asked for, each as a task, until no more can be asked; then end what runs."""
    tasks: dict[int, asyncio.Task[None]] = {}

    async def carry_out(request: Request) -> None:
        answer = await _answer(request, runner)
        tasks.pop(request.number, None)
        await frames.write(answers, ANSWER.dump_json(answer))

    while (message := await frames.read(requests)) is not None:
        request = REQUEST.validate_json(message)
        if request.plan is not None:
            tasks[request.number] = asyncio.create_task(carry_out(request))
        elif request.number in tasks:
            tasks[request.number].cancel()
    left = list(tasks.values())
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _answer(request: Request, runner: Runner) -> Answer:
    if request.plan is None:
        raise ValueError("a request to give up is no run")
    try:
        report = await runner.run(request.plan, Path(request.tree))
    except Transient as error:
        return Answer(request.number, problem=error.message, transient=True)
    except asyncio.CancelledError:
        return Answer(request.number, problem="given up", transient=True)
    except Exception as error:  # noqa: BLE001 - the service tells the operator of it
        return Answer(request.number, problem=f"{type(error).__name__}: {error}")
    return Answer(request.number, report)


async def _serve(data: Path, out: int) -> None:
    loop = asyncio.get_running_loop()
    requests = StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(requests), sys.stdin.buffer)
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop), os.fdopen(out, "wb")
    )
    answers = StreamWriter(transport, protocol, None, loop)
    runner = sandbox_runner(Sandbox(spare=data), data, environment())
    await answer_all(requests, answers, runner)


def main() -> None:
    """Serve until the other end is closed."""
    hide_memory()
    data = Path(sys.argv[1])
    sweep_scratch(data)  # what one before us left, should it have been killed
    answers = os.dup(1)
    os.dup2(2, 1)  # so that nothing else can be printed among the answers
    asyncio.run(_serve(data, answers))


if __name__ == "__main__":
    main()
