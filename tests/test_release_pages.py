"""The releaser's pages and command by the real service, over a database that has exceptions."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest
from justhtml import JustHTML

from bot.core.checklist import Checklist
from bot.core.errors import Transient, UserError
from bot.core.model import Repository
from bot.engine import cases, register
from bot.engine.cases import Case
from bot.web.sparing import READINGS, RefusedError, Sparing
from devkit.service import Service, running_service
from tests import recorded_vote as recorded
from tests.recorded_vote import recorded_vote
from tests.release_case import IN, LANDED, OPEN, SHIPPED, WAITING, checklist
from tests.test_replay import Ran, bot, settings

TITLE = 'Fixed <b>34063</b> & "it".'
HERE = "/release/django/django"


@dataclass(frozen=True)
class Told:
    """A project whose exceptions stand in the database of a folder."""

    case: recorded.Case
    data: Path

    async def keep(self, *lists: Checklist) -> None:
        """Keep exceptions, the first of them on the pull request; nothing looks at them again."""
        github = self.case.github
        installation = github.installation(self.case.repository.owner.login).id
        repository = Repository(installation, self.case.repository.id, "django", "django")
        self.data.mkdir(exist_ok=True)
        async with register.opened(f"sqlite:///{self.data / 'stablehand.sqlite'}"):
            for number, one in enumerate(lists, self.case.pull.number):
                await cases.put(Case(repository, number, 0, one, ended=True))
            vote = self.case.vote("+++")
            await register.put_motion(replace(vote, comment_url=f"{github.url}/vote"))

    async def run(self, *arguments: str) -> Ran:
        """Run the command on the project."""
        where = ("--repository", "django/django")
        environment = settings(self.case.github, self.data)
        return await bot("release", *arguments, *where, environment=environment)


@dataclass(frozen=True)
class Page:
    """One answer of the service."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def tree(self) -> JustHTML:
        """Read it as a browser does; raises on anything that is not valid."""
        return JustHTML(self.text, strict=True, sanitize=False)

    def attributes(self, selector: str, name: str) -> list[str | None]:
        """Give an attribute of each element that a selector finds."""
        return [(node.attrs or {}).get(name) for node in self.tree.query(selector)]

    def texts(self, selector: str) -> list[str]:
        """Give the text of each element that a selector finds."""
        return [
            " ".join(node.to_text(separator="", strip=False).split())
            for node in self.tree.query(selector)
        ]


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[Told]:
    """Set the scene."""
    async with recorded_vote(tmp_path) as case:
        case.pull.title = TITLE
        yield Told(case, tmp_path / "data")


@asynccontextmanager
async def reader(service: Service) -> AsyncIterator[aiohttp.ClientSession]:
    """Come as a browser does."""
    headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    async with aiohttp.ClientSession(service.url, headers=headers) as http:
        yield http


async def page(http: aiohttp.ClientSession, path: str, accept: str = "") -> Page:
    """Ask for one page."""
    headers = {"Accept": accept} if accept else {}
    async with http.get(path, headers=headers) as answer:
        return Page(answer.status, dict(answer.headers), await answer.text())


