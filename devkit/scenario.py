"""The case that started it all: ticket 34063, merged on main and wanted on three branches."""

from __future__ import annotations

from dataclasses import dataclass

from devkit.django import STABLE, DjangoRepository
from devkit.github import LocalGitHub
from devkit.github.state import Pull, Repository

LABEL = "council exception"
MERGER = "felixxm"
CONTRIBUTOR = "shalgrim"
TARGETS = tuple(reversed(STABLE))
"""The target branches, newest first."""

TITLE = "Fixed #34063 -- Fixed reading request body with async request factory and client."


@dataclass(frozen=True, slots=True)
class Case:
    """A repository with the fix merged and its pull request closed, and no label yet."""

    repository: Repository
    pull: Pull
    fix: str


async def merged_fix(github: LocalGitHub, source: DjangoRepository) -> Case:
    """Play the case up to the merge, as it went: rebased, pushed by hand, shown as merged."""
    repository = await opened_fix(github, source)
    pull = next(iter(repository.pulls.values()))
    await github.push(repository, {"refs/heads/main": source.fix_sha}, by=MERGER)
    if not pull.merged:
        github.mark_merged(repository, pull, source.fix_sha, by=MERGER)
    return Case(repository, pull, source.fix_sha)


async def opened_fix(github: LocalGitHub, source: DjangoRepository) -> Repository:
    """Play the case up to the open pull request."""
    repository = await github.add_repository("django", "django", source=source.git_dir)
    github.add_team("django", "mergers", [MERGER])
    github.grant(repository, MERGER, "maintain")
    before = await repository.git.resolve(f"{source.fix_sha}^")
    heads = {"refs/heads/ticket_34063": source.fix_sha, "refs/heads/main": before}
    await github.push(repository, heads, by=CONTRIBUTOR)
    await github.open_pull(repository, "ticket_34063", "main", by=CONTRIBUTOR, text=TITLE)
    return repository
