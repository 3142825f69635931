"""One fetch, a pick per target, one push: everything that needs the mirror, in one step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.core import comments
from bot.core.advice import NO_ADVICE, Advice
from bot.core.config import TargetPattern
from bot.core.equality import Equality
from bot.core.errors import UserError
from bot.core.model import (
    Conflict,
    Outcome,
    Pick,
    PullRequest,
    Push,
    PushState,
    Recipe,
    Resolution,
    Target,
)
from bot.core.pick_text import About
from bot.core.release_notes import Note
from bot.engine import durable, last_seen, noting
from bot.engine.exception import Chain, Job
from bot.engine.noting import Told
from bot.engine.world import github, world
from bot.mirror_ports import Mirror

_HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Picked:
    """What came of one target.

    `onto` is the tip of the branch that it was picked on to. `by_hand` tells how to finish it
    where a person must, with `advice`; `equality` sets it beside main, and `settled` shows as a
    patch what rules made of conflicting files.
    """

    target: Target
    head_branch: str
    pick: Pick
    onto: str = ""
    push: Push | None = None
    note: Note | None = None
    by_hand: str = ""
    advice: Advice = NO_ADVICE
    equality: Equality | None = None
    settled: str = ""

    @property
    def about(self) -> About:
        """Give what the pull request says of the pick."""
        return About(
            pick=self.pick,
            series=self.target.series,
            by_hand=self.by_hand,
            settled=self.settled,
            equality=self.equality,
            advice=self.advice,
        )

    @property
    def head(self) -> str | None:
        """Give the commit that the head branch gets: the pick, its note, or what there is of it."""
        return (self.note and self.note.commit) or self.pick.commit or self.pick.partial


@dataclass(frozen=True, slots=True)
class Picking:
    """What came of all targets; without `sources`, `candidates` are what a person chooses from.

    `subject` is that of the source commit, or the pull request's title where there are several.
    `unbacked` says why nothing was picked: the decision is on another commit than these.
    """

    sources: tuple[str, ...]
    subject: str
    targets: tuple[Picked, ...]
    candidates: tuple[tuple[str, ...], ...] = ()
    unbacked: str = ""


@dataclass(frozen=True, slots=True)
class _Bench:
    """What lies ready while the mirror is locked: the refs just fetched and the commits to pick."""

    mirror: Mirror
    job: Job
    refs: Mapping[str, str]
    sources: tuple[str, ...]
    what: Told


async def pick_and_push(job: Job) -> Picking:
    """Do it; done again it finds its own branches and changes nothing. A forecast only picks."""
    async with world().mirrors.open(job.repository) as mirror:
        token = await github(job.repository).token()
        refs = await mirror.fetch(token, _refs(job))
        sources, candidates = await _sources(mirror, job)
        if not sources:
            return Picking((), job.pull.title, (), candidates)
        if unbacked := _unbacked(job, sources):
            return Picking(sources, job.pull.title, (), unbacked=unbacked)
        subject = await mirror.subject(sources[0]) if len(sources) == 1 else job.pull.title
        said = job.timeline.comments or ()
        asked = await noting.asked(job.repository, job.configuration, said)
        what = await noting.told(mirror, job.configuration, job.pull, sources, asked)
        bench = _Bench(mirror, job, refs, sources, what)
        picked = [await _pick(bench, target) for target in _targets(job, refs)]
        if not job.order.forecast:
            picked = await _push(bench, token, picked)
        for one in picked:
            _note_down(one)
        shown = (job.pull.head_sha,) if job.pull.is_open else sources
        return Picking(shown, subject, tuple(picked))


async def _push(bench: _Bench, token: str, picked: list[Picked]) -> list[Picked]:
    heads = {one.head_branch: one.head for one in picked if one.head}
    again = [one.head_branch for one in picked if bench.job.order.again]
    for one in picked:
        if one.note and one.note.commit:
            place = last_seen.note(one.note.commit)
            await last_seen.put(bench.job.repository.id, place, one.head_branch)
    pushes = await bench.mirror.push(token, heads, again) if heads else {}
    said = {head: _said(push, stood=_HEADS + head in bench.refs) for head, push in pushes.items()}
    return [replace(one, push=said.get(one.head_branch)) for one in picked]


def _said(push: Push, *, stood: bool) -> Push:
    """Take for created what stands as picked and may not have stood before this step.

    The answer to our own push may have been lost, and with it an earlier try of this step.
    """
    if push.state is not PushState.UNCHANGED or (stood and durable.first_time()):
        return push
    return replace(push, state=PushState.CREATED)


def _note_down(picked: Picked) -> None:
    push = picked.push.state.value if picked.push else ""
    outcome, series = picked.pick.outcome.value, picked.target.series
    world().observer.note("pick", series=series, outcome=outcome, push=push)


def _refs(job: Job) -> tuple[str, ...]:
    """List what one fetch has to bring: source, targets, our head branches, and no more."""
    configuration, pull = job.configuration, job.pull
    branches = [pull.base_branch, pull.default_branch, _up_to_place(configuration.head_branch)]
    if isinstance(configuration.targets, TargetPattern):
        branches.append(_up_to_place(configuration.targets.pattern))
    else:
        branches += [t.branch for t in configuration.targets_for(job.labels, ())]
    if "{series}" in configuration.label or job.order.series:
        branches.append(_up_to_place(configuration.branch))
    refs = [_HEADS + branch for branch in dict.fromkeys(branches)]
    return (*refs, *(() if pull.merged else (f"refs/pull/{pull.number}/head",)))


def _up_to_place(template: str) -> str:
    return re.split(r"\{", template, maxsplit=1)[0] + "*"


def _targets(job: Job, refs: Mapping[str, str]) -> tuple[Target, ...]:
    names = tuple(ref.removeprefix(_HEADS) for ref in refs if ref.startswith(_HEADS))
    if job.order.series:
        targets = job.configuration.asked_targets(job.order.series, names)
    else:
        targets = job.configuration.targets_for(job.labels, names)
    permit = job.permit
    return tuple(
        target
        for target in targets
        if target.branch != job.pull.base_branch
        and (permit is None or target.series in permit.series)
    )


def _unbacked(job: Job, sources: tuple[str, ...]) -> str:
    """Say why a decision is not on these commits, empty where it is, or where none is needed."""
    permit = job.permit
    if permit is None or permit.commit in {job.pull.merge_commit_sha, sources[-1]}:
        return ""
    return (
        f"The decision is on the commit {permit.commit[:12]}, but this pull request became "
        f"{sources[-1][:12]}. Ask for a decision on that one, by `/exception request`."
    )


async def _sources(mirror: Mirror, job: Job) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Find the commits that the pull request became; by hand-made merge where GitHub knows none."""
    pull = job.pull
    if pull.is_open:
        return await _as_if_squashed(mirror, pull), ()
    if pull.merged and pull.merge_commit_sha:
        return await mirror.source_commits(pull.merge_commit_sha, job.pull_commits), ()
    found = await mirror.landed(pull.base_branch, job.pull_commits, _mentioned(job))
    return (found[0], ()) if len(found) == 1 else ((), found)


