"""A small project that decides on exceptions, and the service by a clock that is moved."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from devkit.github import LocalGitHub, running_github
from devkit.github.state import Comment, Pull, Repository
from devkit.timed_service import TimedService, timed_service
from tests.waiting import until

ASKED = datetime(2022, 12, 30, 10, tzinfo=UTC)
SEATS = ("seat1", "seat2", "seat3", "seat4", "seat5")
TEXT = "Shall it be backported?\n\n1. The fix SHALL be allowed into 2.x and 1.x."
REQUEST = f"/exception request 2.x 1.x\n{TEXT}"
CONFIGURATION = """\
targets = ["stable/2.x", "stable/1.x"]
[who]
permission = "maintain"
[exception]
rule = "django-dep10"
team = "council"
recorders = "maintain"
set_label = true
records = "acme/records"
[phases."2.x"]
mainstream_until = 2023-04-30
[phases."1.x"]
mainstream_until = 2022-04-30
security_until = 2023-04-30
[policy]
source = "https://example.org/policy"
as_of = 2022-12-30
[[policy.clauses]]
phase = "mainstream"
classes = ["security", "crash"]
text = "Crashes are fixed in the newest series."
[[policy.clauses]]
phase = "security"
classes = ["security"]
text = "Older series get security fixes."
"""


@dataclass
class VoteScene:
    """The project with a merged fix, and the service beside it."""

    github: LocalGitHub
    service: TimedService
    repository: Repository
    records: Repository
    pull: Pull
    fix: str

    def say(self, by: str, body: str) -> Comment:
        """Let a person comment on the source pull request."""
        return self.github.comment(self.repository, self.pull, body, by=by)

    def said(self) -> list[str]:
        """Give what the App said on the source pull request, oldest first."""
        return [one.body for one in self.pull.comments.values() if one.by_app]

    def shown(self) -> list[str]:
        """Give what people see of what the App said."""
        return [body.partition("\n\n<!-- stablehand:")[0] for body in self.said()]

    def known(self) -> dict[str, str]:
        """Give names to what varies from run to run."""
        names = {self.github.url: "https://github.test", self.fix: "FIX"}
        found = {
            sha: "DIGEST"
            for body in self.said()
            for sha in re.findall(r"digest is `([0-9a-f]{64})`", body)
        }
        short = {sha[:12]: "DIGEST" for sha in found}
        # The clock runs on, and a slow machine takes more than a minute.
        late = {f" {hour}:0{at} UTC": f" {hour}:00 UTC" for hour in (10, 11) for at in range(1, 6)}
        told = {one for body in self.said() for one in re.findall(r"comment-\d+", body)}
        ids = sorted(told | {f"comment-{one}" for one in self.pull.comments})
        places = {one: f"comment-{at}" for at, one in enumerate(ids, start=1)}
        return {**found, **short, **names, **late, **places}

    async def answered(self, comment: Comment, content: str) -> None:
        """Wait for a reaction."""
        await until(lambda: comment.reactions[content] == 1)

    async def told(self, words: str) -> str:
        """Wait until the App says something, and give the comment."""
        await until(lambda: any(words in body for body in self.said()))
        return next(body for body in self.said() if words in body)

    async def opened(self) -> str:
        """Let somebody ask, and wait for the vote."""
        asked = self.say("asker", REQUEST)
        await self.answered(asked, "+1")
        return self.said()[0]

    async def refused(self, by: str, body: str) -> str:
        """Let a person ask for what is refused, and give what is said, in one comment for all."""
        before = self._refusal()
        await self.answered(self.say(by, body), "confused")
        await until(lambda: self._refusal() != before)
        return self._refusal()

    def _refusal(self) -> str:
        return next((one for one in self.said() if "stablehand:exception-refused" in one), "")

    async def vote(self, by: str, body: str) -> Comment:
        """Let a person vote, and wait until it is seen."""
        said = self.say(by, body)
        await until(lambda: bool(said.reactions))
        return said


@asynccontextmanager
async def vote_scene(
    tmp_path: Path,
    configuration: str = CONFIGURATION,
    now: datetime = ASKED,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[VoteScene]:
    """Set the scene: two stable branches, a fix merged by squash, five seats."""
    async with running_github(tmp_path / "github") as github:
        repository = await github.add_repository("acme", "tool")
        records = await github.add_repository("acme", "records")
        await github.commit(records, "main", {"README": "Decisions.\n"}, message="Begun.")
        github.grant(repository, "maintainer", "maintain")
        github.add_team("acme", "council", list(SEATS))
        files = {"a.txt": "1\n2\n3\n", ".github/stablehand.toml": configuration}
        root = await github.commit(repository, "main", files, message="Begun.")
        for series in ("1.x", "2.x"):
            await github.push(repository, {f"refs/heads/stable/{series}": root}, by="maintainer")
        await github.commit(repository, "fix", {"a.txt": "1\ntwo\n3\n"}, message="Fixed #7 -- It.")
        pull = await github.open_pull(repository, "fix", "main", by="ann", text="Fixed #7 -- It.")
        fix = await github.merge(repository, pull, by="maintainer")
        async with timed_service(github, tmp_path / "data", now, environment) as service:
            yield VoteScene(github, service, repository, records, pull, fix)
