"""The composition root of local mode, apart from the service's so that it starts at once."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from bot import local, local_proof, local_proof_report, local_report
from bot.adapters.applied import apply
from bot.adapters.git.local import open_local
from bot.adapters.git.run import GitFailedError
from bot.adapters.runner import sandbox_runner
from bot.adapters.sandbox import Sandbox
from bot.adapters.scratch import scratch
from bot.core.errors import UserError
from bot.core.printable import one_line
from bot.local import Forecast, Request
from bot.local_proof import Asked, Bench, Proved
from bot.settings import environment


@dataclass(frozen=True, slots=True)
class LocalOptions:
    """How local mode was called."""

    repository: Path
    config: Path | None
    json: bool
    create: bool = False
    test: bool = False


async def local_mode(request: Request, options: LocalOptions) -> int:
    """Forecast or make backports in a person's own clone, print the answer, give the exit code."""
    with _git_explained(options):
        answer = await _answer(request, options)
    if options.json:
        sys.stdout.write(local_report.as_json(answer) + "\n")
    else:
        local_report.print_table(answer, _console())
    if unusable := answer.unusable():
        sys.stderr.write(f"stablehand: {one_line(unusable)}\n")
    return answer.exit_code()


async def prove_mode(asked: Asked, options: LocalOptions) -> int:
    """Prove one commit of a person's own clone, print what came of it, give the exit code."""
    with _git_explained(options):
        proved = await _proved(asked, options)
    if options.json:
        sys.stdout.write(local_proof_report.as_json(proved) + "\n")
    else:
        local_proof_report.print_proof(proved, _console())
    return proved.exit_code()


@contextmanager
def _git_explained(options: LocalOptions) -> Iterator[None]:
    try:
        yield
    except GitFailedError as error:
        raise UserError(f"{options.repository} cannot be worked with: {error}") from None


def _console() -> Console:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may know ASCII alone
    return Console(highlight=False)


async def _answer(request: Request, options: LocalOptions) -> Forecast:
    async with open_local(options.repository, environ=environment()) as repository:
        configuration = await local.configuration(repository, options.config)
        answer = await local.forecast(repository, request, configuration)
        if options.test:
            bench = _bench(options, stays=options.create)
            answer = await local_proof.prove_targets(repository, answer, configuration, bench)
        # Last, so that whatever stops the rest leaves no branch behind.
        return await local.create_branches(repository, answer) if options.create else answer


async def _proved(asked: Asked, options: LocalOptions) -> Proved:
    async with open_local(options.repository, environ=environment()) as repository:
        configuration = await local.configuration(repository, options.config)
        bench = _bench(options, stays=True)
        return await local_proof.prove_commit(repository, asked, configuration, bench)


def _bench(options: LocalOptions, *, stays: bool) -> Bench:
    environ = environment()
    cache = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stablehand"
    runner = sandbox_runner(Sandbox(spare=cache), cache, environ)
    clone = str(options.repository) if stays else ""
    return Bench(runner, partial(scratch, "tree", cache), apply, clone)
