"""Django's releases as the devkit plays them: what each push holds, on the real trees."""

from __future__ import annotations

from pathlib import Path

from devkit import django, django_release
from devkit.django_release import Release, notes
from devkit.github import LocalGitHub, running_github
from devkit.github.bare import Person
from devkit.github.state import Repository

RELEASER = Person("releaser", "releaser@example.org", "2023-01-02T08:06:59+01:00")


async def published(github: LocalGitHub, folder: Path, *releases: Release) -> Repository:
    """Release versions of the real trees."""
    source = django.build(django.CACHE, folder / "django.git")
    repository = await github.add_repository("django", "django", source=source.git_dir)
    await django_release.publish(github, repository, releases, RELEASER)
    return repository


async def test_steps_of_a_release(tmp_path: Path) -> None:
    """The tag is annotated and stands below the branch's head, which is the next alpha already."""
    async with running_github(tmp_path / "github") as github:
        one = Release("stable/4.1.x", "4.1.5", "4.1.6", stub=True, man_page=True)
        git = (await published(github, tmp_path, one)).git
        log = await git.text("log", "--reverse", "--format=%cI %s", "-4", one.branch)
        assert log.splitlines() == [
            "2023-01-02T08:10:59+01:00 [4.1.x] Updated man page for Django 4.1.5.",
            "2023-01-02T08:14:59+01:00 [4.1.x] Bumped version for 4.1.5 release.",
            "2023-01-02T08:18:59+01:00 [4.1.x] Post-release version bump.",
            "2023-01-02T08:22:59+01:00 [4.1.x] Added stub release notes for 4.1.6.",
        ]
        assert await git.text("log", "-1", "--format=%s", "4.1.5") == log.splitlines()[1][26:]
        assert await git.text("cat-file", "-t", "refs/tags/4.1.5") == "tag"
        assert 'VERSION = (4, 1, 5, "final", 0)' in await git.text(
            "show", "4.1.5:django/__init__.py"
        )
        assert 'VERSION = (4, 1, 6, "alpha", 0)' in await git.text(
            "show", f"{one.branch}:django/__init__.py"
        )
        assert "*Expected February 1, 2023*" in await git.text(
            "show", f"{one.branch}:{notes('4.1.6')}"
        )


async def test_released_together(tmp_path: Path) -> None:
    """Several versions are one push of branches and one of tags; quotes stay as they are."""
    async with running_github(tmp_path / "github") as github:
        older = (
            Release("stable/4.0.x", "4.0.9", "4.0.10"),
            Release("stable/3.2.x", "3.2.17", "3.2.18"),
        )
        repository = await published(github, tmp_path, *older)
        pushed = [one.payload["ref"] for one in github.webhooks.deliveries if one.event == "push"]
        assert pushed == [
            "refs/heads/stable/3.2.x",
            "refs/heads/stable/4.0.x",
            "refs/tags/3.2.17",
            "refs/tags/4.0.9",
        ]
        text = await repository.git.text("show", "stable/3.2.x:django/__init__.py")
        assert "VERSION = (3, 2, 18, 'alpha', 0)" in text
