"""A small project with a merged fix, the local GitHub and the real service: `scene`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from devkit.github import LocalGitHub, running_github
from devkit.github.state import Pull, Repository
from devkit.service import Service, running_service
from tests.waiting import until

LABEL = "council exception"
CONFIGURATION = """\
targets = ["stable/2.x", "stable/1.x"]
[who]
permission = "maintain"
"""


@dataclass
class Scene:
    """A small project with a merged fix, and the service beside it."""

    github: LocalGitHub
    service: Service
    repository: Repository
    pull: Pull

    async def configure(self, text: str) -> None:
        """Put a configuration on main."""
        files = {".github/stablehand.toml": text}
        await self.github.commit(self.repository, "main", files, message="Configured.")

    def label(self, by: str = "maintainer") -> None:
        """Set the label."""
        self.github.label(self.repository, self.pull, LABEL, by=by)

    def said(self) -> list[str]:
        """Give all comments on the source pull request."""
        return [comment.body for comment in self.pull.comments.values()]

    def backports(self) -> dict[str, Pull]:
        """Give the backport pull requests by target branch."""
        pulls = self.repository.pulls.values()
        return {pull.base: pull for pull in pulls if pull.base.startswith("stable/")}

    async def told(self) -> str:
        """Wait for the one comment on the source pull request."""
        await until(lambda: bool(self.pull.comments))
        (said,) = self.said()
        return said


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Set the scene: `main` and two stable branches, a fix merged by squash."""
    async with running_github(tmp_path / "github") as github:
        repository = await github.add_repository("acme", "tool")
        github.grant(repository, "maintainer", "maintain")
        files = {"a.txt": "1\n2\n3\n", ".github/stablehand.toml": CONFIGURATION}
        root = await github.commit(repository, "main", files, message="Begun.")
        for series in ("1.x", "2.x"):
            await github.push(repository, {f"refs/heads/stable/{series}": root}, by="maintainer")
        await github.commit(repository, "fix", {"a.txt": "1\ntwo\n3\n"}, message="Fixed #7 -- It.")
        pull = await github.open_pull(repository, "fix", "main", by="ann", text="Fixed #7 -- It.")
        await github.merge(repository, pull, by="maintainer")
        async with running_service(github, tmp_path / "data") as service:
            yield Scene(github, service, repository, pull)
