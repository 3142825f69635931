"""Local mode: the same picks in a person's own clone, without GitHub."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.core import config, defaults, series
from bot.core.config import Configuration, ConfigurationError
from bot.core.errors import UserError
from bot.core.model import Conclusion, Outcome, Pick, TestReport
from bot.ports import LocalRepository, Runner

_MAIN_BRANCHES = ("main", "master")


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for: revisions to bring on to others, as they were written."""

    commits: tuple[str, ...]
    onto: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocalTarget:
    """What came of one `--onto`; `detail` is one sentence where a person has to act."""

    onto: str
    series: str
    pick: Pick
    head_branch: str | None = None
    tests: TestReport | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The answer: the commits by full name, oldest first, and a result for each `--onto`."""

    commits: tuple[str, ...]
    targets: tuple[LocalTarget, ...]

    def exit_code(self) -> int:
        """Give 0 where all is picked or there, 1 on conflicts and failed tests, 2 on bad input."""
        outcomes = {target.pick.outcome for target in self.targets}
        if outcomes & {Outcome.MISSING, Outcome.NOTHING_TO_PICK}:
            return 2
        failed = {Conclusion.FAILURE, Conclusion.TIMED_OUT}
        tests = any(target.tests and target.tests.conclusion in failed for target in self.targets)
        unmade = any(target.detail for target in self.targets)
        return 1 if tests or unmade or Outcome.CONFLICT in outcomes else 0


async def configuration(repository: LocalRepository, file: Path | None) -> Configuration:
    """Read the named file, or the repository's own, or else take Django's ways."""
    if file is not None:
        text = _text(file)
    else:
        head = await repository.resolve("HEAD")
        found = await repository.read(head, config.PATH) if head else None
        if found is None:
            return defaults.django()
        text = found.decode(errors="replace")
    try:
        return config.parse(text)
    except ConfigurationError as error:
        raise UserError(f"{file or config.PATH} cannot be used: {error}") from None


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read: {error}") from None


async def forecast(
    repository: LocalRepository, request: Request, configuration: Configuration
) -> Forecast:
    """Pick in memory, in the order asked; the repository is not changed."""
    commits = [await _commit(repository, revision) for revision in request.commits]
    source = await _source_branch(repository)
    targets = []
    for onto in request.onto:
        name = await repository.branch_name(onto) or onto
        target = LocalTarget(onto, configuration.series(name), Pick(Outcome.MISSING))
        if sha := await repository.resolve(onto):
            recipe = configuration.recipe_for(target.series, source)
            pick = await repository.pick(commits, sha, recipe)
            head = configuration.head_branch_for(target.series, commits[-1])
            named = pick.outcome in {Outcome.PICKED, Outcome.CONFLICT}
            target = replace(target, pick=pick, head_branch=head if named else None)
        targets.append(target)
    return Forecast(tuple(commits), tuple(targets))


async def create_branches(repository: LocalRepository, done: Forecast) -> Forecast:
    """Create the head branch of each picked target; one in the way is said and left alone."""
    targets = []
    for target in done.targets:
        detail = ""
        if target.pick.outcome is Outcome.PICKED and target.head_branch and target.pick.commit:
            try:
                await repository.create_branch(target.head_branch, target.pick.commit)
            except UserError as error:
                detail = error.message
        targets.append(replace(target, detail=detail))
    return replace(done, targets=tuple(targets))


@dataclass(frozen=True, slots=True)
class Bench:
    """What tests need: the runner, and a maker of folders for the trees."""

    runner: Runner
    scratch: Callable[[], AbstractContextManager[Path]]


async def run_tests(
    repository: LocalRepository, done: Forecast, configuration: Configuration, bench: Bench
) -> Forecast:
    """Run the configured tests on the tree of each picked commit."""
    if configuration.tests is None:
        raise UserError(f"No tests are configured: `{config.PATH}` has no [tests].")
    targets = []
    for target in done.targets:
        report = None
        if target.pick.outcome is Outcome.PICKED and target.pick.commit:
            plan = configuration.tests.plan(series.fill(configuration.branch, target.series))
            with bench.scratch() as tree:
                await repository.export(target.pick.commit, tree)
                report = await bench.runner.run(plan, tree)
        targets.append(replace(target, tests=report))
    return replace(done, targets=tuple(targets))


async def _commit(repository: LocalRepository, revision: str) -> str:
    if sha := await repository.resolve(revision):
        return sha
    raise UserError(f"{revision} is no commit of this repository.")


async def _source_branch(repository: LocalRepository) -> str:
    """Name the branch that the trailer says the commit is from."""
    for name in _MAIN_BRANCHES:
        for ref in (f"refs/heads/{name}", f"refs/remotes/origin/{name}"):
            if await repository.resolve(ref):
                return name
    return await repository.branch_name("HEAD") or _MAIN_BRANCHES[0]
