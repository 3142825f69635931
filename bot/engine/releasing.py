"""What is known of a repository's exceptions and open votes, for whoever makes its releases."""

from __future__ import annotations

from bot.core.checklist_lines import version_of
from bot.core.errors import UserError
from bot.core.model import Repository
from bot.core.release_view import Followed, Releases
from bot.engine import cases, register
from bot.engine.cases import Case
from bot.engine.world import github, world

TITLES = 20
"""Of how many exceptions the title is asked for: each is a request; the others show as numbers."""


async def read(repository: Repository, site: str, version: str | None) -> Releases:
    """Read the database, and the titles of those that concern a version.

    `site` is the address of GitHub's pages.
    """
    found = await cases.every(repository.id)
    titles = await _titles(repository, found, version) if version else {}
    return Releases(
        repository=repository.full_name,
        url=f"{site.rstrip('/')}/{repository.full_name}",
        followed=tuple(
            Followed(case.number, titles.get(case.number, ""), case.checklist) for case in found
        ),
        votes=await register.open_motions(repository.id),
    )


async def for_everybody(site: str, name: str, version: str | None) -> Releases | None:
    """Read the same of `owner/name`, None unless all the world may know it."""
    owner, _, short = name.partition("/")
    found = await world().app.find(owner, short)
    return await read(found.repository, site, version) if found and found.public else None


async def _titles(repository: Repository, found: tuple[Case, ...], version: str) -> dict[int, str]:
    api, titles = github(repository), dict[int, str]()
    for case in [case for case in found if _concerns(case, version)][-TITLES:]:
        try:
            titles[case.number] = (await api.pull(case.number)).title
        except UserError:
            continue  # it was deleted, or is an issue by now: its number is left
    return titles


def _concerns(case: Case, version: str) -> bool:
    return any(version_of(row) == version for row in case.checklist.rows)
