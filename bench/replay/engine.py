"""Pick again what a person backported, with the service's own engine, and compare the results."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from bench.replay.likeness import Likeness, same_meaning
from bench.replay.pairs import Pair
from bench.replay.timed import NO_TIME, Time, Timed
from bot.adapters.git.clone import Clone
from bot.adapters.git.local import open_local
from bot.adapters.git.objects import Objects
from bot.adapters.git.trees import Change, changes
from bot.core import defaults
from bot.core.errors import Transient, UserError
from bot.core.finding import Finding
from bot.core.model import Outcome, Pick
from bot.settings import environment

CHUNK = 20  # pairs for one scratch repository
REFUSED = "refused"
KIB = 1024


@dataclass(frozen=True, slots=True)
class Peak:
    """The most memory that was resident at once, in bytes: our process, and its largest child."""

    own: int = 0
    child: int = 0

    def or_more(self, other: Peak) -> Peak:
        """Give the greater of each."""
        return Peak(max(self.own, other.own), max(self.child, other.child))


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one pair.

    `outcome` is that of the pick, or `refused` with the reason as `detail`; `time` is what the
    pick took, and `gate` what of it was the gate's. `rules` name what settled the paths `settled`;
    `differs` are the paths that mean something else than in the person's tree; `newer` is the
    backport on a newer branch that was picked in place of the source; `peak` is the memory of the
    process until some picks later.
    """

    pair: Pair
    outcome: str
    time: Time
    detail: str = ""
    rules: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    likeness: Likeness | None = None
    differs: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    newer: str = ""
    gate: Time = NO_TIME
    peak: Peak = Peak()

    @property
    def through(self) -> bool:
        """Tell whether nothing was left to a person."""
        return self.outcome in {Outcome.PICKED, Outcome.ALREADY_THERE}


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker needs to know: where to pick, and with which rules."""

    clone: Path
    mode: str
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class Errand:
    """A pair to be picked; `newer` is the backport to pick in place of its source."""

    pair: Pair
    newer: str = ""


def replay(work: Work, errands: Sequence[Errand]) -> Iterator[list[Replayed]]:
    """Pick all in as many processes as there are jobs; give the results as they come.

    The processes hold the engine alone, so that their memory tells what the engine needs.
    """
    chunks = [errands[start : start + CHUNK] for start in range(0, len(errands), CHUNK)]
    with ProcessPoolExecutor(work.jobs, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(_replay_chunk, work, chunk) for chunk in chunks]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


async def pick_again(repository: Clone, work: Work, errand: Errand) -> tuple[Pick, Time]:
    """Pick on to the parent of the person's backport; give the result and the time it took."""
    pair, configuration = errand.pair, defaults.django().model_copy(update={"resolve": work.mode})
    recipe, rules = configuration.recipe_for(f"{pair.series}.x", "main"), configuration.rules()
    began = Time.now()
    pick = await repository.pick((errand.newer or pair.source,), pair.onto, recipe, rules)
    return pick, Time.now().since(began)


def _replay_chunk(work: Work, chunk: Sequence[Errand]) -> list[Replayed]:
    done = asyncio.run(_replay_all(work, chunk))
    own, child = (
        resource.getrusage(who).ru_maxrss * KIB
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return [replace(result, peak=Peak(own, child)) for result in done]


async def _replay_all(work: Work, chunk: Sequence[Errand]) -> list[Replayed]:
    async with open_local(work.clone) as repository:
        timed = Timed(repository.objects, environment())
        return [await _replay_one(timed, work, errand) for errand in chunk]


async def _replay_one(repository: Timed, work: Work, errand: Errand) -> Replayed:
    began = Time.now()
    try:
        pick, taken = await pick_again(repository, work, errand)
    except (UserError, Transient) as error:
        taken = Time.now().since(began)
        return Replayed(errand.pair, REFUSED, taken, error.message, newer=errand.newer)
    likeness, differs = await _compare(repository.objects, pick.tree, errand.pair.tree)
    return Replayed(
        pair=errand.pair,
        outcome=pick.outcome.value,
        time=taken,
        detail=pick.detail,
        rules=tuple(sorted({resolution.by for resolution in pick.resolved})),
        settled=tuple(resolution.path for resolution in pick.resolved),
        likeness=likeness,
        differs=differs,
        conflicts=tuple(conflict.path for conflict in pick.conflicts),
        findings=tuple(map(_said, pick.findings)),
        newer=errand.newer,
        gate=repository.gate,
    )


def _said(finding: Finding) -> str:
    return f"{finding.path}:{finding.line} {finding.message}"


async def _compare(
    objects: Objects, ours: str | None, persons: str
) -> tuple[Likeness | None, tuple[str, ...]]:
    if ours is None:
        return None, ()
    if ours == persons:
        return Likeness.SAME_TREE, ()
    differing = changes(objects, ours, persons)
    differs = [path for path, sides in differing.items() if not _same(objects, path, sides)]
    likeness = Likeness.DIFFERENT if differs else Likeness.SAME_MEANING
    return likeness, tuple(map(os.fsdecode, differs))


def _same(objects: Objects, path: bytes, sides: Change) -> bool:
    one, other = sides
    if one is None or other is None or one.mode != other.mode or not one.is_file:
        return False
    return same_meaning(os.fsdecode(path), objects.data(one.sha), objects.data(other.sha))
