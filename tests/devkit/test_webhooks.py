"""Webhooks: signed, recorded, delivered again under the same GUID, and mistreated on purpose."""

from __future__ import annotations

import hashlib
import hmac

from devkit.github import LocalGitHub
from devkit.github.client import AppClient
from devkit.github.inbox import Inbox
from devkit.github.state import Repository


async def labelled(github: LocalGitHub, django: Repository, *labels: str) -> None:
    """Let somebody put labels on a new pull request, and wait for nothing."""
    pull = await github.open_pull(django, "fix", "main", by="someone")
    await github.webhooks.idle()
    for label in labels:
        github.label(django, pull, label, by="felixxm")


async def test_webhook_is_signed(github: LocalGitHub, django: Repository, inbox: Inbox) -> None:
    """A webhook carries its event, a GUID and signatures by the secret."""
    await labelled(github, django, "council exception")
    await github.webhooks.idle()
    posted = inbox.posted[-1]
    digest = hmac.new(github.app.webhook_secret.encode(), posted.body, hashlib.sha256)
    assert posted.headers["X-Hub-Signature-256"] == f"sha256={digest.hexdigest()}"
    assert posted.headers["X-Hub-Signature"].startswith("sha1=")
    assert posted.event == "pull_request"
    assert posted.guid == github.webhooks.deliveries[-1].guid
    payload = posted.payload
    assert payload["label"]["name"] == "council exception"
    assert payload["sender"]["login"] == "felixxm"
    assert payload["installation"]["id"] == github.installation("django").id


async def test_merge_sends_push_and_closed(
    github: LocalGitHub, django: Repository, inbox: Inbox
) -> None:
    """A merge is a push to the base branch and a pull request that is closed as merged."""
    pull = await github.open_pull(django, "fix", "main", by="someone")
    await github.webhooks.idle()
    inbox.posted.clear()
    sha = await github.merge(django, pull, by="felixxm")
    await github.webhooks.idle()
    payloads = {post.event: post.payload for post in inbox.posted}
    assert payloads["push"]["after"] == sha
    assert payloads["push"]["head_commit"]["message"].startswith("A change")
    assert payloads["pull_request"]["action"] == "closed"
    assert payloads["pull_request"]["pull_request"]["merged"] is True
    assert payloads["pull_request"]["pull_request"]["merge_commit_sha"] == sha


async def test_push_by_a_person_is_theirs(
    client: AppClient, github: LocalGitHub, django: Repository, inbox: Inbox
) -> None:
    """A person's push to the head of the App's pull request is announced in that person's name."""
    new = {"title": "Fix", "head": "fix", "base": "main"}
    await client.ask("POST", "/repos/django/django/pulls", new)
    await github.webhooks.idle()
    inbox.posted.clear()
    before = django.branch("fix")
    sha = await github.commit(django, "fix", {"a.txt": "3\n"}, message="Solved", by="felixxm")
    await github.webhooks.idle()
    payloads = {post.event: post.payload for post in inbox.posted}
    assert [payload["sender"]["login"] for payload in payloads.values()] == ["felixxm"] * 2
    moved = payloads["pull_request"]
    assert (moved["action"], moved["before"], moved["after"]) == ("synchronize", before, sha)
    assert moved["pull_request"]["head"]["sha"] == django.pulls[1].head_sha == sha
    assert payloads["push"]["commits"][0]["author"]["name"] == "felixxm"
    assert (await django.git.commit(sha)).parents == (before,)


async def test_comment_ping_and_installation(
    github: LocalGitHub, django: Repository, inbox: Inbox
) -> None:
    """Comments tell that they are on a pull request; ping and installation arrive too."""
    pull = await github.open_pull(django, "fix", "main", by="someone")
    await github.webhooks.idle()
    inbox.posted.clear()
    github.comment(django, pull, "hello", by="felixxm")
    github.ping()
    github.install("django")
    await github.webhooks.idle()
    payloads = {post.event: post.payload for post in inbox.posted}
    assert payloads["issue_comment"]["issue"]["pull_request"]["url"].endswith("/pulls/1")
    assert payloads["installation"]["repositories"][0]["full_name"] == "django/django"
    assert "zen" in payloads["ping"]


async def test_redelivery_keeps_the_guid(
    client: AppClient, github: LocalGitHub, django: Repository, inbox: Inbox
) -> None:
    """A failed delivery is listed, can be asked for again, and carries the same GUID."""
    github.webhook_url = "http://127.0.0.1:9/webhook"
    await labelled(github, django, "council exception")
    await github.webhooks.idle()
    github.webhook_url = inbox.url
    client.be_app()
    listed = (await client.ask("GET", "/app/hook/deliveries?per_page=1")).json[0]
    assert (listed["status_code"], listed["action"]) == (0, "labeled")
    again = await client.ask("POST", f"/app/hook/deliveries/{listed['id']}/attempts")
    assert again.status == 202
    await github.webhooks.idle()
    assert inbox.posted[-1].guid == listed["guid"]
    newest = (await client.ask("GET", "/app/hook/deliveries?per_page=1")).json[0]
    assert (newest["guid"], newest["redelivery"]) == (listed["guid"], True)
    assert newest["status_code"] == 202
    details = await client.ask("GET", f"/app/hook/deliveries/{newest['id']}")
    assert details.json["request"]["payload"]["action"] == "labeled"
    github.check()