async def test_the_page_of_a_version(told: Told) -> None:
    """It is valid, shows where each fix is and what is missing, and links to all of it."""
    await told.keep(WAITING, IN)
    async with running_service(told.case.github, told.data) as service, reader(service) as http:
        shown = await page(http, f"{HERE}/4.1.6")
    assert (shown.status, shown.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert shown.texts("h1") == ["django/django 4.1.6"]
    assert shown.texts("caption") == ["Not in yet", "In the branch"]
    assert shown.texts("tbody th")[0] == f"#1 {TITLE}"
    assert shown.texts("main strong") == ["2 of 2 exceptions lack something."]
    said = " ".join(shown.texts("main"))
    assert "2 files are in conflict" in said
    assert "#130 brings it" in said
    assert "3 of 5 have voted" in said
    site = f"{told.case.github.url}/django/django"
    assert {HERE, f"{site}/pull/1", f"{site}/pull/101"} < set(shown.attributes("a", "href"))


async def test_the_page_needs_neither_style_nor_script(told: Told) -> None:
    """Without its style the page has a language, headings, tables with heads, and no more."""
    await told.keep(WAITING, checklist(SHIPPED))
    async with running_service(told.case.github, told.data) as service, reader(service) as http:
        shown = [await page(http, path) for path in (HERE, f"{HERE}/4.1.6", f"{HERE}/9.9")]
    for one in shown:
        assert one.attributes("html", "lang") == ["en"]
        assert len(one.texts("title")) == len(one.texts("main")) == len(one.texts("h1")) == 1
        assert not one.tree.query("script, img, link, form, [style], [onclick]")
        assert set(one.attributes("th", "scope")) <= {"col", "row"}
        assert len(one.tree.query("table")) == len(one.tree.query("table > caption"))
        assert all(one.texts("a"))
        assert one.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert shown[0].texts("li") == [
        "4.1.6: released on 2023-02-01, 1 in it, 1 not in it",
        "4.0.9: 1 not in yet, 0 in the branch",
    ]
    assert shown[2].texts("strong") == ["No exception waits for 9.9, and none is in it."]


async def test_pages_and_command_say_the_same(told: Told) -> None:
    """The JSON of the page is that of the command, by address or by header."""
    await told.keep(WAITING, IN)
    ran = await told.run("4.1.6", "--json")
    assert ran.code == 1, ran.err
    listed = await told.run("--json")
    async with running_service(told.case.github, told.data) as service, reader(service) as http:
        one = await page(http, f"{HERE}/v4.1.6?format=json")
        same = await page(http, f"{HERE}/4.1.6", accept="application/json")
        every = await page(http, f"{HERE}?format=json")
    assert json.loads(one.text) == json.loads(same.text) == json.loads(ran.out)
    assert json.loads(every.text) == json.loads(listed.out)
    assert [count["version"] for count in json.loads(every.text)["versions"]] == ["4.1.6", "4.0.9"]


async def test_the_command_ends_with_what_it_found(told: Told) -> None:
    """0 where nothing is missing, 1 where something is, 2 where it was asked wrongly."""
    await told.keep(checklist(LANDED), checklist(replace(OPEN, version="4.1.7")))
    ready, waits = await told.run("4.1.6"), await told.run("v4.1.7")
    assert (ready.code, waits.code) == (0, 1)
    assert ready.out.startswith(
        "django/django 4.1.6: Nothing is missing: 1 exception in the branch."
    )
    assert "next: felix or another merger reviews and merges #101." in waits.out
    wrong = await told.run("soon")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err == "stablehand: `soon` is no version, such as 4.1.6\n"
    environment = settings(told.case.github, told.data)
    nowhere = await bot("release", "--repository", "o/r", environment=environment)
    assert (nowhere.code, nowhere.err) == (2, "stablehand: the App is not installed on o/r\n")


async def test_what_the_public_may_not_know_is_not_there(told: Told) -> None:
    """A private repository is one that does not exist; what is no version is told."""
    await told.keep(IN)
    async with running_service(told.case.github, told.data) as service, reader(service) as http:
        soon = await page(http, f"{HERE}/soon")
        assert (soon.status, soon.texts("h1")) == (400, ["No answer"])
        told.case.repository.private = True
        hidden = await page(http, f"{HERE}/4.1.6")
        absent = await page(http, "/release/django/nothing/4.1.6")
        assert (hidden.status, hidden.text) == (404, absent.text)


async def test_strangers_have_github_asked_seldom() -> None:
    """An answer is used again, also one that there is none; new ones are bounded for all."""
    read: list[int] = []

    async def reading(number: int) -> int | None:
        read.append(number)
        return number or None

    sparing = Sparing(reading, "nowhere")
    for status, number in ((404, 0), (404, 0), (200, 1), (200, 1)):
        assert await said_to(sparing, number) == status
    assert read == [0, 1]
    statuses = [await said_to(sparing, number) for number in range(READINGS + 5)]
    assert statuses[:2] == [404, 200]
    assert (statuses[-6], statuses[-5:]) == (200, [429] * 5)
    assert len(read) == READINGS


async def test_what_fails_is_told_apart() -> None:
    """What a person has to mend is 422, what passes by itself 503, with when to ask again."""
    for error, status, pause in (
        (UserError("no"), 422, None),
        (Transient("busy", retry_after=7.2), 503, 8),
    ):

        async def reading(_: int, error: Exception = error) -> int:
            raise error

        with pytest.raises(RefusedError) as refused:
            await Sparing(reading, "nowhere").ask(1)
        assert (refused.value.status, refused.value.pause) == (status, pause)


async def said_to(sparing: Sparing[int, int], number: int) -> int:
    """Ask, and give the status."""
    try:
        await sparing.ask(number)
    except RefusedError as refused:
        return refused.status
    return 200
