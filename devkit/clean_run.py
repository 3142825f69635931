"""The clean case told to its end by the real service, with all that it asked of GitHub counted.

Stablehand has an installation token already, as it nearly always has: a pull request that was
opened before made it ask for one. What it asks for by the clock, whatever happens, is left out too:
the sweep's questions about lost deliveries are not counted, and nothing is looked for that no
webhook told.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.core import checklist as lists
from bot.core import config, defaults, vote_record
from bot.core.checklist import Checklist
from devkit import django, scenario
from devkit.github import LocalGitHub, running_github
from devkit.scenario import Case
from devkit.timed_service import timed_service

_WHEELS = django.CACHE.parent / "uv"
_PATIENCE = 180.0  # seconds; the first run fetches what Django's tests need
_REST = 5.0  # seconds; what follows a decision is told by no webhook that could be waited for
_SWEEP = "/app/hook/deliveries"


@dataclass(frozen=True, slots=True)
class CleanRun:
    """The case after its end, and the counts: `METHOD template` and `fetch`, `push`."""

    github: LocalGitHub
    case: Case
    requests: Counter[str]
    git_operations: Counter[str]


@asynccontextmanager
async def clean_run(folder: Path, *, decided: bool = False) -> AsyncIterator[CleanRun]:
    """Have the merger label the clean fix, and wait until the checklist has all results.

    Django's ways apply: without decisions, or with one that was taken before. Raises TimeoutError,
    with the end of the service's log, where that never comes.
    """
    source = django.build(django.CACHE, folder / "django.git")
    environment = {"UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(_WHEELS))}
    async with running_github(folder / "github") as github:
        case = await scenario.clean_fix(github, source)
        await _configure(github, case, decided=decided)
        # What was sent before the service stands would be asked for again.
        github.webhooks.deliveries.clear()
        now = datetime.now(UTC)
        async with timed_service(github, folder / "data", now, environment) as service:
            try:
                await (_decide(github, case) if decided else _warm_up(github, case))
                github.label(case.repository, case.pull, scenario.LABEL, by=scenario.MERGER)
                await _until(lambda: _told(case))
            except TimeoutError as error:
                raise TimeoutError(service.log.read_text()[-5000:]) from error
            await github.webhooks.idle()
            requests = +Counter({at: n for at, n in github.count().items() if _SWEEP not in at})
            yield CleanRun(github, case, requests, Counter(github.git_operations))


def result(case: Case) -> Checklist | None:
    """Read the checklist on the source pull request, if there is one yet."""
    found = (lists.read(comment.body) for comment in case.pull.comments.values())
    return next((one for one in found if one), None)


async def _configure(github: LocalGitHub, case: Case, *, decided: bool) -> None:
    """Put Django's ways on main: without decisions, or with them, and the merger's own label."""
    plain = defaults.DJANGO.partition("[exception]")[0]
    by_decision = defaults.DJANGO.replace("set_label = true", "set_label = false")
    files = {config.PATH: by_decision if decided else plain}
    repository = case.repository
    await github.commit(repository, repository.default_branch, files, message="Configured.")


async def _decide(github: LocalGitHub, case: Case) -> None:
    """Let the council accept first, and the bot come to rest."""
    scenario.ask(github, case)
    await _until(lambda: scenario.is_asked(case))
    scenario.answer(github, case)
    mark = f"<!-- stablehand:{vote_record.DECISION}="
    await _until(lambda: any(mark in one.body for one in case.pull.comments.values()))
    await asyncio.sleep(_REST)
    await github.webhooks.idle()
    github.reset_counts()


async def _warm_up(github: LocalGitHub, case: Case) -> None:
    """Let a delivery that asks for nothing make the service ask for its token."""
    repository, branch = case.repository, "another"
    await github.commit(repository, branch, {"another.txt": "\n"}, message="Another change.")
    await github.open_pull(repository, branch, repository.default_branch, by="somebody")
    both = 2  # the file that it brings is compared with that of main
    await _until(lambda: sum("/contents/" in call.path for call in github.calls) == both)
    github.reset_counts()


def _told(case: Case) -> bool:
    checklist = result(case)
    return checklist is not None and all("passed" in row.tests for row in checklist.rows)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not condition():  # noqa: ASYNC110 - another process brings it about
            await asyncio.sleep(0.05)