async def test_deliveries_are_paged_by_cursor(
    client: AppClient, github: LocalGitHub, django: Repository
) -> None:
    """Every delivery is on exactly one of the pages that the `Link` header leads through."""
    await labelled(github, django, "one", "two")
    client.be_app()
    seen, path = [], "/app/hook/deliveries?per_page=2"
    while path:
        reply = await client.ask("GET", path)
        seen += [delivery["id"] for delivery in reply.json]
        link = reply.headers.get("Link", "")
        path = link[1:].split(">")[0].removeprefix(github.api_url)
    assert seen == sorted((one.id for one in github.webhooks.deliveries), reverse=True)


async def test_duplicated_and_lost(github: LocalGitHub, django: Repository, inbox: Inbox) -> None:
    """A duplicated event comes twice under one GUID, a lost one never."""
    await labelled(github, django)
    inbox.posted.clear()
    pull = django.pulls[1]
    github.webhooks.duplicate()
    github.label(django, pull, "twice", by="felixxm")
    await github.webhooks.idle()
    github.webhooks.lose()
    github.label(django, pull, "never", by="felixxm")
    await github.webhooks.idle()
    guids = [posted.guid for posted in inbox.posted]
    assert guids == [github.webhooks.deliveries[-2].guid] * 2
    assert github.webhooks.deliveries[-1].status_code == 0


async def test_held_and_reordered(github: LocalGitHub, django: Repository, inbox: Inbox) -> None:
    """Held events come when they are released, in reverse where asked for."""
    await labelled(github, django)
    inbox.posted.clear()
    github.webhooks.hold()
    for label in ("first", "second"):
        github.label(django, django.pulls[1], label, by="felixxm")
    await github.webhooks.idle()
    assert inbox.posted == []
    github.webhooks.release(reverse=True)
    await github.webhooks.idle()
    labels = [posted.payload["label"]["name"] for posted in inbox.posted]
    assert sorted(labels) == ["first", "second"]


def told(inbox: Inbox) -> list[tuple[str, str]]:
    """Give (event, ref) of all that was posted, and forget it; they may come in any order."""
    posted = sorted((one.event, one.payload["ref"]) for one in inbox.posted)
    inbox.posted.clear()
    return posted


async def test_every_ref_of_a_push(github: LocalGitHub, django: Repository, inbox: Inbox) -> None:
    """Of one push each ref is told by itself: as pushed, and as created or deleted."""
    await github.webhooks.idle()
    inbox.posted.clear()
    main = django.branch("main") or ""
    moved: dict[str, str | None] = {"refs/heads/stable/4.2.x": main, "refs/heads/fix": None}
    await github.push(django, {**moved, "refs/tags/light": main}, by="felixxm")
    await github.webhooks.idle()
    assert told(inbox) == [
        ("create", "light"),
        ("create", "stable/4.2.x"),
        ("delete", "fix"),
        ("push", "refs/heads/fix"),
        ("push", "refs/heads/stable/4.2.x"),
        ("push", "refs/tags/light"),
    ]


async def test_tags_are_annotated(github: LocalGitHub, django: Repository, inbox: Inbox) -> None:
    """A tag's webhooks name the tag object, and show the commit that it stands for."""
    await github.webhooks.idle()
    inbox.posted.clear()
    main = django.branch("main") or ""
    await github.tag(django, {"4.1.5": main}, by="felixxm")
    await github.webhooks.idle()
    payloads = {post.event: post.payload for post in inbox.posted}
    assert (payloads["create"]["ref_type"], payloads["create"]["ref"]) == ("tag", "4.1.5")
    assert payloads["push"]["after"] == django.refs["refs/tags/4.1.5"] != main
    assert (payloads["push"]["head_commit"]["id"], payloads["push"]["commits"]) == (main, [])


async def test_many_tags_are_not_told(
    github: LocalGitHub, django: Repository, inbox: Inbox
) -> None:
    """More than three tags in one push have no webhooks; three have."""
    await github.webhooks.idle()
    inbox.posted.clear()
    main = django.branch("main") or ""
    await github.tag(django, dict.fromkeys(("1", "2", "3", "4"), main), by="felixxm")
    await github.webhooks.idle()
    assert told(inbox) == []
    await github.tag(django, dict.fromkeys(("5", "6", "7"), main), by="felixxm")
    await github.webhooks.idle()
    assert [event for event, _ in told(inbox)] == ["create"] * 3 + ["push"] * 3


async def test_distinct_commits(github: LocalGitHub, django: Repository, inbox: Inbox) -> None:
    """A push lists what the branch gained, and says which of it was nowhere before."""
    first = django.branch("fix") or ""
    await github.webhooks.idle()
    inbox.posted.clear()
    third = await github.commit(django, "fix", {"b.txt": "2\n"}, message="Third.")
    await github.webhooks.idle()
    (post,) = inbox.posted
    assert [(one["id"], one["distinct"]) for one in post.payload["commits"]] == [(third, True)]
    inbox.posted.clear()
    await github.push(django, {"refs/heads/main": third}, by="felixxm")
    await github.webhooks.idle()
    (post,) = inbox.posted
    commits = [(one["id"], one["distinct"]) for one in post.payload["commits"]]
    assert commits == [(first, False), (third, False)]
