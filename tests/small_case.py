"""A small project with a fix that three stable branches want, and what its backport must leave."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

from bot.core import checklist, comments, marker
from bot.core.checklist import Checklist, Row
from devkit import history
from devkit.github import AppRegistration, LocalGitHub, running_github
from devkit.github.state import Check, Comment, Pull, Repository
from devkit.history import Commit
from devkit.sdists import File
from devkit.service import Service
from devkit.timed_service import timed_service

MERGER = "felixxm"
CONTRIBUTOR = "shalgrim"
LABEL = "council exception"
KIND = "type: bug"
SERIES = ("4.1.x", "4.0.x", "3.2.x")
_VERSIONS = {"4.1.x": "(4, 1, 5,", "4.0.x": "(4, 0, 9,", "3.2.x": "(3, 2, 17,"}
_CONFIGURATION = """\
label = "{label}"
targets = ["stable/4.1.x", "stable/4.0.x", "stable/3.2.x"]
release_notes = "django"

[who]
team = "mergers"

[tests]
command = ["{{python}}", "-m", "unittest", "-v", "{{labels}}"]
labels = ["{module}"]
"""
_TEST = """\
import time
import unittest

from django import VERSION

class Answer(unittest.TestCase):
    def test_answer(self):
        time.sleep({seconds} if VERSION[:2] == (4, 1) else 0)
"""
_NEW_TEST = """\

    def test_right(self):
        from answer import answer

        self.assertEqual(answer, 42)
