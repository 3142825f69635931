"""Merging: done in git as GitHub does it, and what the API says of it afterwards."""

from __future__ import annotations

import pytest

from devkit.github import LocalGitHub, MergeConflict, Person
from devkit.github.client import AppClient
from devkit.github.state import Pull, Repository

AUTHOR = Person("Áda", "ada@example.org", "2022-10-02T12:00:00+02:00")


@pytest.fixture
async def two(github: LocalGitHub, django: Repository) -> Pull:
    """Give a pull request with two commits, opened before its base moved on."""
    await github.commit(django, "two", {"b.txt": "1\n"}, message="First", by=AUTHOR)
    await github.commit(django, "two", {"b.txt": "2\n"}, message="Second", by=AUTHOR)
    pull = await github.open_pull(django, "two", "main", by="someone", text="Fixed #2 -- Two.")
    await github.commit(django, "main", {"other.txt": "1\n"}, message="Meanwhile")
    return pull


async def history(django: Repository) -> list[str]:
    """Give the subjects on the main branch, newest first, without those of side branches."""
    return (await django.git.text("log", "--first-parent", "--format=%s", "main")).splitlines()


async def test_squash(github: LocalGitHub, django: Repository, two: Pull) -> None:
    """A squash is one commit on the base branch, by the author of the first commit."""
    sha = await github.merge(django, two, by="felixxm", method="squash")
    assert await history(django) == ["Fixed #2 -- Two. (#1)", "Meanwhile", "Begun"]
    assert (await django.git.commit(sha)).author.name == AUTHOR.name
    assert two.merge_commit_sha == sha == django.branch("main")


async def test_rebase(github: LocalGitHub, django: Repository, two: Pull) -> None:
    """A rebase puts each commit on the base branch, with author and author date kept."""
    sha = await github.merge(django, two, by="felixxm", method="rebase")
    assert await history(django) == ["Second", "First", "Meanwhile", "Begun"]
    commit = await django.git.commit(sha)
    assert (commit.author, commit.committer.name) == (AUTHOR, "felixxm")
    assert await django.git.text("show", "main:other.txt", "main:b.txt") == "1\n2"


async def test_merge_commit(github: LocalGitHub, django: Repository, two: Pull) -> None:
    """A merge commit has the base and the head as its parents."""
    base = django.branch("main")
    sha = await github.merge(django, two, by="felixxm", method="merge")
    assert (await django.git.commit(sha)).parents == (base, two.head_sha)
    assert [event.kind for event in two.timeline] == ["merged", "closed"]


async def test_merged_pull_keeps_its_figures(
    client: AppClient, github: LocalGitHub, django: Repository, two: Pull
) -> None:
    """After any merge the API shows the commits, files and merge commit of the pull request."""
    sha = await github.merge(django, two, by="felixxm", method="merge")
    shown = (await client.ask("GET", "/repos/django/django/pulls/1")).json
    assert (shown["merged"], shown["merge_commit_sha"], shown["commits"]) == (True, sha, 2)
    assert (shown["changed_files"], shown["merged_by"]["login"]) == (1, "felixxm")
    commits = (await client.ask("GET", "/repos/django/django/pulls/1/commits")).json
    assert [one["commit"]["message"] for one in commits] == ["First", "Second"]
    pulls = await client.ask("GET", f"/repos/django/django/commits/{sha}/pulls")
    assert [one["number"] for one in pulls.json] == [1]


async def test_conflict(client: AppClient, github: LocalGitHub, django: Repository) -> None:
    """Branches that do not merge cleanly are not mergeable and not merged."""
    pull = await github.open_pull(django, "fix", "main", by="someone")
    assert (await client.ask("GET", "/repos/django/django/pulls/1")).json["mergeable"] is True
    await github.commit(django, "main", {"a.txt": "3\n"}, message="Against it")
    assert (await client.ask("GET", "/repos/django/django/pulls/1")).json["mergeable"] is False
    with pytest.raises(MergeConflict):
        await github.merge(django, pull, by="felixxm")
    assert pull.state == "open"


async def test_hand_made_merge(github: LocalGitHub, django: Repository, two: Pull) -> None:
    """A pull request whose very head is pushed to the base branch is merged by that."""
    await github.push(django, {"refs/heads/main": two.head_sha}, by="felixxm")
    assert (two.state, two.merged) == ("closed", True)


async def test_deleted_head_branch(github: LocalGitHub, django: Repository, two: Pull) -> None:
    """Deleting the head branch closes the pull request unmerged."""
    await github.push(django, {"refs/heads/two": None}, by="someone")
    assert (two.state, two.merged) == ("closed", False)