async def _as_if_squashed(mirror: Mirror, pull: PullRequest) -> tuple[str, ...]:
    """Make one commit of an open pull request: what it would bring, however it is merged."""
    if not await mirror.has(pull.head_sha):
        return ()
    tip = await mirror.on_branch(pull.base_branch, pull.base_branch)
    base = await mirror.merge_base(tip, pull.head_sha) if tip else None
    return (await mirror.squash(base, pull.head_sha, pull.head_sha),) if base else ()


def _mentioned(job: Job) -> tuple[str, ...]:
    """Give the commits that people named in comments, the last named first."""
    said = "\n".join(c.body for c in job.timeline.comments or () if not c.by_bot)
    return tuple(dict.fromkeys(re.findall(r"\b[0-9a-f]{7,40}\b", said)[::-1]))


async def _pick(bench: _Bench, target: Target) -> Picked:
    """Pick on to one target and say what a person must do where that does not work."""
    configuration, order = bench.job.configuration, bench.job.order
    head = configuration.head_branch_for(target.series, bench.sources[-1])
    onto = bench.refs.get(_HEADS + target.branch)
    if onto is None:
        detail = "a maintainer can create the branch or mend `targets`"
        return Picked(target, head, Pick(Outcome.MISSING, detail=detail))
    recipe = configuration.recipe_for(target.series, bench.job.pull.base_branch)
    commits = (*await _first(bench, order.first), *bench.sources)
    if order.chain:
        pick = await _chained(bench, order.chain, onto, recipe)
    else:
        pick = await bench.mirror.pick(commits, onto, recipe, configuration.rules())
    if pick.conflicts:
        return await _conflict(bench, Picked(target, head, pick, onto), onto)
    if pick.outcome is not Outcome.PICKED or pick.commit is None:
        return Picked(target, head, replace(pick, commit=None), onto)
    paths = [one.path for one in pick.resolved]
    return Picked(
        target,
        head,
        pick,
        onto,
        note=await noting.draft(bench.mirror, bench.what, target, onto, pick.commit),
        equality=await bench.mirror.compare(commits, onto, pick.commit),
        settled=await bench.mirror.diff(onto, pick.commit, paths) if paths else "",
    )


