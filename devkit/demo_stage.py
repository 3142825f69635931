"""The stage of the demo: the local GitHub, the real service, and the pull request to label."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.core.errors import UserError
from devkit import django, scenario
from devkit.demo_scene import Scene, look
from devkit.django import DjangoRepository
from devkit.github import LocalGitHub
from devkit.scenario import Case
from devkit.service import Service

_LAST_LINES = 10
_READING = dict.fromkeys(("contents", "pull_requests", "issues", "checks", "metadata"), "read")
_A_LONG_DAY = timedelta(hours=12)
_WHEELS = django.CACHE.parent / "uv"
"""What the tests need is kept beside the Django trees, so that it is fetched once."""

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
    """The two servers, the case that is played on them, and the folder that holds it all."""

    github: LocalGitHub
    service: Service
    case: Case
    folder: Path

    def look(self) -> Scene:
        """Freeze what stands now."""
        return look(self.github, self.case.repository)

    @property
    def alive(self) -> bool:
        """Tell whether the service still runs."""
        process = self.service.process
        return process is not None and process.returncode is None

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
    wheels = {"UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(_WHEELS))}
    service = Service(github, folder / "data", wheels)
    try:
        await _start(service)
        case = await scenario.merged_fix(github, source)
        await github.webhooks.idle()
        github.reset_counts()
        yield Stage(github, service, case, folder)
    finally:
        await service.stop()
        await github.stop()


async def _start(service: Service) -> None:
    try:
        await service.start()
    except (RuntimeError, TimeoutError) as error:
        end = "\n".join(service.log.read_text().splitlines()[-_LAST_LINES:])
        raise UserError(f"The service did not start. The end of its log:\n{end}") from error
