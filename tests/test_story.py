"""The whole path on real Django trees, the service as its own process."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bot.core import checklist as lists
from bot.core.model import Outcome
from devkit import django, scenario
from devkit.github import LocalGitHub, running_github
from devkit.github.state import Pull
from devkit.scenario import Case
from devkit.service import Service, running_service
from tests.waiting import until

# Each branch with the version that its release note is for, and its async client tests: as it
# stands, with the backport's tests alone, with the whole backport.
TREES = {
    "stable/4.1.x": ("4.1.5", (8, 11, 11)),
    "stable/4.0.x": ("4.0.9", (8, 11, 11)),
    "stable/3.2.x": ("3.2.17", (5, 8, 8)),
}
PROVED = "3 tests fail without the fix and pass with it"
PROVING = (
    "test_client.tests.AsyncClientTest.test_body_read_on_get_data",
    "test_client.tests.AsyncClientTest.test_post_data",
    "test_client.tests.AsyncRequestFactoryTest.test_request_limited_read",
)
BY_RULE = ("django/test/client.py", "tests/test_client/views.py")


@dataclass
class Told:
    """The story after its end: what GitHub holds, and the service that did it."""

    github: LocalGitHub
    case: Case
    service: Service

    def backports(self) -> dict[str, Pull]:
        """Give the backport pull requests by target branch."""
        pulls = self.case.repository.pulls.values()
        return {pull.base: pull for pull in pulls if pull.base.startswith("stable/")}


def checklists(case: Case) -> list[lists.Checklist]:
    """Give the checklists on the source pull request."""
    found = [lists.read(comment.body) for comment in case.pull.comments.values()]
    return [one for one in found if one]


def finished(case: Case) -> bool:
    """Tell whether the checklist shows all proofs."""
    rows = [row for one in checklists(case) for row in one.rows]
    return sum(row.tests == f"✅ {PROVED}" for row in rows) == len(TREES)


async def accepted(github: LocalGitHub, case: Case) -> None:
    """Have the council asked, and its answer recorded; the bot sets the label itself."""
    scenario.ask(github, case)
    await until(lambda: scenario.is_asked(case))
    scenario.answer(github, case)
    await until(lambda: finished(case), 120)


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[Told]:
    """Tell the story: the council lets the merged pull request of ticket 34063 in."""
    source = django.build(django.CACHE, tmp_path / "django.git")
    async with running_github(tmp_path / "github") as github:
        case = await scenario.merged_fix(github, source)
        async with running_service(github, tmp_path / "data") as service:
            await accepted(github, case)
            yield Told(github, case, service)


async def test_the_story(told: Told) -> None:
    """Three pull requests with green async client tests, one settled by a rule, one checklist."""
    assert set(told.backports()) == set(TREES)
    assert told.github.git_operations["push"] == 1
    for branch, pull in told.backports().items():
        await _check_pull(told, branch, pull)
        await _check_tests(told, branch, pull)
    _check_checklist(told)
    _check_log(told)


async def _check_pull(told: Told, branch: str, pull: Pull) -> None:
    """Expect the commit that plain git makes, with Django's message and the author kept."""
    git, series = told.case.repository.git, branch.removeprefix("stable/")
    assert pull.title == f"[{series}] {scenario.TITLE}"
    assert pull.reviewers == [scenario.MERGER]
    assert f"Backport of #{told.case.pull.number}" in pull.body
    assert "https://code.djangoproject.com/ticket/34063" in pull.body
    commit = await git.text("cat-file", "commit", pull.head_sha)
    source = await git.text("cat-file", "commit", told.case.fix)
    head, _, message = commit.partition("\n\n")
    source_head, _, source_message = source.partition("\n\n")
    assert _line(head, "author") == _line(source_head, "author")
    committed = _line(source_head, "committer").split("> ")[1]
    assert _line(head, "committer").endswith(
        f"stablehand[bot]@users.noreply.github.com> {committed}"
    )
    trailer = f"Backport of {told.case.fix} from main."
    assert message == f"[{series}] {source_message}\n\n{trailer}"
    (stub,) = pull.comments.values()
    assert f"docs/releases/{TREES[branch][0]}.txt" in stub.body
    assert "(:ticket:`34063`)." in stub.body


def _line(head: str, name: str) -> str:
    return next(line for line in head.splitlines() if line.startswith(f"{name} "))


async def _check_tests(told: Told, branch: str, pull: Pull) -> None:
    """Expect a check run on exactly this commit that says how it came about."""
    checks = told.case.repository.checks.values()
    here = [one for one in checks if one.fields["head_sha"] == pull.head_sha]
    policy, check = sorted(here, key=lambda one: str(one.fields["name"]))
    assert check.fields["name"] == f"Backport proof / {branch.removeprefix('stable/')}"
    assert (policy.fields["name"], policy.fields["conclusion"]) == ("Backport policy", "success")
    assert (check.fields["status"], check.fields["conclusion"]) == ("completed", "success")
    output = check.fields["output"]
    assert output["title"] == PROVED
    for stage, tests in zip(("base", "red", "green"), TREES[branch][1], strict=True):
        assert re.search(rf"^\| {stage}: [^|]+\| {tests} \|", output["summary"], re.MULTILINE)
    for fact in (*PROVING, "Interpreter: CPython 3.", "Sandbox: bubblewrap", pull.head_sha):
        assert fact in output["summary"]
    assert "Cannot read more than the available bytes" in output["text"]
    async with aiohttp.ClientSession() as http, http.get(check.fields["details_url"]) as answer:
        log = await answer.text()
    assert log.startswith(f"===== {told.case.repository.full_name}, {branch}, {pull.head_sha}\n")
    assert log.count("Testing against Django installed in '/src/django'") >= len(TREES[branch][1])


def _check_checklist(told: Told) -> None:
    """Expect one comment that says where everything is."""
    (checklist,) = checklists(told.case)
    assert checklist.basis.startswith("Decided: [exception 34063](")
    assert [row.branch for row in checklist.rows] == list(TREES)
    assert {row.outcome for row in checklist.rows} == {Outcome.PICKED}
    new, _, old = checklist.rows
    assert new.pick == "identical to main: 3 files, +27 \N{MINUS SIGN}3"
    assert old.pick.startswith("resolved by formatter; ")
    assert "+27 \N{MINUS SIGN}3" in old.pick
    body = told.backports()["stable/3.2.x"].body
    assert all(f"- `{path}`: formatter" in body for path in BY_RULE)


def _check_log(told: Told) -> None:
    """Expect what happened in the log, and neither key, secret nor token."""
    log = told.service.log.read_text()
    assert '"event": "pick"' in log
    assert told.github.app.webhook_secret not in log
    assert "PRIVATE KEY" not in log
    assert "ghs_" not in log


async def test_the_story_on_postgres_with_a_worker(tmp_path: Path, postgres_url: str) -> None:
    """The same with Postgres, where a second process works beside the service."""
    source = django.build(django.CACHE, tmp_path / "django.git")
    environment = {"DATABASE_URL": postgres_url}
    async with running_github(tmp_path / "github") as github:
        case = await scenario.merged_fix(github, source)
        async with running_service(github, tmp_path / "data", environment) as service:
            worker = await service.start_worker()
            await accepted(github, case)
            worker.terminate()
            assert await worker.wait() == 0
        assert len(checklists(case)) == 1
        assert len(case.repository.pulls) == 1 + len(TREES)
