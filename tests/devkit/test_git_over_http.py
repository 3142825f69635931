"""Git over HTTP: real git fetches and pushes with a token, and is refused in GitHub's words."""

from __future__ import annotations

import os
from pathlib import Path

import aiohttp
import pytest

from devkit.github import LocalGitHub
from devkit.github.client import AppClient
from devkit.github.state import Repository


@pytest.fixture
async def clone(client: AppClient, tmp_path: Path) -> str:
    """Give a clone of the repository."""
    path = str(tmp_path / "clone")
    code, out = await client.run_git("django/django", "clone", "--quiet", "URL", path)
    assert code == 0, out
    return path


async def commit(client: AppClient, clone: str, path: str) -> None:
    """Write a file in the clone and commit it."""
    file = Path(clone) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("new\n")
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    await client.run_git("django/django", "-C", clone, "add", "--all")
    code, out = await client.run_git(
        "django/django", "-C", clone, *identity, "commit", "-qm", "New"
    )
    assert code == 0, out


async def test_partial_clone_and_push(
    client: AppClient, github: LocalGitHub, django: Repository, tmp_path: Path
) -> None:
    """A partial clone and one push of two branches are one fetch and one push."""
    path = str(tmp_path / "partial.git")
    code, out = await client.run_git(
        "django/django", "clone", "--bare", "--filter=blob:none", "URL", path
    )
    assert code == 0, out
    code, out = await client.run_git(
        "django/django", "-C", path, "push", "URL", "fix:refs/heads/b1", "fix:refs/heads/b2"
    )
    assert code == 0, out
    assert django.branch("b1") == django.branch("b2") == django.branch("fix")
    assert github.git_operations == {"fetch": 1, "push": 1}


async def test_api_knows_a_push_when_it_ends(client: AppClient, clone: str) -> None:
    """As soon as a push has ended, the API shows the branch."""
    await client.run_git("django/django", "-C", clone, "push", "URL", "HEAD:refs/heads/new/branch")
    reply = await client.ask("GET", "/repos/django/django/branches/new/branch")
    assert reply.status == 200


async def test_pull_request_follows_a_push(
    client: AppClient, github: LocalGitHub, django: Repository, clone: str
) -> None:
    """A push to the head branch moves the pull request, its ref and sends `synchronize`."""
    pull = await github.open_pull(django, "fix", "main", by="someone")
    await client.run_git("django/django", "-C", clone, "checkout", "--quiet", "fix")
    await commit(client, clone, "b.txt")
    await client.run_git("django/django", "-C", clone, "push", "URL", "fix")
    assert pull.head_sha == django.branch("fix") == django.refs["refs/pull/1/head"]
    assert github.webhooks.deliveries[-1].action == "synchronize"


async def test_pull_request_ref_can_be_fetched(
    client: AppClient, github: LocalGitHub, django: Repository, clone: str
) -> None:
    """`refs/pull/N/head` stands for the head of a pull request, and any sha can be asked for."""
    pull = await github.open_pull(django, "fix", "main", by="someone")
    await github.push(django, {"refs/heads/fix": None}, by="someone")
    for ref in ("refs/pull/1/head", pull.head_sha):
        code, out = await client.run_git("django/django", "-C", clone, "fetch", "URL", ref)
        assert code == 0, out


async def test_client_that_leaves_ends_git(
    client: AppClient, github: LocalGitHub, django: Repository
) -> None:
    """A client that leaves in the middle of a fetch leaves no process, and others are served."""
    files = {"big.bin": os.urandom(1 << 22)}
    sha = await github.commit(django, "main", files, message="Big")
    url = f"{github.url}/django/django.git/git-upload-pack"
    headers = {
        "Authorization": aiohttp.encode_basic_auth("x-access-token", client.bearer),
        "Content-Type": "application/x-git-upload-pack-request",
    }
    wanted = f"0032want {sha}\n00000009done\n".encode()
    answer = await client.session.post(url, data=wanted, headers=headers)
    assert answer.status == 200
    assert await answer.content.readany()
    answer.close()
    code, out = await client.run_git("django/django", "ls-remote", "URL")
    assert code == 0, out


async def test_without_token_git_is_asked_for_one(client: AppClient, github: LocalGitHub) -> None:
    """Git without credentials gets 401 with a challenge."""
    url = f"{github.url}/django/django.git/info/refs?service=git-upload-pack"
    async with client.session.get(url) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert github.git_operations == {}


async def test_push_without_contents_permission(
    client: AppClient, github: LocalGitHub, clone: str
) -> None:
    """A token without `contents: write` cannot push."""
    github.installation("django").permissions["contents"] = "read"
    code, out = await client.run_git(
        "django/django", "-C", clone, "push", "URL", "HEAD:refs/heads/b1"
    )
    assert code != 0
    assert "Permission to django/django.git denied" in out


async def test_protected_branch_is_refused_alone(
    client: AppClient, github: LocalGitHub, django: Repository, clone: str
) -> None:
    """A push to a protected branch is refused with GH006, other refs of the push go through."""
    github.protect(django, "stable/*")
    refs = ("HEAD:refs/heads/stable/9", "HEAD:refs/heads/free")
    code, out = await client.run_git("django/django", "-C", clone, "push", "URL", *refs)
    assert code != 0
    assert "GH006: Protected branch update failed for refs/heads/stable/9." in out
    assert "(protected branch hook declined)" in out
    assert django.branch("free")
    assert django.branch("stable/9") is None


async def test_workflow_needs_its_permission(
    client: AppClient, github: LocalGitHub, django: Repository, clone: str
) -> None:
    """New commits that touch a workflow need `workflows`; workflows that stand do not."""
    del github.installation("django").permissions["workflows"]
    code, _ = await client.run_git(
        "django/django", "-C", clone, "push", "URL", "HEAD:refs/heads/plain"
    )
    assert code == 0
    await commit(client, clone, ".github/workflows/new.yml")
    code, out = await client.run_git(
        "django/django", "-C", clone, "push", "URL", "HEAD:refs/heads/flow"
    )
    assert code != 0
    assert (
        "(refusing to allow a GitHub App to create or update workflow "
        "`.github/workflows/new.yml` without `workflows` permission)" in out
    )
    assert django.branch("flow") is None


async def test_archived_repository_takes_no_push(
    client: AppClient, github: LocalGitHub, django: Repository, clone: str
) -> None:
    """An archived repository refuses pushes."""
    github.archive(django)
    code, out = await client.run_git(
        "django/django", "-C", clone, "push", "URL", "HEAD:refs/heads/b1"
    )
    assert code != 0
    assert "archived" in out
