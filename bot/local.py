"""Local mode: the same picks in a person's own clone, without GitHub."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from bot.core import config, defaults
from bot.core.config import Configuration, ConfigurationError
from bot.core.errors import UserError
from bot.core.model import Conclusion, Outcome, Pick, Recipe
from bot.core.proof import Proof
from bot.machine_ports import LocalRepository

_MAIN_BRANCHES = ("main", "master")
FAILED = frozenset({Conclusion.FAILURE, Conclusion.TIMED_OUT})
"""The proofs after which a backport has to change."""
_UNKNOWN = Pick(Outcome.MISSING, detail="no branch, tag or commit of this repository")


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for: revisions to bring on to others, as they were written."""

    commits: tuple[str, ...]
    onto: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocalTarget:
    """What came of one `--onto`; `detail` is one sentence where a person has to act.

    `recipe` and `head_branch` are given where there is something to commit: how, and on to what.
    `base` is the commit that `onto` means, None where it means none.
    """

    onto: str
    series: str
    pick: Pick
    base: str | None = None
    recipe: Recipe | None = None
    head_branch: str | None = None
    tests: Proof | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The answer: the commits by full name, oldest first, and a result for each `--onto`.

    `created` tells whether the head branches were made, not only named.
    """

    commits: tuple[str, ...]
    targets: tuple[LocalTarget, ...]
    created: bool = False

    def unusable(self) -> str:
        """Say in one line which input was of no use; empty where all was."""
        reasons: dict[str, list[str]] = {}
        for target in self.targets:
            if target.pick.outcome in {Outcome.MISSING, Outcome.NOTHING_TO_PICK}:
                reasons.setdefault(target.pick.detail, []).append(target.onto)
        return "; ".join(f"{', '.join(names)}: {why}" for why, names in reasons.items())

    def exit_code(self) -> int:
        """Give 0 where all is picked or there, 1 on conflicts and failed tests, 2 on bad input."""
        if self.unusable():
            return 2
        outcomes = {target.pick.outcome for target in self.targets}
        tests = any(target.tests and target.tests.conclusion in FAILED for target in self.targets)
        unmade = any(target.detail for target in self.targets)
        return 1 if tests or unmade or Outcome.CONFLICT in outcomes else 0


async def configuration(repository: LocalRepository, file: Path | None) -> Configuration:
    """Read the named file, or the repository's own, or else take Django's ways."""
    if file is not None:
        return configured(file)
    head = await repository.resolve("HEAD")
    found = await repository.read(head, config.PATH) if head else None
    return defaults.django() if found is None else _parsed(found.decode(errors="replace"))


def configured(file: Path) -> Configuration:
    """Read a file as a configuration; raises UserError where it cannot be read or used."""
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read: {error}") from None
    return _parsed(text, str(file))


def _parsed(text: str, name: str = config.PATH) -> Configuration:
    try:
        return config.parse(text)
    except ConfigurationError as error:
        raise UserError(f"{name} cannot be used: {error}") from None


async def forecast(
    repository: LocalRepository, request: Request, configuration: Configuration
) -> Forecast:
    """Pick in memory, in the order asked; the repository is not changed."""
    commits = [await commit(repository, revision) for revision in request.commits]
    source = await _source_branch(repository)
    targets = []
    for onto in request.onto:
        sha = await repository.resolve(onto)
        series_name = configuration.series(await _branch(repository, onto, sha))
        target = LocalTarget(onto, series_name, _UNKNOWN, sha)
        if sha:
            recipe = configuration.recipe_for(series_name, source)
            pick = await repository.pick(commits, sha, recipe, configuration.rules())
            target = replace(target, pick=pick)
            if pick.outcome in {Outcome.PICKED, Outcome.CONFLICT}:
                head = configuration.head_branch_for(series_name, commits[-1])
                target = replace(target, recipe=recipe, head_branch=head)
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
    return replace(done, targets=tuple(targets), created=True)


async def commit(repository: LocalRepository, revision: str) -> str:
    """Give the full name of the commit that a revision means; raises UserError if it means none."""
    if sha := await repository.resolve(revision):
        return sha
    raise UserError(f"{revision} is no commit of this repository.")


async def _branch(repository: LocalRepository, onto: str, sha: str | None) -> str:
    """Name the branch or tag that a revision begins with (`stable/4.1.x~2` → `stable/4.1.x`).

    A revision that names none gives the first digits of its commit, however it is written.
    """
    name = re.split(r"[~^:]|@\{", onto, maxsplit=1)[0]
    branch = await repository.branch_name(name)
    if branch is None and sha and (not name or sha.startswith(name)):
        return sha[:12]
    return branch or name


async def _source_branch(repository: LocalRepository) -> str:
    """Name the branch that the trailer says the commit is from."""
    for name in _MAIN_BRANCHES:
        for ref in (f"refs/heads/{name}", f"refs/remotes/origin/{name}"):
            if await repository.resolve(ref):
                return name
    return await repository.branch_name("HEAD") or _MAIN_BRANCHES[0]
