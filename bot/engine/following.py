"""A person pushed to a backport: whether conflicts are left, how it compares, who is next."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core import checklist as lists
from bot.core import equality, marker, pick_text, series
from bot.core.checklist import Checklist, Row
from bot.core.commands import BackportChanged
from bot.core.config import Configuration
from bot.core.equality import Equality
from bot.core.finding import Finding
from bot.core.model import Conflict, Outcome, Pick, PullRequest
from bot.core.pick_text import About
from bot.engine import backport, durable, last_seen, report, testing, unresolved
from bot.engine.errand import Errand
from bot.engine.exception import Chain, Job, Order, ordered, usable
from bot.engine.report import Place
from bot.engine.testing import Round
from bot.engine.world import github, world

_HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Found:
    """The state of a backport after a push: its row, what is unresolved, how it compares.

    `base` is the commit of the target branch from which it forked.
    """

    checklist: Checklist
    comment: int
    row: Row
    pull: PullRequest
    configuration: Configuration
    conflicts: tuple[Conflict, ...]
    findings: tuple[Finding, ...]
    equality: Equality
    base: str

    @property
    def about(self) -> About:
        """Give what the pull request says of it now."""
        outcome = Outcome.CONFLICT if self.conflicts else Outcome.PICKED
        pick = Pick(
            outcome, commit=self.pull.head_sha, conflicts=self.conflicts, findings=self.findings
        )
        by_hand = self.row.by_hand if self.conflicts else ""
        return About(pick, self.row.series, by_hand=by_hand, equality=self.equality)


async def carry_out(command: BackportChanged) -> None:
    """Follow a backport; one that no checklist knows is nobody's business of ours."""
    found: Found | None = await durable.step("look", _look, command, returns=Found | None)
    if found is None:
        return
    repository, head = command.repository, found.pull.head_sha
    if found.row.outcome is Outcome.CONFLICT:
        await durable.step(
            "conflicts", unresolved.show, repository, head, found.conflicts, returns=None
        )
    await durable.step("describe", _describe, command, found, returns=None)
    errands = await _test(command, found)
    await durable.step("amend", _amend, command, found, bool(errands), returns=None)
    place = Place(repository, command.source, found.comment, found.checklist.sources[-1])
    await testing.gather(Round(place, found.checklist, errands))
    if found.row.outcome is Outcome.CONFLICT and not found.conflicts:
        job: Job | None = await durable.step("chain", _chain, command, found, returns=Job | None)
        if job:
            await backport.bring(job)


async def _look(command: BackportChanged) -> Found | None:
    api = github(command.repository)
    comment = marker.find(await api.comments(command.source), lists.KIND)
    checklist = lists.read(comment.body) if comment else None
    rows = checklist.rows if checklist else ()
    row = next((one for one in rows if one.pull == command.pull), None)
    if comment is None or checklist is None or row is None:
        return None
    pull = await api.pull(command.pull)
    configuration = await usable(api, command.repository)
    async with world().mirrors.open(command.repository) as mirror:
        wanted = [_HEADS + name for name in (pull.head_branch, row.branch, pull.default_branch)]
        refs = await mirror.fetch(await api.token(), wanted)
        head, target = refs[wanted[0]], refs[wanted[1]]
        base = await mirror.merge_base(head, target) or target
        conflicts = await mirror.unresolved(base, head)
        findings = () if conflicts else await mirror.check(base, head)
        likeness = await mirror.compare(checklist.sources, base, head)
    await last_seen.put(command.repository.id, last_seen.head(command.pull), head)
    pull = replace(pull, head_sha=head)
    return Found(
        checklist, comment.id, row, pull, configuration, conflicts, findings, likeness, base
    )


async def _describe(command: BackportChanged, found: Found) -> None:
    """Bring the pull request's own text up to date, and make it ready where that is wanted."""
    api, text = github(command.repository), pick_text.text(found.about)
    body = marker.replace_section(found.pull.body, pick_text.KIND, text)
    if body != found.pull.body:
        await api.update_pull(command.pull, body=body)
    open_ = pick_text.needs_a_person(found.about.pick)
    if found.pull.draft and not open_ and found.configuration.ready_when_resolved:
        await api.set_draft(found.pull, draft=False)


async def _test(command: BackportChanged, found: Found) -> tuple[Errand, ...]:
    """Start the tests of the new head, unless conflict markers stand in it."""
    row, plan = found.row, found.configuration.test_plan(found.row.branch)
    if plan is None or found.conflicts:
        return ()
    errand = Errand(
        repository=command.repository,
        branch=row.branch,
        series=row.series,
        head_branch=found.pull.head_branch,
        sha=found.pull.head_sha,
        onto=found.base,
        plan=plan,
        drift=equality.drift(found.equality),
    )
    return (errand,) if await testing.start(errand, fresh=False) else ()


async def _amend(command: BackportChanged, found: Found, queued: bool) -> None:  # noqa: FBT001 - steps pass by position
    about = found.about

    def change(row: Row) -> Row:
        if row.pull != command.pull:
            return row
        return replace(
            row,
            outcome=about.pick.outcome,
            pick=pick_text.summary(about),
            by_hand=about.by_hand,
            conflicts=tuple(conflict.path for conflict in found.conflicts),
            tests="⏳ queued" if queued else "" if found.conflicts else row.tests,
        )

    await report.amend(command.repository, command.source, lambda old: old.changed(change))


async def _chain(command: BackportChanged, found: Found) -> Job | None:
    """Order the older series, which still wait, to be picked from what this person made."""
    if not found.configuration.resolvers.chain:
        return None
    mine = series.age_key(found.row.series)
    waiting = tuple(
        row.series
        for row in found.checklist.rows
        if row.outcome is Outcome.CONFLICT and row.pull and series.age_key(row.series) < mine
    )
    if not waiting:
        return None
    api = github(command.repository)
    chain = Chain(found.pull.head_branch, found.row.branch, found.row.conflicts)
    source, by = await api.pull(command.source), (found.checklist.label, found.checklist.claimed_by)
    order = Order(series=waiting, again=True, chain=chain)
    return (await ordered(command.repository, source, by, order)).job
