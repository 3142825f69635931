"""One fetch, a pick per target, one push: everything that needs the mirror, in one step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.core import comments, release_notes
from bot.core.config import TargetPattern
from bot.core.model import Outcome, Pick, Push, PushState, Target
from bot.core.release_notes import Note
from bot.engine import durable
from bot.engine.exception import Job
from bot.engine.world import github, world
from bot.ports import Mirror

_HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Picked:
    """What came of one target; `by_hand` tells how to finish it where a person must."""

    target: Target
    head_branch: str
    pick: Pick
    push: Push | None = None
    note: Note | None = None
    by_hand: str = ""


@dataclass(frozen=True, slots=True)
class Picking:
    """What came of all targets; without `sources`, `candidates` are what a person chooses from.

    `subject` is that of the source commit, or the pull request's title where there are several.
    """

    sources: tuple[str, ...]
    subject: str
    targets: tuple[Picked, ...]
    candidates: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class _Bench:
    """What lies ready while the mirror is locked: the refs just fetched and the commits to pick."""

    mirror: Mirror
    job: Job
    refs: Mapping[str, str]
    sources: tuple[str, ...]
    subject: str


async def pick_and_push(job: Job) -> Picking:
    """Do it; done again it finds its own branches and changes nothing."""
    async with world().mirrors.open(job.repository) as mirror:
        token = await github(job.repository).token()
        refs = await mirror.fetch(token, _refs(job))
        sources, candidates = await _sources(mirror, job)
        if not sources:
            return Picking((), job.pull.title, (), candidates)
        subject = await mirror.subject(sources[0]) if len(sources) == 1 else job.pull.title
        bench = _Bench(mirror, job, refs, sources, subject)
        picked = [await _pick(bench, target) for target in _targets(job, refs)]
        heads = {one.head_branch: one.pick.commit for one in picked if one.pick.commit}
        pushes = await mirror.push(token, heads) if heads else {}
        said = {head: _said(push, stood=_HEADS + head in refs) for head, push in pushes.items()}
        done = tuple(replace(one, push=said.get(one.head_branch)) for one in picked)
        for one in done:
            _note_down(one)
        return Picking(sources, subject, done)


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
    if "{series}" in configuration.label:
        branches.append(_up_to_place(configuration.branch))
    refs = [_HEADS + branch for branch in dict.fromkeys(branches)]
    return (*refs, *(() if pull.merged else (f"refs/pull/{pull.number}/head",)))


def _up_to_place(template: str) -> str:
    return re.split(r"\{", template, maxsplit=1)[0] + "*"


def _targets(job: Job, refs: Mapping[str, str]) -> tuple[Target, ...]:
    names = tuple(ref.removeprefix(_HEADS) for ref in refs if ref.startswith(_HEADS))
    targets = job.configuration.targets_for(job.labels, names)
    return tuple(target for target in targets if target.branch != job.pull.base_branch)


async def _sources(mirror: Mirror, job: Job) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Find the commits that the pull request became; by hand-made merge where GitHub knows none."""
    pull = job.pull
    if pull.merged and pull.merge_commit_sha:
        return await mirror.source_commits(pull.merge_commit_sha, job.pull_commits), ()
    found = await mirror.landed(pull.base_branch, job.pull_commits, _mentioned(job))
    return (found[0], ()) if len(found) == 1 else ((), found)


def _mentioned(job: Job) -> tuple[str, ...]:
    """Give the commits that people named in comments, the last named first."""
    said = "\n".join(c.body for c in job.timeline.comments or () if not c.by_bot)
    return tuple(dict.fromkeys(re.findall(r"\b[0-9a-f]{7,40}\b", said)[::-1]))


async def _pick(bench: _Bench, target: Target) -> Picked:
    """Pick on to one target and say what a person must do where that does not work."""
    configuration = bench.job.configuration
    head = configuration.head_branch_for(target.series, bench.sources[-1])
    onto = bench.refs.get(_HEADS + target.branch)
    if onto is None:
        detail = "a maintainer can create the branch or mend `targets`"
        return Picked(target, head, Pick(Outcome.MISSING, detail=detail))
    recipe = configuration.recipe_for(target.series, bench.job.pull.base_branch)
    pick = await bench.mirror.pick(bench.sources, onto, recipe)
    if pick.outcome is Outcome.CONFLICT:
        by_hand = comments.by_hand(bench.sources, target, head, recipe, pick.conflicts)
        return Picked(target, head, pick, note=await _note(bench, onto, onto), by_hand=by_hand)
    if pick.outcome is not Outcome.PICKED or pick.commit is None:
        return Picked(target, head, replace(pick, commit=None))
    return Picked(target, head, pick, note=await _note(bench, onto, pick.commit))


async def _note(bench: _Bench, onto: str, commit: str) -> Note | None:
    """Draft the release note that a target asks for, in the project's style."""
    if bench.job.configuration.release_notes != "django":
        return None
    module = await bench.mirror.read(onto, release_notes.VERSION_FILE)
    version = release_notes.next_version(module.decode(errors="replace")) if module else None
    if not version:
        return None
    path = release_notes.path_of(version)
    before, after = await bench.mirror.read(onto, path), await bench.mirror.read(commit, path)
    return release_notes.draft(
        version, bench.subject, exists=before is not None, picked=before != after
    )
