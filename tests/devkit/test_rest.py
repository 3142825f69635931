"""REST: reading, paging, conditional requests, writing, and GitHub's refusals."""

from __future__ import annotations

import base64

import pytest

from devkit.github import LocalGitHub
from devkit.github.client import AppClient
from devkit.github.inbox import Inbox
from devkit.github.state import Pull, Repository

REPOSITORY = "/repos/django/django"


def annotation(line: int) -> dict[str, str | int]:
    """Give a remark on one line."""
    return {
        "path": "a.txt",
        "start_line": line,
        "end_line": line,
        "annotation_level": "failure",
        "message": "conflict",
    }


async def test_every_read_is_as_described(
    client: AppClient, github: LocalGitHub, django: Repository, pull: Pull
) -> None:
    """Each reading operation answers what GitHub's description says, with all required fields."""
    github.add_team("django", "mergers", ["felixxm"])
    github.grant(django, "felixxm", "maintain")
    github.comment(django, pull, "hello", by="felixxm")
    github.label(django, pull, "council exception", by="felixxm")
    await github.merge(django, pull, by="felixxm")
    paths = (
        "/pulls/1 /pulls?state=all /pulls/1/commits /pulls/1/files /pulls/1/requested_reviewers "
        "/issues/1 /issues/1/timeline /issues/1/comments /issues/1/labels /issues/comments "
        "/contents/a.txt "
        "/branches/stable/4.1.x /git/ref/heads/stable/4.1.x /git/matching-refs/heads/stable/ "
        "/commits/main /commits/main/pulls /compare/stable/4.1.x...main /commits/main/check-runs "
        "/collaborators/felixxm/permission"
    )
    others = "/orgs/django/teams/mergers/members /rate_limit /users/felixxm " + REPOSITORY
    everything = [REPOSITORY + path for path in paths.split()] + others.split()
    replies = [await client.ask("GET", path) for path in everything]
    assert [reply.status for reply in replies] == [200] * len(replies)
    github.check()


async def test_file_as_json_and_raw(client: AppClient, django: Repository) -> None:
    """A file comes base64-encoded, or raw where the media type asks for it, at any ref."""
    path = f"{REPOSITORY}/contents/.github/workflows/ci.yml"
    reply = await client.ask("GET", path)
    assert base64.b64decode(reply.json["content"]) == b"on: push\n"
    raw = {"Accept": "application/vnd.github.raw+json"}
    reply = await client.ask("GET", f"{path}?ref={django.branch('fix')}", headers=raw)
    assert (reply.status, reply.json, reply.headers["Content-Length"]) == (200, None, "9")
    assert (await client.ask("GET", f"{REPOSITORY}/contents/none.txt")).status == 404


async def test_pages_lead_through_everything(
    client: AppClient, github: LocalGitHub, django: Repository, pull: Pull
) -> None:
    """The `Link` header leads through all pages, 30 a page unless told."""
    for number in range(31):
        github.comment(django, pull, f"comment {number}", by="felixxm")
    path = f"{REPOSITORY}/issues/1/comments"
    first = await client.ask("GET", path)
    assert len(first.json) == 30
    assert f'<{github.api_url}{path}?page=2>; rel="next"' in first.headers["Link"]
    last = await client.ask("GET", f"{path}?per_page=10&page=4")
    assert [comment["body"] for comment in last.json] == ["comment 30"]
    assert 'rel="prev"' in last.headers["Link"]
    assert 'rel="next"' not in last.headers["Link"]


async def test_conditional_request_is_free(client: AppClient, github: LocalGitHub) -> None:
    """The same answer again is 304 without a body and costs nothing."""
    first = await client.ask("GET", REPOSITORY)
    remaining = first.headers["X-RateLimit-Remaining"]
    again = await client.ask("GET", REPOSITORY, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.json) == (304, None)
    third = await client.ask("GET", REPOSITORY)
    assert int(third.headers["X-RateLimit-Remaining"]) == int(remaining) - 1
    assert github.count() == {"GET /repos/{owner}/{repo}": 3}


