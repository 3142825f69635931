"""The stage of the demo: the local GitHub, the real service, and the pull request to label.

The clock stands on the days of ticket 34063, on which it was asked about and released.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core import config
from bot.core.defaults import DJANGO
from bot.core.errors import UserError
from devkit import django, django_past, scenario
from devkit.demo_scene import Scene, look
from devkit.django import DjangoRepository
from devkit.django_past import BEFORE
from devkit.github import LocalGitHub
from devkit.github.bare import Person
from devkit.github.state import Repository
from devkit.scenario import MERGER, SEATS, Case
from devkit.timed_service import UNDER_WAY, TimedService, timed_service

_LAST_LINES = 10
_READING = dict.fromkeys(("contents", "pull_requests", "issues", "checks", "metadata"), "read")
_A_LONG_DAY = timedelta(hours=12)
_WHEELS = django.CACHE.parent / "uv"
"""What the tests need is kept beside the Django trees, so that it is fetched once."""

_CONFIGURATION = f"""\
notes = "commit"
{DJANGO.replace("django-spokesperson", "django-dep10")}
[follow_up]
repository = "{scenario.POLICY}"
"""
"""Django's own, with the rule of those days, notes that are committed, and a place to talk."""

_ADDRESSES = """\
  service     {service}/readyz
              {service}/metrics
              log: {log}
  GitHub      {github} (API: {api})
  data        {folder}

  A token for looking, good for half a day:

    export TOKEN={token}

  The pull requests, the comments on the first one, the check runs of the newest backport:

    curl -s --oauth2-bearer "$TOKEN" "{repo}/pulls?state=all"
    curl -s --oauth2-bearer "$TOKEN" "{repo}/issues/{number}/comments"
    curl -s --oauth2-bearer "$TOKEN" "{repo}/commits/{branch}/check-runs"

  A clone:

    git -c credential.helper= \\
        -c credential.helper='!f() {{ echo username=x; echo "password=$TOKEN"; }}; f' \\
        clone {github}/{name}.git
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """The two servers, the case that is played on them, and the folder that holds it all.

    `policy` is the repository in which the policy is talked over.
    """

    github: LocalGitHub
    service: TimedService
    case: Case
    policy: Repository
    folder: Path

    def look(self) -> Scene:
        """Freeze what stands now."""
        return look(self.github, self.case.repository, self.policy)

    def at(self, day: int, month: int, year: int = 2023) -> Person:
        """Let it be the morning of a day; give who merges and releases on it."""
        now = datetime(year, month, day, 8, tzinfo=UTC)
        self.service.clock.set(now)
        return django_past.releaser(MERGER, now)

    def now(self) -> Person:
        """Give who merges at this moment."""
        return django_past.releaser(MERGER, self.service.clock())

    @property
    def alive(self) -> bool:
        """Tell whether the service still runs."""
        process = self.service.process
        return process is not None and process.returncode is None

    @property
    def busy(self) -> bool:
        """Tell whether the service has work that goes on."""
        return any(status in UNDER_WAY for _, status in self.service.work())

    def troubles(self) -> list[str]:
        """Give the last lines of the service's log that are more than information."""
        lines = self.service.log.read_text().splitlines()
        return [line for line in lines if '"level": "info"' not in line][-_LAST_LINES:]

    def addresses(self, branch: str) -> str:
        """Tell where everything is, with a token to read it and a head branch to look at."""
        github, repository = self.github, self.case.repository
        github.token_lifetime = _A_LONG_DAY
        installation = github.installation(repository.owner.login)
        token, _ = github.site.world.issue_token(installation, {"permissions": _READING})
        return _ADDRESSES.format(
            service=self.service.url,
            log=self.service.log,
            github=github.url,
            api=github.api_url,
            folder=self.folder,
            token=token,
            repo=f"{github.api_url}/repos/{repository.full_name}",
            number=self.case.pull.number,
            branch=branch,
            name=repository.full_name,
        )


@asynccontextmanager
async def running_stage(source: DjangoRepository, folder: Path) -> AsyncIterator[Stage]:
    """Set the stage, with the fix merged and not labelled, and clear it at the end.

    Raises UserError where the service does not start.
    """
    github = await LocalGitHub.start(folder / "github")
    github.site.world.clock = lambda: BEFORE
    try:
        case = await scenario.merged_fix(github, source)
        policy = await _furnish(github, case.repository)
        data = folder / "data"
        wheels = {"UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(_WHEELS))}
        async with AsyncExitStack() as stack:
            service = await _served(
                stack, timed_service(github, data, scenario.ASKED, wheels), data
            )
            github.reset_counts()
            yield Stage(github, service, case, policy, folder)
    finally:
        await github.stop()


async def _furnish(github: LocalGitHub, repository: Repository) -> Repository:
    """Let the repository be as it was on that day; give the one of the policy."""
    by = django_past.releaser(MERGER, BEFORE)
    files = {config.PATH: _CONFIGURATION}
    await github.commit(repository, "main", files, message="Configured.", by=by)
    await django_past.set_back(github, repository, by)
    github.add_team("django", "steering-council", SEATS)
    owner, _, name = scenario.POLICY.partition("/")
    policy = await github.add_repository(owner, name)
    await github.webhooks.idle()
    github.webhooks.deliveries.clear()  # else the service would ask for them again
    return policy


async def _served(
    stack: AsyncExitStack, service: AbstractAsyncContextManager[TimedService], data: Path
) -> TimedService:
    try:
        return await stack.enter_async_context(service)
    except (RuntimeError, TimeoutError) as error:
        end = "\n".join((data / "service.log").read_text().splitlines()[-_LAST_LINES:])
        raise UserError(f"The service did not start. The end of its log:\n{end}") from error
