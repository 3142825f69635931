"""Time the engine beside other ways of picking, in turns in one run, and with a push."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.replay.engine import Errand, Replayed, Work, pick_again
from bench.replay.pairs import Pair
from bench.replay.summary import CLEAN, Spread, way
from bench.replay.tables import table
from bench.rivals import WorkTrees
from bot.adapters.git.local import LocalRepository, open_local
from bot.adapters.git.mirror import GitMirror, GitMirrors, Home
from bot.adapters.git.pick import pick
from bot.core import defaults
from bot.core.model import Outcome, PushState, Repository
from devkit.history import git
from tests.git_server import TOKEN, serving

ENGINE = "Stablehand, with rules and gate"
ALONE = "Stablehand, the pick alone"
TOGETHER = 3  # picks that are pushed at once
ROUNDS = 20

Times = Mapping[str, Sequence[float]]
Way = Callable[[Pair], Awaitable[bool]]


def sample(results: Sequence[Replayed], most: int) -> list[Pair]:
    """Take some of the picks that came through by git alone, spread over all of them."""
    clean = [result.pair for result in results if way(result) == CLEAN and not result.findings]
    step = max(1, len(clean) // most)
    return clean[::step][:most]


async def time_ways(work: Work, pairs: Sequence[Pair]) -> Times:
    """Pick each in every way, one after the other, so that a busy moment strikes them alike.

    Gives the seconds of each pick; RuntimeError where a way does not find it clean.
    """
    times: dict[str, list[float]] = {}
    with TemporaryDirectory(prefix="stablehand-bench-") as folder:
        trees = WorkTrees(work.clone, Path(folder))
        async with open_local(work.clone) as repository:
            for pair in pairs:
                for name, way_of_picking in _ways(repository, work, trees).items():
                    began = time.perf_counter()
                    clean = await way_of_picking(pair)
                    times.setdefault(name, []).append(time.perf_counter() - began)
                    if not clean:
                        raise RuntimeError(f"{name}: {pair.source} conflicts with {pair.onto}")
    return times


def _ways(repository: LocalRepository, work: Work, trees: WorkTrees) -> Mapping[str, Way]:
    recipe = defaults.django().recipe_for("x", "main")

    async def engine(pair: Pair) -> bool:
        done, _ = await pick_again(repository, work, Errand(pair))
        return done.outcome is Outcome.PICKED

    async def alone(pair: Pair) -> bool:
        done = await pick(repository.objects, (pair.source,), pair.onto, recipe)
        return done.outcome is Outcome.PICKED

    async def in_own_tree(pair: Pair) -> bool:
        return trees.pick_in_own_tree(pair.source, pair.onto)

    async def on_a_branch(pair: Pair) -> bool:
        return trees.pick_on_a_branch(pair.source, pair.onto)

    return {
        ENGINE: engine,
        ALONE: alone,
        "worktree add, cherry-pick, worktree remove": in_own_tree,
        "cherry_picker's commands in a warm clone": on_a_branch,
    }


async def time_pushes(work: Work, results: Sequence[Replayed]) -> Sequence[float]:
    """Pick the same commit on to three branches and push all at once, over loopback HTTP.

    Gives the seconds of each round; none where no commit came through on three branches.
    """
    with TemporaryDirectory(prefix="stablehand-bench-") as folder:
        async with _mirror(work, Path(folder)) as mirror:
            return [await _round(mirror, work, three) for three in _threes(results)]


async def _round(mirror: GitMirror, work: Work, three: Sequence[Pair]) -> float:
    began = time.perf_counter()
    heads = {}
    for pair in three:
        done, _ = await pick_again(mirror, work, Errand(pair))
        if done.outcome is not Outcome.PICKED or done.commit is None:
            raise RuntimeError(f"{pair.source} was picked before, and is not now")
        heads[f"backport/{pair.series}/{pair.source}"] = done.commit
    pushed = await mirror.push(TOKEN, heads)
    seconds = time.perf_counter() - began
    if {push.state for push in pushed.values()} != {PushState.CREATED}:
        raise RuntimeError(f"a push was refused: {pushed}")
    return seconds


@asynccontextmanager
async def _mirror(work: Work, folder: Path) -> AsyncIterator[GitMirror]:
    """Open a mirror of the clone as the service keeps it, and serve another by HTTP."""
    served, data = folder / "served", folder / "data"
    for place in (served / "bench" / "history.git", data / "mirrors" / "bench" / "history.git"):
        place.parent.mkdir(parents=True)
        # Every ref, and packs made anew: those of a partial clone would count as having gaps.
        git(work.clone, "clone", "--quiet", "--mirror", "--no-local", str(work.clone), str(place))
        git(place, "commit-graph", "write", "--reachable")
    with serving(served) as server:
        mirrors = GitMirrors(Home(data, server.url, "Bench <bench@localhost>"))
        async with mirrors.open(Repository(1, 1, "bench", "history")) as mirror:
            yield mirror


def _threes(results: Sequence[Replayed]) -> Iterator[Sequence[Pair]]:
    of_source: dict[str, dict[str, Pair]] = {}
    for result in results:
        if result.outcome == Outcome.PICKED and way(result) == CLEAN:
            of_source.setdefault(result.pair.source, {})[result.pair.series] = result.pair
    found = [list(pairs.values()) for pairs in of_source.values() if len(pairs) >= TOGETHER]
    for pairs in found[:: max(1, len(found) // ROUNDS)][:ROUNDS]:
        yield pairs[:TOGETHER]


def ways_table(times: Times) -> Iterator[str]:
    """Give median and p95 of each way, and how many times our whole pick the median is."""
    spreads = {name: Spread.of(some) for name, some in times.items()}
    engine = spreads[ENGINE].median
    rows = [
        (name, f"{one.median:.0f} ms", f"{one.p95:.0f} ms", f"{one.median / engine:.1f}")
        for name, one in spreads.items()
    ]
    head = (f"one clean pick, of {len(times[ENGINE])}", "median", "p95", "times ours")
    yield from table(head, rows)
