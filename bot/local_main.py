"""The composition root of local mode, apart from the service's so that it starts at once."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from bot import local, local_report
from bot.adapters.git.local import open_local
from bot.adapters.runner import sandbox_runner
from bot.adapters.sandbox import Sandbox
from bot.adapters.scratch import scratch
from bot.core.model import Outcome
from bot.local import Bench, Request
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
    async with open_local(options.repository) as repository:
        configuration = await local.configuration(repository, options.config)
        answer = await local.forecast(repository, request, configuration)
        if options.create:
            answer = await local.create_branches(repository, answer)
        if options.test:
            cache = Path.home() / ".cache" / "stablehand"
            bench = Bench(
                sandbox_runner(Sandbox(), cache, environment()), partial(scratch, "tree", cache)
            )
            answer = await local.run_tests(repository, answer, configuration, bench)
    if options.json:
        sys.stdout.write(local_report.as_json(answer) + "\n")
    else:
        local_report.print_table(answer, Console())
    for target in answer.targets:
        if target.pick.outcome in {Outcome.MISSING, Outcome.NOTHING_TO_PICK}:
            why = target.pick.detail or "no such commit or branch"
            sys.stderr.write(f"stablehand: {target.onto}: {why}\n")
    return answer.exit_code()