"""
_SOMEBODY = "Some Body <somebody@example.org> 1667865600 +0000"
_WORK = ("delivery", "command", "track", "test", "report")
PROVED = "✅ 1 test fails without the fix and passes with it"
_PATIENCE = 120.0  # seconds; only a service that hangs takes them


@dataclass
class Case:
    """The project on the local GitHub, the service beside it, and the merged pull request.

    `module` is the name of the test module, which no other process of this machine carries.
    """

    github: LocalGitHub
    service: Service
    repository: Repository
    pull: Pull
    module: str

    def label(self, name: str = LABEL) -> None:
        """Have the merger set the label."""
        self.github.label(self.repository, self.pull, name, by=MERGER)

    def unlabel(self, name: str = LABEL) -> None:
        """Have the merger take the label off."""
        self.github.unlabel(self.repository, self.pull, name, by=MERGER)

    def head(self, series: str) -> str:
        """Name the head branch of a backport."""
        return f"backport/{series}/{(self.pull.merge_commit_sha or '')[:12]}"

    def backports(self) -> dict[str, Pull]:
        """Give the backport pull requests by series; a second one for a series is an error."""
        found = [one for one in self.repository.pulls.values() if one is not self.pull]
        series = [one.base.removeprefix("stable/") for one in found]
        assert len(set(series)) == len(series), f"pull requests for {series}"
        return dict(zip(series, found, strict=True))

    def checklist(self) -> Checklist:
        """Read the one checklist."""
        (comment,) = said(self.pull, checklist.KIND)
        found = checklist.read(comment.body)
        assert found is not None
        return found

    def row(self, series: str) -> Row:
        """Give a series's row of the checklist."""
        (row,) = (row for row in self.checklist().rows if row.series == series)
        return row

    def checks(self, pull: Pull) -> list[Check]:
        """Give the check runs on the head of a pull request, the oldest first."""
        found = self.repository.checks.values()
        return [one for one in found if one.fields["head_sha"] == pull.head_sha]

    async def settled(self) -> None:
        """Wait until no webhook is on its way and all work is done, with success."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self.github.webhooks.idle()
                while self._under_way():
                    await asyncio.sleep(0.1)
                    await self.github.webhooks.idle()
        except TimeoutError as error:
            raise AssertionError(self.service.log.read_text()[-5000:]) from error

    def _under_way(self) -> int:
        """Count the work that is not done; the periodic repair is never done."""
        marks = ", ".join("?" * len(_WORK))
        query = f"SELECT name, status FROM workflow_status WHERE name IN ({marks})"  # noqa: S608 - question marks only
        file = f"file:{self.service.data / 'stablehand.sqlite'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as database:
            found = database.execute(query, _WORK).fetchall()
        failed = [row for row in found if row[1] not in {"ENQUEUED", "PENDING", "SUCCESS"}]
        assert not failed, (failed, self.service.log.read_text()[-5000:])
        return sum(status != "SUCCESS" for _, status in found)

    def verify(self, series: tuple[str, ...] = SERIES) -> None:
        """Make sure that each of these series has all that it needs, and everything just once."""
        backports = self.backports()
        assert set(backports) == set(series)
        for name in series:
            self._verify_backport(name, backports[name])
        assert [c.by_app for c in said(self.pull, checklist.KIND)] == [True]
        rows = {row.series: row for row in self.checklist().rows}
        assert set(rows) == set(series)
        for name, row in rows.items():
            assert row.pull == backports[name].number
            assert row.tests == PROVED
        heads = Counter(check.fields["head_sha"] for check in self.repository.checks.values())
        assert heads == {pull.head_sha: 1 for pull in backports.values()}
        assert self._pushed() == {self.head(name): 1 for name in series}

    def _verify_backport(self, series: str, pull: Pull) -> None:
        assert pull.head == self.head(series)
        assert pull.head_sha == self.repository.branch(pull.head)
        assert pull.state == "open"
        assert pull.labels == [KIND]
        assert pull.milestone == self.pull.milestone
        by_bot = (event.kind for event in pull.timeline if event.kind != "cross-referenced")
        assert sorted(by_bot) == ["commented", "labeled", "review_requested"]
        assert pull.reviewers == [MERGER]
        assert len(said(pull, comments.STUB)) == 1
        (check,) = self.checks(pull)
        assert check.fields["name"] == f"Backport proof / {series}"
        assert (check.fields["status"], check.fields["conclusion"]) == ("completed", "success")

    def _pushed(self) -> Counter[str]:
        """Count how often the bot moved each branch."""
        pushes = (one for one in self.github.webhooks.deliveries if one.event == "push")
        return Counter(
            push.payload["ref"].removeprefix("refs/heads/")
            for push in pushes
            if push.payload["sender"]["type"] == "Bot" and not push.redelivery
        )


def said(pull: Pull, kind: str) -> list[Comment]:
    """Give the comments of one kind on a pull request."""
    return [one for one in pull.comments.values() if marker.mark(kind) in one.body]


@asynccontextmanager
async def small_case(
    folder: Path, *, label: str = LABEL, seconds: float = 0, merged: bool = True
) -> AsyncIterator[Case]:
    """Play the case up to the merge, or to the open pull request, and run the service beside it.

    The test of the project sleeps for some `seconds` in series 4.1.x.
    """
    module = f"test_{uuid4().hex}"
    configuration = _CONFIGURATION.format(label=label, module=module)
    test = _TEST.format(seconds=seconds)
    source = folder / "source.git"
    history.create(source)
    history.write(source, _commits(configuration, {f"{module}.py": test}))
    async with running_github(folder / "github", app=_app()) as github:
        repository = await github.add_repository("django", "django", source=source)
        github.add_team("django", "mergers", [MERGER])
        github.grant(repository, MERGER, "maintain")
        text = "Fixed #34063 -- Fixed it."
        pull = await github.open_pull(repository, "ticket", "main", by=CONTRIBUTOR, text=text)
        github.label(repository, pull, KIND, by=MERGER)
        pull.milestone = github.add_milestone(repository, "4.2").number
        if merged:
            await github.merge(repository, pull, by=MERGER)
        await github.webhooks.idle()
        github.webhooks.deliveries.clear()  # else the service would ask for them again
        async with timed_service(github, folder / "data", datetime.now(UTC)) as service:
            try:
                yield Case(github, service, repository, pull, module)
            finally:
                service.kill()


@cache
def _app() -> AppRegistration:
    """Register the App once in a process: making its key takes a while."""
    return AppRegistration.create()


def _commits(configuration: str, test: dict[str, str]) -> list[Commit]:
    begun = {".github/stablehand.toml": configuration, "answer.py": "answer = 1\n", **test}
    fixed = {path: text + _NEW_TEST for path, text in test.items()}
    commits = [_commit("main", None, "Began.", begun)]
    for series, version in _VERSIONS.items():
        files = {"django/__init__.py": f'VERSION = {version} "alpha", 0)\n'}
        commits.append(_commit(f"stable/{series}", 0, f"[{series}] Began.", files))
    commits.append(
        _commit("ticket", 0, "Fixed #34063 -- Fixed it.", {"answer.py": "answer = 42\n", **fixed})
    )
    return commits


def _commit(branch: str, parent: int | None, message: str, files: dict[str, str]) -> Commit:
    tree = {path: File("100644", text.encode()) for path, text in files.items()}
    return Commit(branch, parent, _SOMEBODY, _SOMEBODY, f"{message}\n", tree)