async def _chained(bench: _Bench, chain: Chain, onto: str, recipe: Recipe) -> Pick:
    """Pick what a person made of the fix on a newer series, under the fix's own name."""
    mirror, source = bench.mirror, bench.sources[-1]
    head, target = bench.refs[_HEADS + chain.head_branch], bench.refs[_HEADS + chain.target]
    base = await mirror.merge_base(head, target) or target
    resolved = await mirror.squash(base, head, source)
    own = replace(recipe, trailer=recipe.trailer.replace("{sha}", source))
    pick = await mirror.pick([resolved], onto, own, bench.job.configuration.rules())
    if pick.outcome is not Outcome.PICKED:
        return pick
    marks = tuple(Resolution(path, "chain") for path in chain.paths)
    return replace(pick, resolved=(*pick.resolved, *marks))


async def _first(bench: _Bench, names: tuple[str, ...]) -> tuple[str, ...]:
    """Find the commits that shall be picked first; they must be on the source's branch."""
    branch = bench.job.pull.base_branch
    found = [(name, await bench.mirror.on_branch(name, branch)) for name in names]
    for name, sha in found:
        if sha is None:
            raise UserError(f"{name} is no commit of {branch}: name one that is, in full or short.")
    return tuple(sha for _, sha in found if sha)


async def _conflict(bench: _Bench, picked: Picked, onto: str) -> Picked:
    """Add what helps a person to finish a pick, and leave no half of one where none is wanted."""
    job, pick = bench.job, picked.pick
    recipe = job.configuration.recipe_for(picked.target.series, job.pull.base_branch)
    if job.configuration.conflict == "comment":
        pick = replace(pick, partial=None)
    left = (*pick.conflicts, *(_left_to_git(one) for one in pick.resolved))
    by_hand = comments.by_hand(bench.sources, picked.target, picked.head_branch, recipe, left)
    if pick.partial:
        by_hand = comments.in_the_draft(picked.head_branch, pick.conflicts)
    main = bench.refs.get(_HEADS + job.pull.base_branch, bench.sources[-1])
    return replace(
        picked,
        pick=pick,
        by_hand=by_hand,
        note=await noting.draft(bench.mirror, bench.what, picked.target, onto, onto),
        advice=await bench.mirror.advise(bench.sources[-1], onto, pick.conflicts, main),
    )


def _left_to_git(settled: Resolution) -> Conflict:
    """Name a file that a rule settles here, and that plain git leaves to a person."""
    return Conflict(settled.path, f"settled by {settled.by} here, but not by plain git")
