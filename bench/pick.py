"""Time one pick on the real trees against plain git: `python -m bench.pick`."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.rivals import WorkTrees
from bot.adapters.git.local import LocalRepository, open_local
from bot.core import defaults
from bot.core.model import Outcome
from devkit import django
from devkit.django import STABLE, DjangoRepository

ROUNDS = 5
ENGINE = "Stablehand's engine, no work tree"

Times = dict[str, list[float]]


async def main() -> None:
    """Time every way in turns, so that a busy moment strikes them alike, and print."""
    with tempfile.TemporaryDirectory(prefix="stablehand-bench-") as folder:
        source = django.build(django.CACHE, Path(folder) / "django.git")
        trees = WorkTrees(source.git_dir, Path(folder))
        times: Times = {}
        async with open_local(source.git_dir) as repository:
            await _round(repository, source, trees, {})  # to warm up
            for _ in range(ROUNDS):
                await _round(repository, source, trees, times)
    _print_times(times)


async def _round(
    repository: LocalRepository, source: DjangoRepository, trees: WorkTrees, times: Times
) -> None:
    """Pick the fix on to each branch in every way; RuntimeError where they do not agree."""
    # In this order: the kept work tree stands on the branch before until it is switched.
    ways = {
        "worktree add, cherry-pick, worktree remove": trees.pick_in_own_tree,
        "checkout and cherry-pick in a kept work tree": trees.switch_and_pick,
        "cherry-pick, kept work tree already on the branch": trees.pick,
    }
    fix = source.fix_sha
    for branch in STABLE:
        onto = source.branches[branch]
        clean = await _time_engine(repository, (fix, onto), times)
        for name, way in ways.items():
            began = time.perf_counter()
            agrees = way(fix, onto) is clean
            times.setdefault(name, []).append(time.perf_counter() - began)
            if not agrees:
                raise RuntimeError(f"{name} and the engine do not agree on {branch}")
            trees.clear()


async def _time_engine(repository: LocalRepository, pick: tuple[str, str], times: Times) -> bool:
    commit, onto = pick
    recipe = defaults.django().recipe_for("x", "main")
    began = time.perf_counter()
    outcome = (await repository.pick((commit,), onto, recipe)).outcome
    times.setdefault(ENGINE, []).append(time.perf_counter() - began)
    return outcome is Outcome.PICKED


def _print_times(times: Times) -> None:
    engine = median(times[ENGINE])
    print(f"One pick of the fix of ticket 34063, {len(times[ENGINE])} picks on three branches.\n")
    print("| way | median | times the engine |\n|---|---:|---:|")
    for name, seconds in sorted(times.items(), key=lambda item: median(item[1])):
        middle = median(seconds)
        print(f"| {name} | {middle * 1000:.0f} ms | {middle / engine:.1f} |")


if __name__ == "__main__":
    asyncio.run(main())