async def test_pull_is_opened_once(client: AppClient, django: Repository) -> None:
    """A second pull request for the same branches is refused in GitHub's words."""
    new = {"title": "Fix", "head": "fix", "base": "stable/4.1.x", "body": "For #1."}
    opened = await client.ask("POST", f"{REPOSITORY}/pulls", new)
    assert (opened.status, opened.json["commits"]) == (201, 1)
    again = await client.ask("POST", f"{REPOSITORY}/pulls", new)
    assert again.status == 422
    assert again.json["errors"][0] == {
        "resource": "PullRequest",
        "code": "custom",
        "message": "A pull request already exists for django:fix.",
    }
    found = await client.ask("GET", f"{REPOSITORY}/pulls?head=django:fix&base=stable/4.1.x")
    assert [one["number"] for one in found.json] == [opened.json["number"]]
    assert len(django.pulls) == 1


@pytest.mark.parametrize(
    ("head", "base", "error"),
    [
        ("none", "main", {"field": "head", "code": "invalid"}),
        ("nobody:fix", "main", {"field": "head", "code": "invalid"}),
        ("fix", "none", {"field": "base", "code": "invalid"}),
        ("main", "fix", {"code": "custom", "message": "No commits between fix and main"}),
    ],
)
async def test_impossible_pull_is_refused(
    client: AppClient, head: str, base: str, error: dict[str, str]
) -> None:
    """A branch that is missing or brings nothing is refused in GitHub's words."""
    new = {"title": "Fix", "head": head, "base": base}
    reply = await client.ask("POST", f"{REPOSITORY}/pulls", new)
    assert reply.status == 422
    assert reply.json["errors"] == [{"resource": "PullRequest", **error}]


async def test_pull_from_a_fork_outlives_it(
    client: AppClient, github: LocalGitHub, django: Repository
) -> None:
    """A pull request from a fork stays when the fork is deleted, with no head repository."""
    fork = await github.add_repository("someone", "django", source=django.git.path)
    await github.commit(fork, "theirs", {"c.txt": "3\n"}, message="Theirs")
    pull = await github.open_pull(django, "someone:theirs", "main", by="someone")
    github.delete_fork(fork)
    reply = await client.ask("GET", f"{REPOSITORY}/pulls/{pull.number}")
    assert reply.json["head"]["repo"] is None
    assert reply.json["commits"] == 1
    assert django.refs[f"refs/pull/{pull.number}/head"] == pull.head_sha


async def test_pull_is_edited(client: AppClient, django: Repository, pull: Pull) -> None:
    """Title, base and state can be changed."""
    change = {"title": "Better", "base": "stable/4.1.x", "state": "closed"}
    reply = await client.ask("PATCH", f"{REPOSITORY}/pulls/1", change)
    assert reply.json["title"] == "Better"
    assert reply.json["base"]["ref"] == "stable/4.1.x"
    assert django.pulls[1].state == "closed"
    assert [event.kind for event in pull.timeline] == ["renamed", "closed"]


async def test_labels_and_milestone_in_one_call(
    client: AppClient, github: LocalGitHub, django: Repository, pull: Pull
) -> None:
    """One PATCH sets labels and milestone; a milestone that is not there is refused."""
    milestone = github.add_milestone(django, "4.1.6")
    change = {"labels": ["backport", "bug"], "milestone": milestone.number}
    reply = await client.ask("PATCH", f"{REPOSITORY}/issues/1", change)
    assert reply.json["milestone"]["title"] == "4.1.6"
    assert pull.labels == ["backport", "bug"]
    assert (await client.ask("PATCH", f"{REPOSITORY}/issues/1", {"milestone": 9})).status == 422


