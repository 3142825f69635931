"""Pick again what a person backported, with the service's own engine, and compare the results."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from bench.replay.likeness import Likeness, same_meaning
from bench.replay.pairs import Pair
from bot.adapters.git.local import LocalRepository, open_local
from bot.adapters.git.objects import read_objects
from bot.adapters.git.run import Git
from bot.core import defaults
from bot.core.errors import Transient, UserError
from bot.core.model import Outcome, Pick, Recipe

CHUNK = 20  # pairs for one scratch repository
REFUSED = "refused"
REGULAR = ("100644", "100755")
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

    `outcome` is that of the pick, or `refused` with the reason as `detail`; `seconds` is what the
    pick took. `rules` name what settled the paths `settled`; `differs` are the paths that mean
    something else than in the person's tree; `newer` is the backport on a newer branch that was
    picked in place of the source; `peak` is the memory of the process until some picks later.
    """

    pair: Pair
    outcome: str
    seconds: float
    detail: str = ""
    rules: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    likeness: Likeness | None = None
    differs: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    newer: str = ""
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


@asynccontextmanager
async def opened(work: Work) -> AsyncIterator[LocalRepository]:
    """Open the clone as local mode does, with the rules of the mode."""
    async with open_local(work.clone) as repository:
        yield repository


async def pick_again(repository: LocalRepository, errand: Errand) -> tuple[Pick, float]:
    """Pick on to the parent of the person's backport; give the result and the seconds it took."""
    pair, recipe = errand.pair, recipe_for(errand.pair)
    began = time.perf_counter()
    pick = await repository.pick((errand.newer or pair.source,), pair.onto, recipe)
    return pick, time.perf_counter() - began


def recipe_for(pair: Pair) -> Recipe:
    """Say how the picked commit is written down."""
    return defaults.django().recipe_for(f"{pair.series}.x", "main")


def _replay_chunk(work: Work, chunk: Sequence[Errand]) -> list[Replayed]:
    done = asyncio.run(_replay_all(work, chunk))
    own, child = (
        resource.getrusage(who).ru_maxrss * KIB
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return [replace(result, peak=Peak(own, child)) for result in done]


async def _replay_all(work: Work, chunk: Sequence[Errand]) -> list[Replayed]:
    async with opened(work) as repository:
        return [await _replay_one(repository, errand) for errand in chunk]


async def _replay_one(repository: LocalRepository, errand: Errand) -> Replayed:
    began = time.perf_counter()
    try:
        pick, seconds = await pick_again(repository, errand)
    except (UserError, Transient) as error:
        passed = time.perf_counter() - began
        return Replayed(errand.pair, REFUSED, passed, error.message, newer=errand.newer)
    likeness, differs = await _compare(repository.git, pick.tree, errand.pair.tree)
    return Replayed(
        pair=errand.pair,
        outcome=pick.outcome.value,
        seconds=seconds,
        detail=pick.detail,
        rules=tuple(sorted({resolution.by for resolution in pick.resolved})),
        settled=tuple(resolution.path for resolution in pick.resolved),
        likeness=likeness,
        differs=differs,
        conflicts=tuple(conflict.path for conflict in pick.conflicts),
        newer=errand.newer,
    )


async def _compare(
    git: Git, ours: str | None, persons: str
) -> tuple[Likeness | None, tuple[str, ...]]:
    if ours is None:
        return None, ()
    if ours == persons:
        return Likeness.SAME_TREE, ()
    raw = (await git("diff-tree", "-r", "-z", "--no-renames", ours, persons)).out
    fields = raw.decode(errors="replace").split("\0")
    entries = zip(fields[0::2], fields[1::2], strict=False)
    differs = [path for entry, path in entries if not await _same(git, entry, path)]
    likeness = Likeness.DIFFERENT if differs else Likeness.SAME_MEANING
    return likeness, tuple(differs)


async def _same(git: Git, entry: str, path: str) -> bool:
    """Compare a path; `entry` is git's `:<mode> <mode> <sha> <sha> <letter>`."""
    mode, other_mode, sha, other_sha, _ = entry.removeprefix(":").split()
    if mode != other_mode or mode not in REGULAR:
        return False
    one, other = await read_objects(git, [sha.encode(), other_sha.encode()])
    return one is not None and other is not None and same_meaning(path, one.data, other.data)
