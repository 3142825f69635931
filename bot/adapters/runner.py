"""Running a configured test command on a tree, shut up in the sandbox, and reporting on it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.adapters.environments import Environments
from bot.adapters.interpreters import Choice, Interpreters
from bot.adapters.job import Job
from bot.adapters.sandbox import Sandbox
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


class SandboxRunner:
    """Runs tests in the sandbox of this machine; never without one."""

    def __init__(
        self, sandbox: Sandbox, interpreters: Interpreters, environments: Environments
    ) -> None:
        self._sandbox = sandbox
        self._interpreters = interpreters
        self._environments = environments

    async def run(self, plan: TestPlan, tree: Path) -> TestReport:
        """Run the plan's command in a tree, and report on it whatever the tests do.

        What keeps it from running is reported as neutral. Raises Transient where the environment
        takes too long to build.
        """
        mode = await self._sandbox.probe()
        blank = replace(_NOT_RUN, command=reproduction(plan), sandbox=mode.name)
        if not mode.usable:
            return _not_run(blank, f"no sandbox available\n{mode.reason}")
        try:
            choice = await self._interpreters.choose(plan.python)
            return await self._run(plan, tree, choice, blank)
        except UserError as error:
            return _not_run(blank, error.message)

    async def _run(
        self, plan: TestPlan, tree: Path, choice: Choice, blank: TestReport
    ) -> TestReport:
        async with self._environments.open(choice.interpreter, plan.requirements) as venv:
            job = _job(plan, tree, venv, choice.interpreter.prefix)
            finished = await self._sandbox.run(job)
        report = judge(finished, job.limits)
        return replace(
            report,
            interpreter=choice.interpreter.name,
            sandbox=blank.sandbox,
            command=blank.command,
            notes=(*report.notes, *([choice.note] if choice.note else [])),
        )


def sandbox_runner(sandbox: Sandbox, data: Path, environ: Mapping[str, str]) -> SandboxRunner:
    """Give the runner of this machine, with its environments kept under the data folder."""
    environments = Environments(data.absolute() / "environments", environ)
    return SandboxRunner(sandbox, Interpreters(environ), environments)


def reproduction(plan: TestPlan) -> str:
    """Give the line that runs the same by hand, at the top of a checkout."""
    settings = [f"{name}={shlex.quote(value)}" for name, value in _env(plan, ".").items()]
    return " ".join([*settings, shlex.join(_command(plan, "python", "."))])


_NOT_RUN = TestReport(Conclusion.NEUTRAL, "Tests not run")


def _not_run(blank: TestReport, message: str) -> TestReport:
    reason, *details = printable(message.encode()).split("\n")
    return replace(blank, title=f"Tests not run: {reason}", notes=tuple(filter(None, details)))


def _job(plan: TestPlan, tree: Path, venv: Path, prefix: Path) -> Job:
    # An interpreter is shown at its own place; what is under `/usr` can be seen already.
    python = () if prefix.is_relative_to("/usr") else ((prefix, str(prefix)),)
    return Job(
        command=_command(plan, f"{_VENV}/bin/python", _TREE),
        readable=((tree.absolute(), _TREE), (venv, _VENV), *python),
        env=tuple({**_BASIC_ENV, **_env(plan, _TREE)}.items()),
        folder=_TREE,
        limits=Limits(wall=plan.timeout),
    )


def _command(plan: TestPlan, python: str, tree: str) -> tuple[str, ...]:
    words: list[str] = []
    for word in plan.command:
        words += plan.labels if word == "{labels}" else [_filled(word, python, tree, plan.labels)]
    return tuple(words)


def _filled(word: str, python: str, tree: str, labels: Sequence[str]) -> str:
    places = {"{python}": python, "{tree}": tree, "{labels}": " ".join(labels)}
    for place, value in places.items():
        word = word.replace(place, value)
    return word


def _env(plan: TestPlan, tree: str) -> Mapping[str, str]:
    return {name: value.replace("{tree}", tree) for name, value in plan.env}
