from __future__ import annotations

from typing import Any

import pytest

from bot.adapters.github import AppClient
from bot.core.errors import Transient
from bot.core.model import Repository
from bot.ports import GitHub
from tests.scripted_github import Answer, ScriptedGitHub

COMMENT = "/repos/django/django/issues/comments/9"
PERSON = {"__typename": "User", "login": "felixxm"}
OTHER = {"__typename": "User", "login": "other"}
BOT = {"__typename": "Bot", "login": "stablehand"}


@pytest.fixture
def github(client: AppClient) -> GitHub:
    """Give the view of one repository, through the port."""
    return client.repository(Repository(installation=5, id=7, owner="django", name="django"))


def edited(*by: dict[str, str] | None, total: int | None = None) -> Answer:
    """Give what GraphQL shows of a comment; the newest edit comes first, as `editor` does."""
    nodes = [
        {"editedAt": f"2023-01-01T00:00:{99 - number}Z", "editor": one}
        for number, one in enumerate(by)
    ]
    edits = {"totalCount": len(by) if total is None else total, "nodes": nodes[::-1]}
    shown: dict[str, Any] = {"editor": by[0] if by else None, "userContentEdits": edits}
    return Answer({"data": {"node": shown}})


@pytest.mark.parametrize(
    ("answer", "login"),
    [
        (edited(), ""),
        (edited(PERSON, OTHER, BOT), "felixxm"),
        (edited(BOT, PERSON, OTHER, BOT), "felixxm"),
        (edited(BOT, None, PERSON, BOT), "felixxm"),
        (edited(BOT, BOT), ""),
        (edited(PERSON, total=200), "felixxm"),
        (edited(BOT, PERSON, total=200), ""),
        (Answer({"data": {"node": None}, "errors": [{"type": "NOT_FOUND", "message": "No"}]}), ""),
        (Answer({"data": None, "errors": [{"type": "FORBIDDEN", "message": "No"}]}), ""),
        (Answer({"message": "Not Found"}, 404), ""),
    ],
)
async def test_the_last_person(
    scripted: ScriptedGitHub, github: GitHub, answer: Answer, login: str
) -> None:
    """Bots are passed over; where edits are left out or nothing is told, it is nobody."""
    scripted.on("GET", COMMENT, Answer({"id": 9, "node_id": "IC_9"}))
    scripted.on("POST", "/graphql", answer)
    assert await github.editor(9) == login
    assert scripted.asked[-1].body["variables"] == {"id": "IC_9"}


async def test_a_comment_that_is_gone(scripted: ScriptedGitHub, github: GitHub) -> None:
    """Nobody edited what is not there, and GraphQL is not asked."""
    scripted.on("GET", COMMENT, Answer({"message": "Not Found"}, 404))
    assert await github.editor(9) == ""
    assert len(scripted.asked) == 1


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        ({"message": "API rate limit exceeded", "type": "RATE_LIMITED"}, 60.0),
        ({"message": "Something went wrong while executing your query."}, None),
    ],
)
async def test_later(
    scripted: ScriptedGitHub, github: GitHub, error: dict[str, str], pause: float | None
) -> None:
    """What GitHub itself fails at, or has too much of, is tried again."""
    scripted.on("GET", COMMENT, Answer({"id": 9, "node_id": "IC_9"}))
    scripted.on("POST", "/graphql", Answer({"data": None, "errors": [error]}))
    with pytest.raises(Transient) as caught:
        await github.editor(9)
    assert caught.value.retry_after == pause
