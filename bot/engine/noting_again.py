"""The notes of an exception at each look: said on the backports, committed, moved, brought on."""

from __future__ import annotations

from dataclasses import replace

from bot.core import comments, noted
from bot.core.checklist import Checklist, Row
from bot.core.errors import UserError
from bot.core.noted import Share
from bot.engine import durable, note_keeping, note_sharing, saying, testing
from bot.engine.errand import Errand
from bot.engine.exception import Remark
from bot.engine.note_keeping import Kept, KeptNote
from bot.engine.report import Place
from bot.engine.seeing import Look
from bot.engine.testing import Round
from bot.engine.world import world


async def attend(look: Look) -> Checklist:
    """Bring the notes up to date, and say in each row and of each branch how far they are."""
    checklist = look.case.checklist
    if look.configuration.release_notes == "none" or checklist.forecast:
        return checklist
    kept: Kept = await durable.step("keep notes", note_keeping.keep, look, returns=Kept)
    for one in kept.notes:
        await _say(look, one)
    shares = tuple([await _open(look, lack, title) for lack, title in kept.lacks])
    tested = await _test(look, [one for one in kept.notes if one.pushed])
    notes = {one.branch: one for one in kept.notes}
    checklist = replace(checklist, shares=shares)
    return checklist.changed(lambda row: _changed(row, notes.get(row.branch), tested))


def _changed(row: Row, one: KeptNote | None, tested: frozenset[str]) -> Row:
    if one is None:
        return row
    now = noted.after(row.noted, one.noted) or one.noted
    tests = "⏳ queued" if row.branch in tested else row.tests
    return replace(row, noted=now, note=noted.line(now), tests=tests)


async def _say(look: Look, one: KeptNote) -> None:
    """Bring the comment on a backport up to date, where it says something else."""
    row = next(row for row in look.case.checklist.rows if row.branch == one.branch)
    if row.pull is None or (row.noted and row.noted.said == one.noted.said):
        return
    remark = Remark(comments.STUB, one.body)
    await durable.step(
        f"note {row.series}", saying.say_once, look.case.repository, row.pull, remark, returns=None
    )


async def _open(look: Look, lack: note_sharing.Lack, title: str) -> Share:
    """Open the pull request that brings notes to another branch, or bring it up to date."""
    share = lack.share
    if not lack.changes:
        return share
    repository, source = look.case.repository, look.seen.source.number
    try:
        opened: Share = await durable.step(
            f"forward notes to {share.branch}",
            note_sharing.open_pull,
            repository,
            source,
            lack,
            title,
            returns=Share,
        )
    except UserError as error:
        return replace(share, remarks=(*share.remarks, error.message))
    world().observer.note("forwarded", branch=share.branch, pull=opened.pull)
    return opened


async def _test(look: Look, pushed: list[KeptNote]) -> frozenset[str]:
    """Start the proofs of the heads that we moved; give the branches whose proof is new."""
    errands = []
    for one in pushed:
        errand = _errand(look, one)
        if errand and await testing.start(errand, fresh=False):
            errands.append(errand)
    case = look.case
    place = Place(case.repository, case.number, case.comment or None, case.checklist.sources[-1])
    await testing.gather(Round(place, case.checklist, tuple(errands)))
    return frozenset(errand.branch for errand in errands)


def _errand(look: Look, one: KeptNote) -> Errand | None:
    """Order the proof of one head; its branch is taken as it was seen."""
    seen = look.seen.target(one.branch)
    plan = look.configuration.test_plan(one.branch)
    if plan is None or seen is None or seen.pull is None:
        return None
    return Errand(
        repository=look.case.repository,
        branch=one.branch,
        series=seen.series,
        head_branch=seen.pull.head_branch,
        sha=one.pushed,
        onto=one.onto,
        plan=plan,
    )
