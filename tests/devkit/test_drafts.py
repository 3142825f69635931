"""Drafts: opened by REST, changed by GraphQL or by people, and never merged."""

from __future__ import annotations

import pytest

from devkit.github import Fault, LocalGitHub, StillDraft
from devkit.github.client import AppClient, Reply
from devkit.github.inbox import Inbox
from devkit.github.state import Pull, Repository

REPOSITORY = "/repos/django/django"
FORM = "mutation($id: ID!) { %s(input: {pullRequestId: $id}) { pullRequest { isDraft } } }"
TO_DRAFT = "convertPullRequestToDraft"
TO_READY = "markPullRequestReadyForReview"


async def mutate(client: AppClient, mutation: str, node_id: str) -> Reply:
    """Ask for one of the mutations."""
    body = {"query": FORM % mutation, "variables": {"id": node_id}}
    return await client.ask("POST", "/graphql", body)


async def actions(github: LocalGitHub, inbox: Inbox) -> list[tuple[str, str]]:
    """Give action and sender of the webhooks about pull requests so far."""
    await github.webhooks.idle()
    payloads = [one.payload for one in inbox.posted if one.event == "pull_request"]
    return sorted((payload["action"], payload["sender"]["login"]) for payload in payloads)


async def test_draft_is_opened(client: AppClient, django: Repository) -> None:
    """A pull request can be opened as a draft and shows that everywhere."""
    new = {"title": "Fix", "head": "fix", "base": "stable/4.1.x", "draft": True}
    opened = (await client.ask("POST", f"{REPOSITORY}/pulls", new)).json
    listed = (await client.ask("GET", f"{REPOSITORY}/pulls")).json
    assert (opened["draft"], listed[0]["draft"], django.pulls[1].draft) == (True, True, True)
    assert opened["node_id"] == listed[0]["node_id"] == django.pulls[1].node_id


async def test_draft_and_back(
    client: AppClient, github: LocalGitHub, pull: Pull, inbox: Inbox
) -> None:
    """The mutations change the state, once each, with an entry in the timeline and a webhook."""
    for mutation, is_draft in ((TO_DRAFT, True), (TO_DRAFT, True), (TO_READY, False)):
        reply = await mutate(client, mutation, pull.node_id)
        assert reply.json == {"data": {mutation: {"pullRequest": {"isDraft": is_draft}}}}
        assert pull.draft is is_draft
    assert [event.kind for event in pull.timeline] == ["convert_to_draft", "ready_for_review"]
    shown = (await client.ask("GET", f"{REPOSITORY}/issues/1/timeline")).json
    assert [event["event"] for event in shown] == ["convert_to_draft", "ready_for_review"]
    assert await actions(github, inbox) == [
        ("converted_to_draft", "stablehand[bot]"),
        ("opened", "someone"),
        ("ready_for_review", "stablehand[bot]"),
    ]
    assert github.count()["POST /graphql"] == 3
    github.check()


async def test_draft_is_not_merged(github: LocalGitHub, django: Repository, pull: Pull) -> None:
    """A draft is refused by the merge button until a person makes it ready."""
    github.set_draft(django, pull, draft=True, by="someone")
    with pytest.raises(StillDraft):
        await github.merge(django, pull, by="felixxm")
    github.set_draft(django, pull, draft=False, by="someone")
    await github.merge(django, pull, by="felixxm")
    assert pull.merged


async def test_person_changes_a_draft(
    github: LocalGitHub, django: Repository, pull: Pull, inbox: Inbox
) -> None:
    """The webhooks name the person, and show the draft as it is then."""
    github.set_draft(django, pull, draft=True, by="felixxm")
    assert ("converted_to_draft", "felixxm") in await actions(github, inbox)
    payloads = [one.payload for one in inbox.posted if one.event == "pull_request"]
    shown = {payload["action"]: payload["pull_request"]["draft"] for payload in payloads}
    assert shown == {"opened": False, "converted_to_draft": True}


@pytest.mark.parametrize("permission", ["contents", "pull_requests"])
async def test_both_permissions_are_needed(
    client: AppClient, github: LocalGitHub, pull: Pull, permission: str
) -> None:
    """Changing a draft takes the right to write contents and pull requests."""
    github.installation("django").permissions[permission] = "read"
    reply = await mutate(client, TO_DRAFT, pull.node_id)
    assert (reply.status, pull.draft) == (200, False)
    error = {"message": "Resource not accessible by integration", "type": "FORBIDDEN"}
    assert reply.json == {"data": None, "errors": [error]}


async def test_foreign_pull_is_refused(
    client: AppClient, github: LocalGitHub, django: Repository
) -> None:
    """A token changes no draft of another installation."""
    other = await github.add_repository("other", "open", source=django.git.path)
    foreign = await github.open_pull(other, "fix", "main", by="someone")
    reply = await mutate(client, TO_DRAFT, foreign.node_id)
    assert (reply.json["errors"][0]["type"], foreign.draft) == ("FORBIDDEN", False)


async def test_archived_is_refused(
    client: AppClient, github: LocalGitHub, django: Repository, pull: Pull
) -> None:
    """A repository that is archived changes no more."""
    github.archive(django)
    reply = await mutate(client, TO_DRAFT, pull.node_id)
    assert (reply.json["errors"][0]["type"], pull.draft) == ("UNPROCESSABLE", False)


async def test_unknown_node(client: AppClient, pull: Pull) -> None:
    """A name that nothing has is not found."""
    reply = await mutate(client, TO_DRAFT, pull.node_id + "0")
    assert reply.json["errors"][0]["type"] == "NOT_FOUND"


async def test_bad_token(client: AppClient, pull: Pull) -> None:
    """A token that is unknown gets 401."""
    client.bearer = "ghs_wrong"
    reply = await mutate(client, TO_DRAFT, pull.node_id)
    assert (reply.status, reply.json["message"]) == (401, "Bad credentials")


@pytest.mark.parametrize(
    "query", [FORM % "mergePullRequest", "query { viewer { login } }", (FORM % TO_DRAFT)[:-1]]
)
async def test_anything_else_is_noticed(client: AppClient, pull: Pull, query: str) -> None:
    """A question that is not one of the two mutations is refused and complained of."""
    body = {"query": query, "variables": {"id": pull.node_id}}
    reply = await client.ask("POST", "/graphql", body)
    assert reply.json["errors"] == [{"message": "Parse error"}]
    assert len(client.github.complaints) == 1


async def test_misfortunes_strike_it(client: AppClient, github: LocalGitHub, pull: Pull) -> None:
    """A fault can befall GraphQL as it can REST."""
    github.faults.add(Fault.HTML_502, method="POST", path="/graphql$")
    assert (await mutate(client, TO_DRAFT, pull.node_id)).status == 502
    assert github.count()["POST /graphql"] == 1
