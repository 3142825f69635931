"""The checklist on the source pull request: written by the job, refreshed by what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.core import checklist as lists
from bot.core import checklist_text, marker
from bot.core.checklist import Checklist
from bot.core.errors import UserError
from bot.core.model import Comment, Repository
from bot.engine import cases, durable
from bot.engine.cases import Case
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
    repository, number = job.repository, job.pull.number
    standing, known = await _standing(job), await cases.find(repository.id, number)
    read = lists.read(standing.body) if standing else None
    old = known.checklist if known else read
    new = old.followed_by(checklist) if old else checklist
    place = Place(repository, number, None, checklist.sources[-1])
    place = await (_edit(place, new, standing) if standing else _post(place, new))
    await _remember(place, new)
    return place


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
    known = await known_at(place.repository, place.pull)
    case = known or Case(place.repository, place.pull, place.comment or 0, checklist)
    new = case.checklist.changed(
        lambda row: replace(row, tests=tests.get(row.branch, row.tests)),
    )
    await keep(replace(case, checklist=new))


async def amend(
    repository: Repository, number: int, change: Callable[[Checklist], Checklist]
) -> None:
    """Change the checklist that stands on a pull request, if one does."""
    case = await known_at(repository, number)
    if case:
        await keep(replace(case, checklist=change(case.checklist)))


async def keep(case: Case) -> None:
    """Write a case down as it is now: on GitHub, where that shows something else, and here.

    A checklist whose comment is gone is written again.
    """
    place = Place(case.repository, case.number, case.comment or None, case.checklist.sources[-1])
    known = await cases.find(case.repository.id, case.number)
    if place.comment or known is None or known.checklist != case.checklist:
        place = await _show(place, case.checklist)
    await _remember(place, case.checklist, ended=case.ended)


async def known_at(repository: Repository, number: int) -> Case | None:
    """Give what is known of the exception at a pull request: our own copy, else the comment's."""
    if found := await cases.find(repository.id, number):
        return found
    comment = marker.find(await github(repository).comments(number), lists.KIND)
    checklist = lists.read(comment.body) if comment else None
    return Case(repository, number, comment.id, checklist) if comment and checklist else None


async def _show(place: Place, checklist: Checklist) -> Place:
    """Bring to GitHub what it does not show yet."""
    if place.comment is None:
        await _as_check(place, checklist)
        return place
    api = github(place.repository)
    standing = await api.comment(place.comment)
    if standing is None:  # an earlier try may have written it anew
        standing = marker.find(await api.comments(place.pull), lists.KIND)
    return await (_edit(place, checklist, standing) if standing else _post(place, checklist))


async def _edit(place: Place, checklist: Checklist, standing: Comment) -> Place:
    """Put a checklist into its comment, where that shows something else."""
    text = checklist_text.render(checklist, before=standing.body)
    body = marker.replace_section(standing.body, lists.KIND, text)
    if body != standing.body:
        await github(place.repository).edit_comment(standing.id, body)
    return replace(place, comment=standing.id)


async def _post(place: Place, checklist: Checklist) -> Place:
    """Write a checklist that does not stand yet."""
    body = marker.section(lists.KIND, checklist_text.render(checklist))
    try:
        comment = await github(place.repository).post_comment(place.pull, body)
    except UserError:
        await _as_check(place, checklist)
        return replace(place, comment=None)
    return replace(place, comment=comment.id)


async def _remember(place: Place, checklist: Checklist, *, ended: bool = False) -> None:
    """Keep a copy; a forecast is no case, because nothing of it can move."""
    if not checklist.forecast:
        case = Case(place.repository, place.pull, place.comment or 0, checklist, ended)
        await cases.put(case)


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
