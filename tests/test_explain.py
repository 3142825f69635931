"""Every verdict on a pull request, as things stand and as they would be, in text and JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.core import simulation
from bot.core.errors import UserError
from bot.core.simulation import Supposed
from devkit.service import running_service
from tests import snapshot
from tests.recorded_vote import Case, recorded_vote
from tests.test_replay import Ran, bot, settings
from tests.vote_case import CLOSE, asked, votes

Json = dict[str, Any]
LABEL = "council exception"
SERIES = ["4.1.x", "4.0.x", "3.2.x"]
THE_DAY_BEFORE = "2023-01-05T10:00Z"
AT_THE_END = "2023-01-06T10:00Z"


@dataclass(frozen=True)
class Told:
    """A case whose records are in the database of a folder."""

    case: Case
    data: Path

    async def rebuild(self) -> None:
        """Fill the database from the comments."""
        ran = await self.run("rebuild")
        assert ran.code == 0, ran.err

    async def run(self, *arguments: str) -> Ran:
        """Run a command."""
        return await bot(*arguments, environment=settings(self.case.github, self.data))

    async def explain(self, *arguments: str) -> tuple[int, Json]:
        """Explain the pull request, and give the exit code and the answer."""
        place = f"django/django#{self.case.pull.number}"
        ran = await self.run("explain", place, "--json", *arguments)
        assert ran.out, ran.err
        answer = json.loads(ran.out)
        assert isinstance(answer, dict)
        return ran.code, answer


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[Told]:
    """Set the scene."""
    async with recorded_vote(tmp_path) as case:
        yield Told(case, tmp_path / "data")


def allowed(answer: Json) -> list[bool]:
    """Say of each target whether the fix is allowed there."""
    assert [target["series"] for target in answer["targets"]] == SERIES
    return [target["allowed"] for target in answer["targets"]]


async def test_without_anything_the_policy_speaks(told: Told) -> None:
    """Without vote and label the phases and classes decide, and the way to ask is shown."""
    code, answer = await told.explain("--at", "2022-12-30")
    assert (code, allowed(answer)) == (1, [False] * 3)
    assert [target["phase"] for target in answer["targets"]] == [
        "mainstream",
        "security and data loss",
        "security and data loss",
    ]
    assert answer["change"] == [
        "Ask for a decision: `/exception request 4.1 4.0 3.2` in a comment."
    ]
    told.case.pull.labels.append("fix: crash")
    code, answer = await told.explain("--at", "2022-12-30")
    assert (code, allowed(answer)) == (1, [True, False, False])
    assert answer["targets"][0]["policy_text"] == "Critical problems are fixed."


async def test_a_decision_and_a_label(told: Told) -> None:
    """With an accepted decision it is allowed; whose label it is decides as for the label."""
    told.case.decide(told.case.vote("++++-"))
    await told.rebuild()
    code, answer = await told.explain()
    assert (code, allowed(answer), answer["claims"]) == (0, [True] * 3, [])
    (decision,) = answer["decisions"]
    assert (decision["accepts"], decision["in_force"]) == (SERIES, True)
    github, repository, pull = told.case.github, told.case.repository, told.case.pull
    github.label(repository, pull, LABEL, by="passer-by")
    code, answer = await told.explain()
    assert code == 1
    rules = {part["rule"]: part["answer"] for part in answer["claims"][0]["parts"]}
    assert (rules["who"], rules["decision"]) == ("no", "yes")
    github.unlabel(repository, pull, LABEL, by="passer-by")
    github.label(repository, pull, LABEL, by="merger")
    assert (await told.explain())[0] == 0
    code, answer = await told.explain("--at", THE_DAY_BEFORE)
    assert (code, answer["decisions"], answer["votes"][0]["status"]) == (1, [], "open")


async def test_an_open_vote_and_what_would_be(told: Told) -> None:
    """Another date, other votes and another rule are counted, beside how the vote stands."""
    told.case.open(told.case.vote("+++"))
    await told.rebuild()
    code, answer = await told.explain("--at", THE_DAY_BEFORE)
    (vote,) = answer["votes"]
    assert (code, vote["tally"]["outcome"]) == (1, "open")
    assert vote["tally"]["change"] in answer["change"]
    code, answer = await told.explain("--at", AT_THE_END, "--vote", "@Seat4=+1")
    assert (code, answer["votes"][0]["tally"]["outcome"]) == (0, "accepted")
    assert answer["votes"][0]["stands"].startswith("Open until")
    code, answer = await told.explain("--at", AT_THE_END, "--vote", "@nobody=+1")
    assert (code, answer["votes"][0]["tally"]["outcome"]) == (1, "open")
    assert answer["votes"][0]["tally"]["noted"][0]["voter"] == "nobody"
    code, answer = await told.explain("--at", AT_THE_END, "--rule", "django-docs-legacy")
    assert (code, answer["votes"][0]["tally"]["rule"]["id"]) == (0, "django-docs-legacy")


async def test_the_words(told: Told) -> None:
    """What people read of a decided, a claimed and a supposed exception stands in a file."""
    github, repository, pull = told.case.github, told.case.repository, told.case.pull
    told.case.decide(told.case.vote("++++-"))
    github.label(repository, pull, LABEL, by="passer-by")
    rebuilt = await told.run("rebuild")
    place = f"django/django#{pull.number}"
    ran = [
        await told.run("explain", place, "--at", "2023-01-07"),
        await told.run("explain", place, "--at", THE_DAY_BEFORE),
        await told.run("explain", place, "--at", "2023-01-07", "--vote", "@seat1=-1"),
    ]
    assert [one.code for one in ran] == [1, 1, 1]
    said = (rebuilt.out, *(one.out for one in ran))
    known = {github.url: "https://github.test", (pull.merge_commit_sha or "")[:12]: "COMMIT"}
    snapshot.same("explain", said, known)


async def test_a_decided_vote_as_it_might_have_gone(told: Told) -> None:
    """Supposed votes take the place of the decision that the real ones led to."""
    told.case.decide(told.case.vote("++++-"))
    await told.rebuild()
    code, answer = await told.explain("--vote", "@seat1=-1", "--vote", "@seat2=-1")
    assert (code, answer["votes"][0]["tally"]["outcome"]) == (1, "veto")
    assert [one["name"] for one in answer["decisions"]] == ["(supposed)"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("django/django",), "should be OWNER/REPO#NUMBER"),
        (("django/django#1", "--at", "soon"), "`soon` is no date"),
        (("django/django#1", "--vote", "seat1"), "`seat1` is no vote"),
        (("django/django#1", "--rule", "mine"), "There is no rule `mine`"),
        (("other/where#1",), "the App is not installed on other/where"),
        (("django/django#999",), ""),
    ],
)
async def test_wrong_input(told: Told, arguments: Sequence[str], said: str) -> None:
    """What cannot be explained ends with 2 and one line why."""
    ran = await told.run("explain", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1


async def test_the_api_says_the_same(told: Told) -> None:
    """The route answers with the same JSON, is sparing with requests, and names what is wrong."""
    told.case.open(told.case.vote("+++"))
    await told.rebuild()
    _, expected = await told.explain("--at", AT_THE_END, "--vote", "@seat4=+1")
    github = told.case.github
    async with running_service(github, told.data) as service, aiohttp.ClientSession() as http:

        async def ask(query: str) -> tuple[int, Json]:
            async with http.get(f"{service.url}/api/explain?{query}") as answer:
                return answer.status, await answer.json()

        here = "repository=django/django&number=1"
        github.reset_counts()
        status, answer = await ask(f"{here}&at={AT_THE_END}&vote=@seat4%3D%2B1")
        assert (status, answer) == (200, expected)
        calls = len(github.calls)
        assert (await ask(f"{here}&at={THE_DAY_BEFORE}"))[1]["allowed"] is False
        assert len(github.calls) == calls
        assert await ask("repository=django&number=1") == (
            400,
            {"error": "`repository` should be OWNER/REPO"},
        )
        assert (await ask(f"{here}&at=soon"))[0] == 400
        assert (await ask("repository=django/django&number=999"))[0] == 404
        assert (await ask("repository=django/other&number=1"))[0] == 404
        seen = [(await ask(f"repository=django/django&number={at}"))[0] for at in range(100, 225)]
        assert set(seen) == {404, 429}


async def test_the_api_keeps_private_repositories_to_itself(told: Told) -> None:
    """A private repository is for the public what one is that does not exist."""
    told.case.repository.private = True
    async with running_service(told.case.github, told.data) as service:
        url = f"{service.url}/api/explain?number=1&repository="
        async with aiohttp.ClientSession() as http:
            answers = []
            for name in ("django/django", "django/nothing"):
                async with http.get(url + name) as answer:
                    answers.append((answer.status, await answer.json()))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_supposed_votes_are_cast_while_they_count() -> None:
    """After the close a supposed vote is taken to have come in time."""
    vote, seen = asked(), votes("++++-")
    later = CLOSE.replace(year=2026)
    supposed = simulation.read("", ["@seat1=-1", "seat2=-1"], "")
    assert simulation.tallied(vote, seen, Supposed(), later, None).outcome == "accepted"
    assert simulation.tallied(vote, seen, supposed, later, None).outcome == "veto"


@pytest.mark.parametrize("text", ["@x", "@x=maybe", "=+1", "@x=+1/reject"])
def test_what_is_no_vote_is_refused(text: str) -> None:
    """A vote that cannot be read is not taken for another."""
    with pytest.raises(UserError):
        simulation.read("", [text], "")
