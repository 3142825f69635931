"""The walk of one claim: examine, pick and push, open, start the tests, furnish, report."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core import (
    claim_text,
    comments,
    equality,
    markdown,
    marker,
    note_text,
    noted,
    pick_text,
    policy,
)
from bot.core.checklist import Checklist, Row
from bot.core.commands import Claim
from bot.core.errors import Transient, UserError
from bot.core.landing import Landing, Way
from bot.core.pull_text import Source
from bot.engine import (
    durable,
    gating,
    messages,
    opening,
    report,
    saying,
    testing,
    tracking,
    unresolved,
    withdrawing,
)
from bot.engine.errand import Errand
from bot.engine.exception import Examined, Job, Remark, examine, unread
from bot.engine.opening import Opened
from bot.engine.picking import Picked, Picking, pick_and_push
from bot.engine.report import Place
from bot.engine.testing import Round


@dataclass(frozen=True, slots=True)
class _Reached:
    """How far one target came: its row, the errand of its tests, and whether that is new."""

    row: Row
    errand: Errand | None = None
    new: bool = False


async def carry_out(command: Claim) -> None:
    """Carry out one claim; every step is recorded and safe to do twice."""
    repository, number = command.repository, command.pull
    examined = await _examine(command)
    for remark in examined.remarks:
        await durable.step("say", saying.say_once, repository, number, remark, returns=None)
    for label in examined.take_off:
        await durable.step("take off", saying.take_off, repository, number, label, returns=None)
    if examined.job:
        await bring(examined.job)
    if examined.revisit:
        await withdrawing.reconsider(repository, number)


async def _examine(command: Claim) -> Examined:
    """Examine a claim; a label that cannot be checked for long is refused."""
    repository, label = command.repository, command.label
    try:
        found: Examined = await durable.step(
            "examine", examine, repository, command.pull, label, returns=Examined
        )
    except Transient as error:
        if label is None:
            raise
        return await durable.step(
            "give up", unread, repository, label, error.message, returns=Examined
        )
    return found


async def own_up(command: Claim) -> None:
    """Say on the pull request that a fault of ours stopped the work."""
    remark = Remark(comments.PROBLEM, comments.fault())
    await durable.step(
        "own up", saying.say_once, command.repository, command.pull, remark, returns=None
    )


async def bring(job: Job) -> None:
    """Bring the fix to every target, newest series first, and report; or only forecast it."""
    try:
        picking: Picking = await durable.step("pick and push", pick_and_push, job, returns=Picking)
    except UserError as error:
        await _complain(job, comments.PROBLEM, comments.problem(error.message))
        return
    if job.order.forecast:
        await _forecast(job, picking)
        return
    if picking.unbacked:
        await _complain(job, comments.PROBLEM, comments.problem(picking.unbacked))
        for label in job.labels:
            await durable.step(
                "take off", saying.take_off, job.repository, job.pull.number, label, returns=None
            )
        return
    if not picking.sources:
        words = comments.not_landed(job.pull.base_branch, picking.candidates)
        await _complain(job, comments.LANDED, words)
        return
    if not picking.targets:
        words = comments.problem("No branch of this repository is a target.")
        await _complain(job, comments.PROBLEM, words)
        return
    reached = [await _open(job, picking, picked) for picked in picking.targets]
    await _report(job, picking, reached)


async def _forecast(job: Job, picking: Picking) -> None:
    """Say how it would pick; where the commits cannot be had, that it waits for the merge."""
    if not picking.sources:
        await _complain(job, comments.WAITS, comments.waits_for_merge(job.label))
        return
    rows = tuple(_row(picked) for picked in picking.targets)
    checklist = Checklist(picking.sources, job.actor, job.label, rows, forecast=True)
    await durable.step("checklist", report.write, job, checklist, returns=Place)


async def _report(job: Job, picking: Picking, reached: list[_Reached]) -> None:
    """Write the checklist, and have the tests that this job started report to it."""
    errands = [one.errand for one in reached if one.errand]
    known = await testing.results(errands)
    rows = (replace(r.row, tests=known.get(r.row.branch, r.row.tests)) for r in reached)
    basis = _basis(job)
    checklist = Checklist(picking.sources, job.actor, job.label, tuple(rows), basis=basis)
    place: Place = await durable.step("checklist", report.write, job, checklist, returns=Place)
    await _settle(job)
    new = [one.errand for one in reached if one.errand and one.new]
    missing = tuple(errand for errand in new if errand.branch not in known)
    await testing.gather(Round(place, checklist, missing))
    if any(picked.note and picked.note.commit for picked in picking.targets):
        await tracking.start(job.repository, job.pull.number, messages.own_id())


async def _settle(job: Job) -> None:
    """Take back the complaints of earlier tries, which no longer hold."""
    said = job.timeline.comments or ()
    over = comments.COMPLAINTS if job.partly else (*comments.COMPLAINTS, claim_text.PARTLY)
    for kind in (*over, claim_text.REFUSED):
        if marker.find(said, kind):
            await _complain(job, kind, comments.settled(kind))


async def _complain(job: Job, kind: str, body: str) -> None:
    remark, number = Remark(kind, body), job.pull.number
    await durable.step("complain", saying.say_once, job.repository, number, remark, returns=None)


async def _open(job: Job, picking: Picking, picked: Picked) -> _Reached:
    """Open one backport pull request; what stops it goes into its row."""
    row = _row(picked)
    if picked.push is None:
        return _Reached(row)
    source = Source(
        *(job.pull.number, picking.subject, picking.sources, job.label, job.actor),
        decision=claim_text.basis(job.permit.basis) if job.permit else "",
    )
    try:
        opened: Opened | None = await durable.step(
            f"open {row.series}", opening.open_pull, job, picked, source, returns=Opened | None
        )
        if opened is None:
            return _Reached(row)
        if opened.ours:
            name = f"policy {row.series}"
            await durable.step(name, gating.first, job, opened, source, returns=None)
        landing = Landing(opened.head_sha, Way.PULL) if opened.merged else None
        row = replace(row, pull=opened.number, landing=landing, closed=opened.closed)
        return await _furnish(job, picked, (opened, row))
    except UserError as error:
        return _Reached(_with_detail(row, error.message))


async def _furnish(job: Job, picked: Picked, at: tuple[Opened, Row]) -> _Reached:
    """Start the tests of a pull request, then give it all that belongs on it."""
    (opened, row), series = at, picked.target.series
    reached = await _test(job, picked, opened, row)
    row = reached.row
    if job.order.again and not opened.fresh:
        await durable.step(f"renew {series}", opening.renew, job, opened, picked, returns=None)
    elif opened.ours:
        await durable.step(f"dress {series}", opening.dress, job, opened, returns=None)
        problem: str = await durable.step(
            f"ask for review {series}", opening.ask_for_review, job, opened, returns=str
        )
        row = _with_detail(row, problem)
    await durable.step(f"note {series}", opening.say_note, job, opened, picked, returns=None)
    again = job.order.again and not opened.fresh
    if not _left_alone(row, opened) and (picked.pick.conflicts or again):
        await durable.step(
            f"conflicts {series}",
            unresolved.show,
            *(job.repository, opened.head_sha, picked.pick.conflicts),
            returns=None,
        )
    return replace(reached, row=row)


async def _test(job: Job, picked: Picked, opened: Opened, row: Row) -> _Reached:
    """Start the tests of what was opened, unless it is not for us to test."""
    plan = job.configuration.test_plan(picked.target.branch)
    over = opened.merged or opened.closed or _left_alone(row, opened)
    if plan is None or over or picked.pick.conflicts:
        return _Reached(row)
    errand = Errand(
        repository=job.repository,
        branch=picked.target.branch,
        series=picked.target.series,
        head_branch=picked.head_branch,
        sha=opened.head_sha,
        onto=picked.onto,
        plan=plan,
        drift=equality.drift(picked.equality),
    )
    try:
        new = await testing.start(errand, fresh=opened.ours)
    except UserError as error:
        return _Reached(replace(row, tests=markdown.plain(error.message)))
    return _Reached(replace(row, tests="⏳ queued"), errand, new)


def _basis(job: Job) -> str:
    """Say in one sentence by what right it is done; a plain project is told that it could vote."""
    if job.permit is None:
        return policy.FREE
    return f"Decided: {claim_text.basis(job.permit.basis)}."


def _left_alone(row: Row, opened: Opened) -> bool:
    return row.standing and not opened.fresh


def _row(picked: Picked) -> Row:
    """Start the row of one target with what the pick and the push said."""
    pick, note = picked.pick, picked.note
    said = note_text.release_note(note, picked.target) if note else ""
    told = noted.of(note, said, pick.commit or "") if note else None
    row = Row(
        branch=picked.target.branch,
        series=picked.target.series,
        outcome=pick.outcome,
        pick=pick_text.summary(picked.about),
        by_hand=picked.by_hand,
        conflicts=tuple(conflict.path for conflict in pick.conflicts),
        note=noted.line(told) if told else "",
        version=note.place.version or None if note else None,
        standing=opening.stands(picked.push),
        noted=told,
    )
    detail = "" if pick.conflicts else pick.detail
    return _with_detail(_with_detail(row, detail), opening.standing(picked.push))


def _with_detail(row: Row, detail: str) -> Row:
    """Add a detail to what the row says of the pick."""
    details = (row.pick, markdown.plain(detail))
    return replace(row, pick="; ".join(part for part in details if part))
