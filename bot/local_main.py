"""The composition root of local mode, apart from the service's so that it starts at once."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from bot import local, local_report
from bot.adapters.git.local import open_local
from bot.adapters.git.run import GitFailedError
from bot.adapters.runner import sandbox_runner
from bot.adapters.sandbox import Sandbox
from bot.adapters.scratch import scratch
from bot.core.errors import UserError
from bot.local import Bench, Forecast, Request
from bot.settings import environment


@dataclass(frozen=True, slots=True)
class LocalOptions:
    """How local mode was called."""

    repository: Path
    config: Path | None
    json: bool
    create: bool
    test: bool


async def local_mode(request: Request, options: LocalOptions) -> int:
    """Forecast or make backports in a person's own clone, print the answer, give the exit code."""
    try:
        answer = await _answer(request, options)
    except GitFailedError as error:
        raise UserError(f"{options.repository} cannot be worked with: {error}") from None
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may know ASCII alone
    if options.json:
        sys.stdout.write(local_report.as_json(answer) + "\n")
    else:
        local_report.print_table(answer, Console(highlight=False))
    if unusable := answer.unusable():
        sys.stderr.write(f"stablehand: {local_report.one_line(unusable)}\n")
    return answer.exit_code()


async def _answer(request: Request, options: LocalOptions) -> Forecast:
    async with open_local(options.repository, environ=environment()) as repository:
        configuration = await local.configuration(repository, options.config)
        answer = await local.forecast(repository, request, configuration)
        if options.test:
            answer = await local.run_tests(repository, answer, configuration, _bench())
        # Last, so that whatever stops the rest leaves no branch behind.
        return await local.create_branches(repository, answer) if options.create else answer


def _bench() -> Bench:
    environ = environment()
    cache = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stablehand"
    runner = sandbox_runner(Sandbox(spare=cache), cache, environ)
    return Bench(runner, partial(scratch, "tree", cache))
