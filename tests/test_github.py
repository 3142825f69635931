from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.github import AppClient, connect
from bot.adapters.github_errors import NotFound
from bot.adapters.github_session import AppIdentity, Pace
from bot.core.errors import UserError
from bot.core.model import Comment, LabelEvent, NewPull, PullRef, Repository
from bot.ports import Annotation, Check, GitHub, GitHubApp
from devkit.github.local import running_github
from tests.scripted_github import Answer, Noted, ScriptedGitHub

HERE = "/repos/django/django"
REPOSITORY = Repository(installation=5, id=7, owner="django", name="django")
MISSING = Answer({"message": "Not Found"}, 404)
CHECK = Check(
    "stablehand", "a" * 40, "job-1", "completed", "Passed", "All of it.", "tail", "success"
)


@pytest.fixture
def github(client: AppClient) -> GitHub:
    """Give the view of one repository, through the port."""
    app: GitHubApp = client
    return app.repository(REPOSITORY)


def pull(number: int = 16210, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Give a pull request as GitHub writes it, as far as it is read."""
    return {
        "number": number,
        "title": "Fixed #34063",
        "body": None,
        "html_url": f"https://github.com/django/django/pull/{number}",
        "state": "closed",
        "merged": True,
        "merged_at": "2022-10-27T10:00:00Z",
        "merge_commit_sha": "c" * 40,
        "created_at": "2022-10-22T20:07:18Z",
        "commits": 1,
        "comments": 3,
        "labels": [{"name": "council exception"}],
        "milestone": {"number": 4},
        "locked": False,
        "base": {
            "ref": "main",
            "repo": {
                "id": 7,
                "full_name": "django/django",
                "default_branch": "main",
                "archived": False,
            },
        },
        "head": {
            "ref": "ticket_34063",
            "sha": "d" * 40,
            "repo": {"id": 7, "full_name": "django/django"},
        },
    } | changes


def head(repo: dict[str, Any] | None) -> dict[str, Any]:
    """Give a head branch in some repository, or in a fork that was deleted."""
    return {"ref": "backport", "sha": "d" * 40, "repo": repo}


def remark(number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Give a comment as GitHub writes it."""
    return {
        "id": number,
        "user": {"login": "ada", "type": "User"},
        "body": "Hello",
        "html_url": f"https://github.com/django/django/pull/1#issuecomment-{number}",
        "performed_via_github_app": None,
    } | changes


def rejection(message: str) -> Answer:
    """Give a 422 in GitHub's form."""
    return Answer(
        {"message": "Validation Failed", "errors": [{"code": "custom", "message": message}]}, 422
    )


async def test_pull(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A pull request is read as it stands."""
    scripted.on("GET", f"{HERE}/pulls/16210", Answer(pull()))
    read = await github.pull(16210)
    assert (read.number, read.title, read.body) == (16210, "Fixed #34063", "")
    assert (read.is_open, read.merged, read.merge_commit_sha) == (False, True, "c" * 40)
    assert read.created_at == datetime(2022, 10, 22, 20, 7, 18, tzinfo=UTC)
    assert read.merged_at == datetime(2022, 10, 27, 10, tzinfo=UTC)
    assert (read.labels, read.milestone) == (("council exception",), 4)
    assert (read.base_branch, read.default_branch) == ("main", "main")
    assert (read.head_branch, read.head_sha) == ("ticket_34063", "d" * 40)


async def test_pull_with_little(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A deleted fork, no milestone, no labels and a trial merge commit are no trouble."""
    raw = pull(
        state="open", merged=False, merged_at=None, milestone=None, labels=[], head=head(None)
    )
    scripted.on("GET", f"{HERE}/pulls/16210", Answer(raw))
    read = await github.pull(16210)
    assert (read.is_open, read.merged, read.merge_commit_sha) == (True, False, None)
    assert (read.milestone, read.labels, read.head_branch) == (None, (), "backport")


async def test_commits(scripted: ScriptedGitHub, github: GitHub) -> None:
    """The commits of a pull request come in order, with author, date and message."""
    author = {"name": "Ada", "email": "ada@example.com", "date": "2022-10-22T20:07:18Z"}
    raw = [{"sha": sha, "commit": {"author": author, "message": f"m {sha}"}} for sha in "ab"]
    scripted.on("GET", f"{HERE}/pulls/1/commits", Answer(raw))
    first, second = await github.pull_commits(1)
    assert (first.sha, second.sha, second.message) == ("a", "b", "m b")
    assert (first.author_name, first.author_email) == ("Ada", "ada@example.com")
    assert first.author_date == datetime(2022, 10, 22, 20, 7, 18, tzinfo=UTC)


async def test_timeline(scripted: ScriptedGitHub, github: GitHub) -> None:
    """Labels are replayed over all pages, so that only those now on stay, with who set them."""

    def label(number: int, name: str, actor: str | None, event: str = "labeled") -> dict[str, Any]:
        who = {"login": actor} if actor else None
        return {"id": number, "event": event, "actor": who, "label": {"name": name}}

    first = [
        {"event": "committed", "sha": "a"},
        label(1, "council exception", "outsider"),
        label(2, "docs", "ada"),
        remark(10, event="commented", actor={"login": "ada"}),
        label(3, "council exception", "outsider", "unlabeled"),
    ]
    second = [
        label(4, "council exception", "merger"),
        label(5, "docs", "ada", "unlabeled"),
        label(6, "old", None),
        {"event": "something new"},
    ]
    more = {"link": f'<{scripted.url}{HERE}/issues/1/timeline?per_page=100&page=2>; rel="next"'}
    scripted.on("GET", f"{HERE}/issues/1/timeline", Answer(first, headers=more), Answer(second))
    read = await github.timeline(1)
    assert read.labels == (
        LabelEvent(4, "council exception", "merger"),
        LabelEvent(6, "old", "ghost"),
    )
    assert read.comments is not None
    assert [comment.id for comment in read.comments] == [10]
    assert scripted.asked[0].query["per_page"] == "100"


async def test_timeline_without_comments(scripted: ScriptedGitHub, github: GitHub) -> None:
    """Where the timeline shows no comment, that says nothing about whether there are any."""
    scripted.on("GET", f"{HERE}/issues/1/timeline", Answer([]))
    assert (await github.timeline(1)).comments is None


@pytest.mark.parametrize(
    ("changes", "author", "by_bot"),
    [
        ({}, "ada", False),
        ({"user": {"login": "x", "type": "Bot"}}, "x", True),
        ({"user": {"login": "x[bot]"}}, "x[bot]", True),
        ({"performed_via_github_app": {"id": 1}}, "ada", True),
        ({"user": None}, "ghost", False),
    ],
)
async def test_comments(
    scripted: ScriptedGitHub,
    github: GitHub,
    changes: dict[str, Any],
    author: str,
    by_bot: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Bots and Apps are told from people, and a deleted account is a ghost."""
    scripted.on("GET", f"{HERE}/issues/1/comments", Answer([remark(1, **changes)]))
    (comment,) = await github.comments(1)
    assert (comment.author, comment.by_bot) == (author, by_bot)


async def test_one_comment(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A comment is found by its id, and a deleted one is None."""
    scripted.on("GET", f"{HERE}/issues/comments/3", Answer(remark(3)), MISSING)
    url = "https://github.com/django/django/pull/1#issuecomment-3"
    assert await github.comment(3) == Comment(3, "ada", False, "Hello", url)  # noqa: FBT003
    assert await github.comment(3) is None


async def test_configuration(scripted: ScriptedGitHub, github: GitHub) -> None:
    """The configuration is read from the default branch; without a file it is None."""
    content = b64encode('label = "é"\n'.encode()).decode()
    file = {"type": "file", "encoding": "base64", "content": f"{content[:8]}\n{content[8:]}\n"}
    path = f"{HERE}/contents/.github/stablehand.toml"
    scripted.on("GET", path, Answer(file), MISSING)
    assert await github.configuration() == 'label = "é"\n'
    assert await github.configuration() is None


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"type": "file", "encoding": "none", "content": ""}, "a plain file under 1 MB"),
        ({"type": "submodule"}, "a plain file"),
        ({"type": "file", "encoding": "base64", "content": "/w=="}, "not UTF-8"),
    ],
)
async def test_unreadable_configuration(
    scripted: ScriptedGitHub, github: GitHub, raw: dict[str, Any], words: str
) -> None:
    """A configuration that is no text file is for a committer to put right."""
    scripted.on("GET", f"{HERE}/contents/.github/stablehand.toml", Answer(raw))
    with pytest.raises(UserError, match=words) as caught:
        await github.configuration()
    assert ".github/stablehand.toml" in caught.value.message


