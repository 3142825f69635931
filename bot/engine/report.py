"""The checklist on the source pull request: written by the job, refreshed by what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.core import checklist as lists
from bot.core import checklist_text, marker
from bot.core.checklist import Checklist, Row
from bot.core.errors import UserError
from bot.core.model import Comment, Repository
from bot.engine import durable
from bot.engine.exception import Job
from bot.engine.world import github
from bot.ports import Check

_NAME = "Stablehand checklist"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a checklist stands: a comment or, where the conversation is locked, a check run."""

    repository: Repository
    pull: int
    comment: int | None
    sha: str


async def write(job: Job, checklist: Checklist) -> Place:
    """Write the job's rows into the checklist, making it where there is none."""
    standing = await _standing(job)
    place = Place(job.repository, job.pull.number, None, checklist.sources[-1])
    if standing:
        await _edit(job.repository, standing, lambda old: old.followed_by(checklist), checklist)
        return replace(place, comment=standing.id)
    body = marker.section(lists.KIND, checklist_text.render(checklist))
    try:
        comment = await github(job.repository).post_comment(job.pull.number, body)
    except UserError:
        await _as_check(place, checklist)
        return place
    return replace(place, comment=comment.id)


async def _standing(job: Job) -> Comment | None:
    """Find the checklist; the job's own timeline is good enough unless this step ran before."""
    said: Sequence[Comment] | None = job.timeline.comments
    if said is None and not job.pull.comments:
        said = ()
    if said is None or not durable.first_time():
        said = await github(job.repository).comments(job.pull.number)
    return marker.find(said, lists.KIND)


async def refresh(place: Place, checklist: Checklist, tests: Mapping[str, str]) -> None:
    """Put the tests' results (branch → line) in, and leave everything else as it stands now."""

    def change(row: Row) -> Row:
        return replace(row, tests=tests.get(row.branch, row.tests))

    if place.comment is None:
        await _as_check(place, checklist.changed(change))
        return
    comment = await github(place.repository).comment(place.comment)
    if comment:
        await _edit(place.repository, comment, lambda old: old.changed(change), None)


async def amend(
    repository: Repository, number: int, change: Callable[[Checklist], Checklist]
) -> None:
    """Change the checklist that stands on a pull request, if one does."""
    comment = marker.find(await github(repository).comments(number), lists.KIND)
    if comment:
        await _edit(repository, comment, change, None)


async def _edit(
    repository: Repository,
    comment: Comment,
    change: Callable[[Checklist], Checklist],
    otherwise: Checklist | None,
) -> None:
    """Apply a change to the state in a comment; `otherwise` stands in for a spoilt state."""
    old = lists.read(comment.body)
    new = change(old) if old else otherwise
    if new is None:
        return
    text = checklist_text.render(new, before=comment.body)
    body = marker.replace_section(comment.body, lists.KIND, text)
    if body != comment.body:
        await github(repository).edit_comment(comment.id, body)


async def _as_check(place: Place, checklist: Checklist) -> None:
    """Show the checklist as a check run of the merged commit: comments are closed to us."""
    api, external_id = github(place.repository), f"checklist:{place.pull}"
    shown = Check(
        name=_NAME,
        head_sha=place.sha,
        external_id=external_id,
        status="completed",
        title=f"Backports of #{place.pull}",
        summary=checklist_text.render(checklist),
        conclusion="neutral",
    )
    found = await api.find_check(place.sha, _NAME, external_id)
    if found is None:
        await api.create_check(shown)
    else:
        await api.update_check(found, shown)
