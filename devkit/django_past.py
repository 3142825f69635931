"""Sets Django's repository back to a day on which 4.1.5 was not out yet, with its notes begun.

Main comes from an archive that is some weeks younger than the request of ticket 34063, or from the
fix's own commit, which is some weeks older.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from devkit import django, django_release
from devkit.django_release import INDEX, Release, notes
from devkit.github import LocalGitHub
from devkit.github.bare import Person
from devkit.github.state import Repository

BEFORE = datetime(2022, 11, 8, 14, tzinfo=UTC)
"""The moment of what is made up here: the day of the fix."""

NEWEST = "stable/4.1.x"
_BEGUN = Release(NEWEST, "4.1.4", "4.1.5", stub=True)


def releaser(login: str, at: datetime) -> Person:
    """Give who commits and tags at a moment."""
    return Person(login, f"{login}@users.noreply.github.com", at.isoformat(timespec="seconds"))


async def set_back(github: LocalGitHub, repository: Repository, by: Person) -> None:
    """Let the notes of 4.1.5 be begun, with nothing after them, and tag what is released."""
    git = repository.git
    if await git.text("ls-tree", "main", notes(_BEGUN.following)):
        await _rewind(github, repository, by)
    else:
        await django_release.begin_notes(github, repository, _BEGUN, by)
    await github.tag(repository, await _released(repository), by=by)


async def _rewind(github: LocalGitHub, repository: Repository, by: Person) -> None:
    """Let the notes of 4.1.5 be as they were: with one fix in them."""
    path = notes("4.1.5")
    text = await repository.git.text("show", f"main:{path}")
    text = re.sub(
        r"fixes a bug in 4\.1\.4\..*?\n\n",
        "fixes several bugs in 4.1.4.\n\n",
        text,
        flags=re.DOTALL,
    )
    begun = f"{text.replace('*January', '*Expected January')}\n"
    index = await repository.git.text("show", f"main:{INDEX}")
    files: dict[str, str | bytes | None] = {path: begun, notes("4.1.6"): None}
    files[INDEX] = index.replace("   4.1.6\n", "") + "\n"
    await github.commit(repository, "main", files, message="Went back in time.", by=by)
    index = await repository.git.text("show", f"{NEWEST}:{INDEX}")
    files = {path: begun, INDEX: index.replace("   4.1.4\n", "   4.1.5\n   4.1.4\n", 1) + "\n"}
    await github.commit(repository, NEWEST, files, message="[4.1.x] Added notes for 4.1.5.", by=by)


async def _released(repository: Repository) -> dict[str, str]:
    """Give the commits of the releases after which the branches stand.

    In a real clone the branches stand at the releases themselves.
    """
    git, found = repository.git, {}
    for branch, version in django.STABLE.items():
        made = await git.resolve(f"main^{{/^Django {version}, from}}")
        found[version] = made or await git.text("rev-parse", f"{branch}^{{commit}}")
    return found