async def test_label_comes_off_once(
    client: AppClient, github: LocalGitHub, django: Repository, pull: Pull
) -> None:
    """Taking a label off works once, then it is not found; the timeline tells who set it."""
    github.label(django, pull, "council exception", by="felixxm")
    path = f"{REPOSITORY}/issues/1/labels/council%20exception"
    assert (await client.ask("DELETE", path)).json == []
    gone = await client.ask("DELETE", path)
    assert (gone.status, gone.json["message"]) == (404, "Label does not exist")
    timeline = (await client.ask("GET", f"{REPOSITORY}/issues/1/timeline")).json
    assert [(event["event"], event["actor"]["login"]) for event in timeline] == [
        ("labeled", "felixxm"),
        ("unlabeled", "stablehand[bot]"),
    ]


async def test_comment_lives_and_dies(
    client: AppClient, inbox: Inbox, github: LocalGitHub, pull: Pull
) -> None:
    """A comment can be written, edited, read and deleted, and its webhooks come."""
    path = f"{REPOSITORY}/issues"
    made = await client.ask("POST", f"{path}/1/comments", {"body": "one"})
    assert (made.status, made.json["user"]["type"]) == (201, "Bot")
    address = f"{path}/comments/{made.json['id']}"
    await client.ask("PATCH", address, {"body": "two"})
    assert (await client.ask("GET", address)).json["body"] == "two"
    assert (await client.ask("DELETE", address)).status == 204
    assert (await client.ask("GET", address)).status == 404
    await github.webhooks.idle()
    payloads = [one.payload for one in inbox.posted if one.event == "issue_comment"]
    actions = sorted(payload["action"] for payload in payloads)
    assert actions == ["created", "deleted", "edited"]
    assert pull.timeline == []


async def test_too_long_comment_is_refused(client: AppClient, pull: Pull) -> None:
    """A comment has at most 65,536 characters."""
    path = f"{REPOSITORY}/issues/{pull.number}/comments"
    assert (await client.ask("POST", path, {"body": "x" * 65_537})).status == 422


async def test_locked_conversation_takes_no_comment(
    client: AppClient, github: LocalGitHub, pull: Pull
) -> None:
    """A locked conversation refuses comments with 403."""
    github.lock(pull)
    reply = await client.ask("POST", f"{REPOSITORY}/issues/1/comments", {"body": "one"})
    assert (reply.status, pull.comments) == (403, {})


async def test_archived_repository_takes_no_write(
    client: AppClient, github: LocalGitHub, django: Repository, pull: Pull
) -> None:
    """An archived repository can be read and refuses writes in GitHub's words."""
    github.archive(django)
    assert (await client.ask("GET", f"{REPOSITORY}/pulls/{pull.number}")).status == 200
    reply = await client.ask("POST", f"{REPOSITORY}/issues/1/comments", {"body": "one"})
    assert reply.status == 403
    assert reply.json["message"] == "Repository was archived so is read-only."


async def test_only_collaborators_review(
    client: AppClient, github: LocalGitHub, django: Repository, pull: Pull
) -> None:
    """A collaborator can be asked for a review; the author and strangers cannot."""
    github.grant(django, "felixxm", "maintain")
    path = f"{REPOSITORY}/pulls/1/requested_reviewers"
    asked = {
        login: (await client.ask("POST", path, {"reviewers": [login]})).status
        for login in ("felixxm", "someone", "stranger")
    }
    assert asked == {"felixxm": 201, "someone": 422, "stranger": 422}
    assert pull.reviewers == ["felixxm"]


async def test_roles_and_teams(client: AppClient, github: LocalGitHub, django: Repository) -> None:
    """A role is told with its name, and a team knows its members."""
    github.grant(django, "felixxm", "maintain")
    github.add_team("django", "mergers", ["felixxm"])
    github.add_user("stranger")
    roles = f"{REPOSITORY}/collaborators"
    team = "/orgs/django/teams/mergers/memberships"
    maintainer = (await client.ask("GET", f"{roles}/felixxm/permission")).json
    assert (maintainer["permission"], maintainer["role_name"]) == ("write", "maintain")
    assert (await client.ask("GET", f"{roles}/stranger/permission")).json["role_name"] == "read"
    assert (await client.ask("GET", f"{roles}/nobody/permission")).status == 404
    assert (await client.ask("GET", f"{team}/felixxm")).json["state"] == "active"
    assert (await client.ask("GET", f"{team}/stranger")).status == 404


