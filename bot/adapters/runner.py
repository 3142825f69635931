"""Running a configured test command on a tree, shut up in the sandbox, and reporting on it."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.adapters import result_files
from bot.adapters.environments import Environments
from bot.adapters.interpreters import Choice, Interpreters
from bot.adapters.job import Job
from bot.adapters.result_files import ResultFiles
from bot.adapters.sandbox import Sandbox
from bot.adapters.scratch import scratch
from bot.core.errors import UserError
from bot.core.model import Conclusion, TestPlan, TestReport
from bot.core.outcome import Limits, judge
from bot.core.printable import printable

# Where the command sees the tree and its environment.
_TREE, _VENV, _TMP = "/src", "/venv", "/tmp"  # noqa: S108 - the sandbox's own
_BASIC_ENV = {
    "PATH": f"{_VENV}/bin:/usr/bin:/bin",
    "HOME": _TMP,
    "TMPDIR": _TMP,
    "USER": "sandbox",
    "LOGNAME": "sandbox",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",  # the last words of a run that is stopped
}


_REPORTERS, _REPORTING = Path(__file__).parent / "reporters", "/stablehand"
_INSIDE = {"{python}": f"{_VENV}/bin/python", "{tree}": _TREE, "{out}": result_files.PLACE}
_BY_HAND = {"{python}": "python", "{tree}": ".", "{out}": "."}


class SandboxRunner:
    """Runs tests in the sandbox of this machine, one run for each core; never without a sandbox.

    What finds no room in memory goes under the folder `data`.
    """

    def __init__(
        self, sandbox: Sandbox, interpreters: Interpreters, environments: Environments, data: Path
    ) -> None:
        self._sandbox = sandbox
        self._interpreters = interpreters
        self._environments = environments
        self._data = data
        # A place is taken for a run, not for a proof: while one lays out its tree, another runs.
        self._places = asyncio.Semaphore(os.cpu_count() or 1)

    async def run(self, plan: TestPlan, tree: Path) -> TestReport:
        """Run the plan's command in a tree, and report on it whatever the tests do.

        What keeps it from running is reported as neutral. Raises Transient where the environment
        takes too long to build.
        """
        mode = await self._sandbox.probe()
        blank = replace(_NOT_RUN, command=reproduction(plan))
        if not mode.usable:
            return _not_run(blank, f"no sandbox available\n{mode.reason}")
        try:
            choice = await self._interpreters.choose(plan.python, substitute=plan.substitute)
            async with self._places:
                found = await self._run(plan, tree, choice)
            return replace(found, command=blank.command, sandbox=mode.name)
        except UserError as error:
            return _not_run(blank, error.message)

    async def _run(self, plan: TestPlan, tree: Path, choice: Choice) -> TestReport:
        async with self._environments.open(choice.interpreter, plan.requirements) as venv:
            with scratch("out", self._data) as folder:
                files = result_files.make(folder)
                job = _job(plan, _shown(tree, venv, choice), files)
                finished = await self._sandbox.run(job)
                trees = (_TREE, str(await asyncio.to_thread(tree.resolve)))
                evidence = await asyncio.to_thread(files.evidence, plan.results, trees)
                report = await asyncio.to_thread(judge, finished, job.limits, evidence)
        return replace(
            report,
            interpreter=choice.interpreter.name,
            notes=(*report.notes, *([choice.note] if choice.note else [])),
        )


def sandbox_runner(sandbox: Sandbox, data: Path, environ: Mapping[str, str]) -> SandboxRunner:
    """Give the runner of this machine, with its environments kept under the data folder."""
    environments = Environments(data.absolute() / "environments", environ)
    return SandboxRunner(sandbox, Interpreters(environ), environments, data.absolute())


def reproduction(plan: TestPlan) -> str:
    """Give the line that runs the same by hand, at the top of a checkout."""
    settings = [f"{name}={shlex.quote(value)}" for name, value in _env(plan, _BY_HAND).items()]
    return " ".join([*settings, shlex.join(_command(plan, _BY_HAND))])


_NOT_RUN = TestReport(Conclusion.NEUTRAL, "Tests not run")


def _not_run(blank: TestReport, message: str) -> TestReport:
    reason, *details = printable(message.encode()).split("\n")
    return replace(blank, title=f"Tests not run: {reason}", notes=tuple(filter(None, details)))


def _shown(tree: Path, venv: Path, choice: Choice) -> tuple[tuple[Path, str], ...]:
    """Pair what the command may read with the places where it sees it."""
    prefix = choice.interpreter.prefix
    # An interpreter is shown at its own place; what is under `/usr` can be seen already.
    python = () if prefix.is_relative_to("/usr") else ((prefix, str(prefix)),)
    return ((tree.absolute(), _TREE), (venv, _VENV), (_REPORTERS, _REPORTING), *python)


def _job(plan: TestPlan, shown: tuple[tuple[Path, str], ...], files: ResultFiles) -> Job:
    env = {**_BASIC_ENV, **_env(plan, _INSIDE)}
    return Job(
        command=_command(plan, _INSIDE),
        readable=shown,
        writable=files.writable,
        env=tuple((_reported(env) if plan.results == "auto" else env).items()),
        folder=_TREE,
        limits=Limits(wall=plan.timeout),
        allow_weak=plan.allow_weak,
    )


def _reported(env: Mapping[str, str]) -> Mapping[str, str]:
    """Have each Python load the reporters, which take themselves out of the way of the tests."""
    path = ":".join(filter(None, (_REPORTING, env.get("PYTHONPATH"))))
    results = f"{result_files.PLACE}/{result_files.LINES}"
    return {
        **env,
        "PYTHONPATH": path,
        "STABLEHAND_RESULTS": results,
        "STABLEHAND_TREE": _TREE,
    }


def _command(plan: TestPlan, places: Mapping[str, str]) -> tuple[str, ...]:
    words: list[str] = []
    for word in plan.command:
        words += plan.labels if word == "{labels}" else [_filled(word, plan.labels, places)]
    return tuple(words)


def _filled(word: str, labels: Sequence[str], places: Mapping[str, str]) -> str:
    for place, value in {**places, "{labels}": " ".join(labels)}.items():
        word = word.replace(place, value)
    return word


def _env(plan: TestPlan, places: Mapping[str, str]) -> Mapping[str, str]:
    return {
        name: value.replace("{tree}", places["{tree}"]).replace("{out}", places["{out}"])
        for name, value in plan.env
    }
