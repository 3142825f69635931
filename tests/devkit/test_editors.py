"""Who edited a comment, as GraphQL tells it."""

from __future__ import annotations

from devkit.github import LocalGitHub
from devkit.github.client import AppClient
from devkit.github.graphql import EDITORS
from devkit.github.state import Pull, Repository

REPOSITORY = "/repos/django/django"


async def test_editors_of_a_comment(
    client: AppClient, github: LocalGitHub, django: Repository, pull: Pull
) -> None:
    """A comment has no editor at first, then each with its moment, the newest first."""
    address = f"{REPOSITORY}/issues/{pull.number}/comments"
    written = (await client.ask("POST", address, {"body": "One"})).json
    asked = {"query": EDITORS, "variables": {"id": written["node_id"]}}
    shown = (await client.ask("POST", "/graphql", asked)).json["data"]["node"]
    assert shown == {"editor": None, "userContentEdits": {"totalCount": 0, "nodes": []}}
    comment = pull.comments[written["id"]]
    github.edit_comment(django, pull, comment, "Two", by="felixxm")
    await client.ask("PATCH", f"{REPOSITORY}/issues/comments/{comment.id}", {"body": "Three"})
    shown = (await client.ask("POST", "/graphql", asked)).json["data"]["node"]
    by = [edit["editor"] for edit in shown["userContentEdits"]["nodes"]]
    bot = {"__typename": "Bot", "login": "stablehand"}
    assert by == [bot, {"__typename": "User", "login": "felixxm"}, bot]
    assert shown["editor"] == bot
    github.check()


async def test_a_comment_that_is_unknown(client: AppClient, github: LocalGitHub) -> None:
    """What is gone has no editor, which GraphQL says with status 200."""
    asked = {"query": EDITORS, "variables": {"id": "IC_0"}}
    reply = await client.ask("POST", "/graphql", asked)
    assert reply.status == 200
    assert reply.json["errors"][0]["type"] == "NOT_FOUND"
    github.check()