async def test_check_run_is_found_again(client: AppClient, django: Repository) -> None:
    """A check run goes from queued to completed and is found by commit and name."""
    sha = django.branch("fix")
    new = {"name": "tests", "head_sha": sha, "external_id": "x", "status": "queued"}
    made = (await client.ask("POST", f"{REPOSITORY}/check-runs", new)).json
    done = {"conclusion": "success", "output": {"title": "Fine", "summary": "All passed"}}
    await client.ask("PATCH", f"{REPOSITORY}/check-runs/{made['id']}", done)
    path = f"{REPOSITORY}/commits/{sha}/check-runs?check_name=tests&filter=all"
    (found,) = (await client.ask("GET", path)).json["check_runs"]
    assert (found["id"], found["external_id"]) == (made["id"], "x")
    assert (found["status"], found["conclusion"]) == ("completed", "success")
    assert found["output"]["title"] == "Fine"
    other = await client.ask("GET", f"{REPOSITORY}/commits/main/check-runs")
    assert other.json["total_count"] == 0


async def test_annotations_add_up(client: AppClient, django: Repository) -> None:
    """Each request adds its annotations, at most fifty, and all are listed."""
    new = {"name": "conflicts", "head_sha": django.branch("fix"), "conclusion": "failure"}
    output = {"title": "Two", "summary": "Conflicts", "annotations": [annotation(1)]}
    made = (await client.ask("POST", f"{REPOSITORY}/check-runs", {**new, "output": output})).json
    path = f"{REPOSITORY}/check-runs/{made['id']}"
    more = {"title": "Two", "summary": "Conflicts", "annotations": [annotation(2)]}
    again = (await client.ask("PATCH", path, {"output": more})).json
    counts = [check["output"]["annotations_count"] for check in (made, again)]
    assert counts == [1, 2]
    listed = (await client.ask("GET", f"{path}/annotations")).json
    assert [one["start_line"] for one in listed] == [1, 2]
    assert django.checks[made["id"]].annotations == [annotation(1), annotation(2)]
    client.github.check()
    many = {**more, "annotations": [annotation(line) for line in range(1, 52)]}
    assert (await client.ask("PATCH", path, {"output": many})).status == 422


async def test_reaction_counts_once(
    client: AppClient, github: LocalGitHub, django: Repository, pull: Pull
) -> None:
    """The same reaction again is the first one still; the comment counts each kind."""
    comment = github.comment(django, pull, "/backport retry", by="felixxm")
    path = f"{REPOSITORY}/issues/comments/{comment.id}"
    replies = [
        await client.ask("POST", f"{path}/reactions", {"content": content})
        for content in ("eyes", "+1", "eyes")
    ]
    assert [reply.status for reply in replies] == [201, 201, 200]
    assert replies[0].json["id"] == replies[2].json["id"]
    assert comment.reactions == {"eyes": 1, "+1": 1}
    shown = (await client.ask("GET", path)).json["reactions"]
    assert (shown["eyes"], shown["+1"], shown["rocket"], shown["total_count"]) == (1, 1, 0, 2)
    github.check()


async def test_mention_is_cross_referenced(
    client: AppClient, github: LocalGitHub, pull: Pull
) -> None:
    """A pull request that mentions another leaves an entry in that one's timeline."""
    new = {"title": "Backport", "head": "fix", "base": "stable/4.1.x", "body": "Source: #1"}
    opened = await client.ask("POST", f"{REPOSITORY}/pulls", new)
    (event,) = (await client.ask("GET", f"{REPOSITORY}/issues/1/timeline")).json
    assert event["event"] == "cross-referenced"
    assert event["source"]["issue"]["number"] == opened.json["number"]
    assert pull.comments == {}
    github.check()