@pytest.mark.parametrize(
    ("answer", "role"),
    [
        (Answer({"permission": "write", "role_name": "maintain"}), "maintain"),
        (Answer({"permission": "write", "role_name": "release wizard"}), "write"),
        (Answer({"permission": "admin"}), "admin"),
        (Answer({"permission": "none", "role_name": ""}), "none"),
        (MISSING, "none"),
    ],
)
async def test_permission(
    scripted: ScriptedGitHub, github: GitHub, answer: Answer, role: str
) -> None:
    """A role is given by its own name, a made-up one by what it rests on, a stranger's is none."""
    scripted.on("GET", f"{HERE}/collaborators/ada/permission", answer)
    assert await github.permission("ada") == role


MEMBERSHIP = "/orgs/django/teams/mergers/memberships/ada"


@pytest.mark.parametrize(
    ("answer", "member"),
    [
        (Answer({"state": "active"}), True),
        (Answer({"state": "pending"}), False),
        (MISSING, False),
    ],
)
async def test_team(
    scripted: ScriptedGitHub,
    github: GitHub,
    answer: Answer,
    member: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Only an active member of a team that can be read counts as one."""
    scripted.on("GET", MEMBERSHIP, answer)
    scripted.on("GET", "/orgs/django/teams/mergers/members", Answer([{"login": "bob"}]))
    assert await github.in_team("django", "mergers", "ada") is member


async def test_unreadable_team(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A team that the App may not read is no reason to call somebody an outsider."""
    scripted.on("GET", MEMBERSHIP, MISSING, Answer({"message": "Forbidden"}, 403))
    scripted.on("GET", "/orgs/django/teams/mergers/members", MISSING)
    with pytest.raises(UserError, match=r"cannot read the team `django/mergers`.*members: read"):
        await github.in_team("django", "mergers", "ada")
    with pytest.raises(UserError, match="An owner"):
        await github.in_team("django", "mergers", "ada")


async def test_find_pull(scripted: ScriptedGitHub, github: GitHub) -> None:
    """The newest pull request is found by its branch, whatever the branch's name holds."""
    scripted.on("GET", f"{HERE}/pulls", Answer([pull(2), pull(1)]), Answer([]))
    found = await github.find_pull("backport/a#b&c+d%e", "stable/4.1.x")
    url = "https://github.com/django/django/pull/2"
    assert found == PullRef(2, url, is_open=False, merged=True, head_sha="d" * 40)
    assert scripted.asked[0].query == {
        "head": "django:backport/a#b&c+d%e",
        "base": "stable/4.1.x",
        "state": "all",
        "sort": "created",
        "direction": "desc",
        "per_page": "100",
    }
    assert await github.find_pull("other", "stable/4.1.x") is None


async def test_find_pull_at_home(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A branch of the same name in a fork, deleted or not, is not ours; a renamed repository is."""
    fork = {"id": 9, "full_name": "django/django-fork"}
    renamed = {"id": 7, "full_name": "django/framework"}
    raw = [pull(3, head=head(fork)), pull(2, head=head(None)), pull(1, head=head(renamed))]
    scripted.on("GET", f"{HERE}/pulls", Answer(raw))
    found = await github.find_pull("backport", "main")
    assert found is not None
    assert found.number == 1


NEW = NewPull("[4.1.x] Fixed #34063", "body", "backport/16210", "stable/4.1.x")


async def test_open_pull(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A pull request is opened with title, body, head and base."""
    scripted.on("POST", f"{HERE}/pulls", Answer(pull(9, state="open", merged_at=None), 201))
    assert (await github.open_pull(NEW)).number == 9
    assert scripted.asked[0].body == {
        "title": "[4.1.x] Fixed #34063",
        "body": "body",
        "head": "backport/16210",
        "base": "stable/4.1.x",
        "draft": False,
    }


async def test_open_draft(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A draft is opened as one, and read as one with the name that changes it later."""
    raw = pull(9, state="open", merged_at=None, draft=True, node_id="PR_9")
    scripted.on("POST", f"{HERE}/pulls", Answer(raw, 201))
    opened = await github.open_pull(replace(NEW, body="x" * 70_000, draft=True))
    assert (opened.draft, opened.node_id) == (True, "PR_9")
    assert scripted.asked[0].body["draft"] is True
    assert len(scripted.asked[0].body["body"]) == 65_536


async def test_open_pull_that_stands(scripted: ScriptedGitHub, github: GitHub) -> None:
    """One that was opened before, its answer lost, is found instead of opened again."""
    scripted.on("POST", f"{HERE}/pulls", rejection("A pull request already exists for django:x."))
    scripted.on("GET", f"{HERE}/pulls", Answer([pull(9)]))
    assert (await github.open_pull(NEW)).number == 9


async def test_open_pull_refused(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A pull request that GitHub will not open is told with the branches and GitHub's words."""
    scripted.on("POST", f"{HERE}/pulls", rejection("No commits between stable/4.1.x and x"))
    with pytest.raises(UserError, match=r"`backport/16210` to `stable/4.1.x`.*No commits between"):
        await github.open_pull(NEW)


async def test_update_pull(scripted: ScriptedGitHub, github: GitHub) -> None:
    """Title and body are changed each by itself, and a refusal is for a merger to see to."""
    path = f"{HERE}/pulls/9"
    scripted.on("PATCH", path, Answer(pull(9)), Answer(pull(9)), rejection("title is too long"))
    await github.update_pull(9, title="Other")
    await github.update_pull(9, body="x" * 65_537)
    with pytest.raises(UserError, match=r"text of #9 could not be changed\. .*too long\. A merger"):
        await github.update_pull(9, title="long", body="")
    first, second, third = (asked.body for asked in scripted.asked)
    assert first == {"title": "Other"}
    assert len(second.pop("body")) == 65_536
    assert (second, third) == ({}, {"title": "long", "body": ""})


async def test_pulls_of_commit(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A commit's pull requests are listed; a commit that GitHub lacks has none."""
    scripted.on(
        "GET",
        f"{HERE}/commits/abc/pulls",
        Answer([pull(1)]),
        Answer({"message": "No commit found for SHA: abc"}, 422),
    )
    assert [found.number for found in await github.pulls_of_commit("abc")] == [1]
    assert await github.pulls_of_commit("abc") == ()


async def test_update_issue(scripted: ScriptedGitHub, github: GitHub) -> None:
    """Labels and milestone go in one call, and no milestone leaves the one that is set."""
    scripted.on("PATCH", f"{HERE}/issues/9", Answer({"id": 1}))
    await github.update_issue(9, labels=["backport", "4.1"], milestone=4)
    await github.update_issue(9, labels=[], milestone=None)
    assert [asked.body for asked in scripted.asked] == [
        {"labels": ["backport", "4.1"], "milestone": 4},
        {"labels": []},
    ]


async def test_check_runs(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A check run is created with our id and found by it, the newest where there are several."""
    scripted.on("POST", f"{HERE}/check-runs", Answer({"id": 31}, 201))
    runs = [{"id": 30, "external_id": "job-1"}, {"id": 31, "external_id": "job-1"}, {"id": 32}]
    path = f"{HERE}/commits/{'a' * 40}/check-runs"
    scripted.on("GET", path, Answer({"total_count": 3, "check_runs": runs}))
    assert await github.create_check(CHECK) == 31
    assert scripted.asked[0].body == {
        "name": "stablehand",
        "head_sha": "a" * 40,
        "external_id": "job-1",
        "status": "completed",
        "conclusion": "success",
        "output": {"title": "Passed", "summary": "All of it.", "text": "tail"},
    }
    assert await github.find_check("a" * 40, "stablehand", "job-1") == 31
    assert await github.find_check("a" * 40, "stablehand", "job-2") is None
    assert scripted.asked[1].query["check_name"] == "stablehand"


async def test_update_check(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A check run under way has no conclusion, and texts too long for GitHub are cut."""
    scripted.on("PATCH", f"{HERE}/check-runs/31", Answer({"id": 31}))
    long = "é" * 70_000
    await github.update_check(31, Check("n", "a", "j", "in_progress", "t", long, long))
    body = scripted.asked[0].body
    assert "conclusion" not in body
    assert "head_sha" not in body
    for text in (body["output"]["summary"], body["output"]["text"]):
        assert len(text) == 65_535
        assert text.endswith("(cut here: the text is longer than GitHub takes)*")


async def test_many_annotations(scripted: ScriptedGitHub, github: GitHub) -> None:
    """Annotations go by fifty: the first with the new check run, the rest after it."""
    scripted.on("POST", f"{HERE}/check-runs", Answer({"id": 31}, 201))
    scripted.on("PATCH", f"{HERE}/check-runs/31", Answer({"id": 31}))
    annotations = tuple(Annotation("a.py", n, n + 1, "failure", "conflict") for n in range(1, 121))
    assert await github.create_check(replace(CHECK, annotations=annotations)) == 31
    sent = [asked.body["output"]["annotations"] for asked in scripted.asked]
    assert list(map(len, sent)) == [50, 50, 20]
    assert sent[1][0] == {
        "path": "a.py",
        "start_line": 51,
        "end_line": 52,
        "annotation_level": "failure",
        "message": "conflict",
    }
    bodies = [asked.body for asked in scripted.asked]
    assert all(body["output"]["title"] == "Passed" for body in bodies)
    assert {body["conclusion"] for body in bodies} == {"success"}


async def test_comment_is_written(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A comment is posted and edited, cut where it is longer than GitHub takes."""
    scripted.on("POST", f"{HERE}/issues/9/comments", Answer(remark(3), 201))
    scripted.on("PATCH", f"{HERE}/issues/comments/3", Answer(remark(3)), MISSING)
    assert (await github.post_comment(9, "x" * 65_537)).id == 3
    await github.edit_comment(3, "x" * 65_536)
    posted, edited = (asked.body["body"] for asked in scripted.asked)
    assert len(posted) == 65_536
    assert posted.endswith("(cut here: the text is longer than GitHub takes)*")
    assert edited == "x" * 65_536
    with pytest.raises(NotFound):
        await github.edit_comment(3, "gone")


async def test_reaction(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A reaction is new or stands already; on a deleted comment there is none."""
    path = f"{HERE}/issues/comments/3/reactions"
    scripted.on("POST", path, Answer({"id": 1}, 201), Answer({"id": 1}), MISSING)
    await github.react(3, "eyes")
    await github.react(3, "eyes")
    assert scripted.asked[0].body == {"content": "eyes"}
    with pytest.raises(NotFound):
        await github.react(3, "eyes")


def issue(number: int, body: str, kind: str = "Bot", state: str = "open") -> dict[str, Any]:
    """Give an issue as GitHub writes it, as far as it is read."""
    url = f"https://github.com/django/django/issues/{number}"
    user = {"login": "somebody", "type": kind}
    shown = {"id": number, "number": number, "html_url": url, "state": state, "body": body}
    return {**shown, "user": user}


async def test_an_issue_is_opened_once(scripted: ScriptedGitHub, github: GitHub) -> None:
    """One of a bot's with the mark is given again; a person's copy of the mark is the person's."""
    copied, ours = issue(8, "<!-- x -->", "User"), issue(9, "<!-- x -->", state="closed")
    scripted.on("GET", f"{HERE}/issues", Answer([copied]), Answer([copied, ours]))
    scripted.on("POST", f"{HERE}/issues", Answer(issue(9, "<!-- x -->"), 201))
    opened = await github.open_issue("Revisit", f"<!-- x -->{'y' * 70_000}", "<!-- x -->")
    assert (opened.number, opened.is_open) == (9, True)
    found = await github.open_issue("Revisit", "<!-- x -->", "<!-- x -->")
    assert (found.number, found.is_open) == (9, False)
    posted = [asked.body for asked in scripted.asked if asked.method == "POST"]
    assert [one["title"] for one in posted] == ["Revisit"]
    assert len(posted[0]["body"]) == 65_536


async def test_an_issue_that_cannot_be_opened(scripted: ScriptedGitHub, github: GitHub) -> None:
    """Where issues are switched off, or GitHub will not, a person is told."""
    scripted.on("GET", f"{HERE}/issues", Answer([]))
    scripted.on(
        "POST",
        f"{HERE}/issues",
        rejection("Not this one."),
        Answer({"message": "Issues are disabled"}, 410),
    )
    with pytest.raises(UserError, match="Not this one"):
        await github.open_issue("Revisit", "Why.", "<!-- x -->")
    with pytest.raises(UserError, match="disabled"):
        await github.open_issue("Revisit", "Why.", "<!-- x -->")


async def test_an_issue_is_read(scripted: ScriptedGitHub, github: GitHub) -> None:
    """An issue is open or closed, and one that is not there is none."""
    scripted.on("GET", f"{HERE}/issues/9", Answer(issue(9, "", state="closed")), MISSING)
    found = await github.issue(9)
    assert found
    assert not found.is_open
    assert await github.issue(9) is None


async def test_remove_label(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A label comes off whatever its name holds, and one that is not on is no error."""
    scripted.on("DELETE", f"{HERE}/issues/9/labels/a/b c%é", Answer([]), MISSING)
    await github.remove_label(9, "a/b c%é")
    await github.remove_label(9, "a/b c%é")
    assert len(scripted.asked) == 2


async def test_refused_dress(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A reviewer or milestone that GitHub does not take is for a merger to set."""
    scripted.on("POST", f"{HERE}/pulls/9/requested_reviewers", rejection("Not this one."))
    scripted.on("PATCH", f"{HERE}/issues/9", rejection("Not this one."))
    with pytest.raises(UserError, match=r"@ada cannot be asked to review #9\..*Not this one"):
        await github.request_review(9, "ada")
    with pytest.raises(UserError, match=r"milestone of #9 could not be set\..*Not this one"):
        await github.update_issue(9, labels=[], milestone=99)


async def test_request_review(scripted: ScriptedGitHub, github: GitHub) -> None:
    """A review is asked of one person."""
    scripted.on("POST", f"{HERE}/pulls/9/requested_reviewers", Answer(pull(9), 201))
    await github.request_review(9, "ada")
    assert scripted.asked[0].body == {"reviewers": ["ada"]}


async def test_token_for_git(github: GitHub) -> None:
    """Git gets the token of the repository's installation."""
    assert await github.token() == "ghs_1_5"


def delivery(number: int, guid: str, status: int, hour: int) -> dict[str, Any]:
    """Give one attempt at a delivery as GitHub lists it."""
    at = f"2024-01-01T{hour:02}:00:00.5Z"
    return {"id": number, "guid": guid, "status_code": status, "delivered_at": at}


async def test_failed_deliveries(scripted: ScriptedGitHub, client: AppClient) -> None:
    """A delivery failed where no attempt got through; those before the time are not looked at."""
    first = [
        delivery(9, "answered later", 202, 9),
        delivery(8, "never", 0, 8),
        delivery(7, "lost", 502, 7),
    ]
    second = [
        delivery(6, "answered later", 500, 6),
        delivery(5, "never", 500, 5),
        delivery(4, "too old", 500, 3),
    ]
    path = "/app/hook/deliveries"
    more = {"link": f'<{scripted.url}{path}?per_page=100&cursor=v1_6>; rel="next"'}
    scripted.on("GET", path, Answer(first, headers=more), Answer(second, headers=more))
    failed = await client.failed_deliveries(datetime(2024, 1, 1, 4, tzinfo=UTC))
    assert failed == ((7, "lost"), (8, "never"))
    assert [asked.query.get("cursor") for asked in scripted.asked] == [None, "v1_6"]
    assert scripted.minted == [], "the App signs these itself"


async def test_redeliver(scripted: ScriptedGitHub, client: AppClient) -> None:
    """A delivery is asked for again by its id."""
    scripted.on("POST", "/app/hook/deliveries/7/attempts", Answer({}, 202))
    await client.redeliver(7)
    assert len(scripted.asked) == 1


async def use_everything(github: GitHub, number: int, head_sha: str) -> None:
    """Call every method of the port once, on a pull request that stands."""
    pull = await github.pull(number)
    await github.pull_commits(number)
    await github.timeline(number)
    await github.comments(number)
    await github.permission("outsider")
    assert await github.in_team("django", "mergers", "merger")
    assert not await github.in_team("django", "mergers", "outsider")
    assert await github.configuration() is None
    found = await github.open_pull(NewPull("Again", "", pull.head_branch, "main"))
    assert found == await github.find_pull(pull.head_branch, "main")
    assert found in await github.pulls_of_commit(head_sha)
    await github.update_pull(number, title="Better", body="text")
    for draft in (True, True, False):
        await github.set_draft(found, draft=draft)
        assert (await github.pull(number)).draft is draft
    await github.update_issue(number, labels=["one", "two"], milestone=1)
    await github.remove_label(number, "one")
    await github.remove_label(number, "one")
    await github.request_review(number, "merger")
    comment = await github.post_comment(number, "text")
    await github.edit_comment(comment.id, "other text")
    assert (await github.comment(comment.id)) is not None
    for content in ("+1", "confused", "eyes", "rocket", "rocket"):
        await github.react(comment.id, content)
    check = replace(CHECK, head_sha=head_sha, status="queued", conclusion=None)
    check_id = await github.create_check(check)
    remarks = tuple(Annotation("a", n, n, "notice", "look") for n in range(1, 52))
    done = replace(check, status="completed", conclusion="success", annotations=remarks[:3])
    await github.update_check(check_id, done)
    await github.update_check(check_id, replace(done, annotations=remarks))
    assert await github.find_check(head_sha, check.name, check.external_id) == check_id


async def test_contract(tmp_path: Path) -> None:
    """Every request of the client is as GitHub's own description of its API wants it.

    What is done twice leaves what doing it once leaves.
    """
    async with running_github(tmp_path) as local:
        home = await local.add_repository("django", "django")
        await local.commit(home, "main", {"a": "1"}, message="First")
        sha = await local.commit(home, "topic", {"a": "2"}, message="Second")
        opened = await local.open_pull(home, "topic", "main", by="outsider")
        local.add_team("django", "mergers", ["merger"])
        local.grant(home, "merger", "write")
        local.add_milestone(home, "4.1.6")
        installation = local.installation("django").id
        us = AppIdentity(local.api_url, str(local.app.id), local.app.private_key)
        async with connect(us, Noted(), Pace(write_gap=0)) as app:
            view = app.repository(Repository(installation, home.id, "django", "django"))
            await use_everything(view, opened.number, sha)
            (check,), (comment,) = home.checks.values(), opened.comments.values()
            assert [one["start_line"] for one in check.annotations] == list(range(1, 52))
            assert set(comment.reactions.values()) == {1}
            for delivery_id, _ in await app.failed_deliveries(datetime(2020, 1, 1, tzinfo=UTC)):
                await app.redeliver(delivery_id)
