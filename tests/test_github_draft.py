from __future__ import annotations

from typing import Any

import pytest

from bot.adapters.github import AppClient
from bot.adapters.github_draft import endpoint
from bot.core.errors import Transient, UserError
from bot.core.model import PullRef, Repository
from bot.ports import GitHub
from tests.scripted_github import Answer, ScriptedGitHub

PULL = PullRef(9, "https://github.com/django/django/pull/9", True, False, "d" * 40, node_id="PR_9")  # noqa: FBT003
BY_REST = "/repos/django/django/pulls/9"
DONE = Answer({"data": {"convertPullRequestToDraft": {"pullRequest": {"isDraft": True}}}})


@pytest.fixture
def github(client: AppClient) -> GitHub:
    """Give the view of one repository, through the port."""
    return client.repository(Repository(installation=5, id=7, owner="django", name="django"))


def failed(message: str, kind: str | None = None) -> Answer:
    """Give an error as GraphQL does, with status 200."""
    error = {"message": message, **({"type": kind} if kind else {})}
    return Answer({"data": None, "errors": [error]})


def standing(*, draft: bool) -> dict[str, Any]:
    """Give the pull request as REST shows it."""
    return {
        "number": 9,
        "html_url": PULL.url,
        "state": "open",
        "draft": draft,
        "created_at": "2022-10-22T20:07:18Z",
        "base": {"ref": "stable/4.1.x"},
        "head": {"ref": "backport", "sha": "d" * 40},
    }


@pytest.mark.parametrize(
    ("api_url", "wanted"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://api.github.com/", "https://api.github.com/graphql"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
        ("https://github.acme.com/api/v3", "https://github.acme.com/api/graphql"),
        ("http://127.0.0.1:4567/api", "http://127.0.0.1:4567/api/graphql"),
    ],
)
def test_endpoint(api_url: str, wanted: str) -> None:
    """GraphQL is found for GitHub itself, a tenant, an own server and the local one."""
    assert endpoint(api_url) == wanted


@pytest.mark.parametrize(
    ("mutation", "draft"),
    [("convertPullRequestToDraft", True), ("markPullRequestReadyForReview", False)],
)
async def test_one_call(
    scripted: ScriptedGitHub,
    github: GitHub,
    mutation: str,
    draft: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """One call names the mutation, and the pull request by its node id, with our token."""
    scripted.on("POST", "/graphql", DONE)
    await github.set_draft(PULL, draft=draft)
    (asked,) = scripted.asked
    assert mutation in asked.body["query"]
    assert asked.body["variables"] == {"id": "PR_9"}
    assert asked.token == "ghs_1_5"


async def test_token_is_renewed(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A token that GitHub no longer takes is renewed, as for any call."""
    scripted.on("POST", "/graphql", Answer({"message": "Bad credentials"}, 401), DONE)
    await github.set_draft(PULL, draft=True)
    assert [asked.token for asked in scripted.asked] == ["ghs_1_5", "ghs_2_5"]


async def test_so_already(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A refusal is none where the pull request is as it shall be."""
    scripted.on("POST", "/graphql", failed("Pull request is already a draft.", "UNPROCESSABLE"))
    scripted.on("GET", BY_REST, Answer(standing(draft=True)))
    await github.set_draft(PULL, draft=True)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (failed("Drafts are not supported.", "UNPROCESSABLE"), "Drafts are not supported"),
        (failed("Field 'convertPullRequestToDraft' doesn't exist"), "doesn't exist"),
        (Answer({"message": "Not Found"}, 404), "shows nothing at POST /graphql"),
    ],
)
async def test_refused(
    scripted: ScriptedGitHub, github: GitHub, answer: Answer, words: str
) -> None:
    """Where GraphQL is missing or refuses, a merger is told what to do and why."""
    scripted.on("POST", "/graphql", answer)
    scripted.on("GET", BY_REST, Answer(standing(draft=False)))
    with pytest.raises(UserError, match=r"^#9 could not be made a draft\.") as caught:
        await github.set_draft(PULL, draft=True)
    assert words in caught.value.message
    assert caught.value.message.endswith(". A merger must do it by hand.")


async def test_forbidden(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A permission that the App lacks is named to who can grant it."""
    answer = failed("Resource not accessible by integration", "FORBIDDEN")
    scripted.on("POST", "/graphql", answer)
    with pytest.raises(UserError, match=r"contents: write or pull_requests: write.* An owner"):
        await github.set_draft(PULL, draft=False)


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (failed("API rate limit exceeded for installation", "RATE_LIMITED"), 60.0),
        (failed("Something went wrong while executing your query."), None),
    ],
)
async def test_later(
    scripted: ScriptedGitHub, github: GitHub, answer: Answer, pause: float | None
) -> None:
    """What GitHub itself fails at, or has too much of, is tried again."""
    scripted.on("POST", "/graphql", answer)
    with pytest.raises(Transient) as caught:
        await github.set_draft(PULL, draft=True)
    assert caught.value.retry_after == pause
