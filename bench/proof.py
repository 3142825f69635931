"""Time proofs on the real trees: `python -m bench.proof`.

First what base, red and green take beside green alone; then how soon the real service starts.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from bot import local, local_proof
from bot.adapters.applied import apply
from bot.adapters.git.local import open_local
from bot.adapters.runner import sandbox_runner
from bot.adapters.sandbox import Sandbox
from bot.adapters.scratch import scratch
from bot.core import config, defaults
from bot.core.config import Configuration
from bot.core.model import Conclusion, TestReport
from bot.local import Forecast, Request
from bot.local_proof import Bench
from bot.machine_ports import LocalRepository
from devkit import django, scenario
from devkit.demo_stage import Stage, running_stage
from devkit.django import DjangoRepository

ROUNDS = 5
PATIENCE = 180.0  # seconds
_CACHE = django.CACHE.parent / "stablehand"
_CORES = os.cpu_count() or 1
_SERVICE_ROUNDS = 3
_RUNS = "three green runs, their trees laid out before"
_GREENS = "three green runs, with trees"
_PROOFS = "three proofs: base, red, green, with trees"
_LOOK = 0.005  # seconds between two looks at the local GitHub, which is in this process

Times = dict[str, list[float]]


async def main() -> None:
    """Measure both and print."""
    with tempfile.TemporaryDirectory(prefix="stablehand-bench-") as folder:
        source = django.build(django.CACHE, Path(folder) / "django.git")
        async with open_local(source.git_dir) as repository:
            times = await _against_green(repository)
        _print_proofs(times)
        waits = [
            await _started(source, Path(folder) / f"service-{number}")
            for number in range(_SERVICE_ROUNDS)
        ]
    _print_waits(waits)


async def _against_green(repository: LocalRepository) -> Times:
    """Time three proofs, and the three green runs alone, in turns."""
    configuration = _proof_alone()
    runner = sandbox_runner(Sandbox(spare=_CACHE), _CACHE, os.environ)
    bench = Bench(runner, partial(scratch, "tree", _CACHE), apply)
    picks = await local.forecast(repository, Request(("main",), scenario.TARGETS), configuration)
    await local_proof.prove_targets(repository, picks, configuration, bench)  # to warm up
    times: Times = {name: [] for name in (_RUNS, _GREENS, _PROOFS)}
    for _ in range(ROUNDS):
        began = time.perf_counter()
        done = await local_proof.prove_targets(repository, picks, configuration, bench)
        times[_PROOFS].append(time.perf_counter() - began)
        for target in done.targets:
            if target.tests is None or len(target.tests.proving) == 0:
                raise RuntimeError(f"{target.onto} was not proved: {target.tests}")
        trees, runs = await _green(repository, picks, configuration, bench)
        times[_RUNS].append(runs)
        times[_GREENS].append(trees + runs)
    return times


def _proof_alone() -> Configuration:
    """Give Django's configuration without the regression set, of which both have one green run."""
    return config.parse(re.sub(r"regression = \[[^\]]*\]", "regression = []", defaults.DJANGO))


async def _green(
    repository: LocalRepository, picks: Forecast, configuration: Configuration, bench: Bench
) -> tuple[float, float]:
    """Time laying out the picked trees, and then their tests, side by side as well."""

    async def run(branch: str, tree: Path) -> TestReport:
        plan = configuration.test_plan(branch)
        if plan is None:
            raise RuntimeError("no tests are configured")
        return await bench.runner.run(plan, tree)

    with ExitStack() as folders:
        trees = [(target, folders.enter_context(bench.scratch())) for target in picks.targets]
        began = time.perf_counter()
        exports = (repository.export(one.pick.commit or "", tree) for one, tree in trees)
        await asyncio.gather(*exports)
        laid_out = time.perf_counter()
        reports = await asyncio.gather(*(run(target.onto, tree) for target, tree in trees))
        ended = time.perf_counter()
    if any(report.conclusion is not Conclusion.SUCCESS for report in reports):
        raise RuntimeError(f"tests failed: {reports}")
    return laid_out - began, ended - laid_out


@dataclass(slots=True)
class _Seen:
    """When each head commit was first seen with a pull request, and with a proof that runs."""

    opened: dict[str, float] = field(default_factory=dict)
    begun: dict[str, float] = field(default_factory=dict)

    def look(self, stage: Stage) -> bool:
        """Look once; tell whether all targets have been seen in both states."""
        now, repository = time.perf_counter(), stage.case.repository
        for pull in repository.pulls.values():
            if pull.base in scenario.TARGETS:
                self.opened.setdefault(pull.head_sha, now)
        for check in repository.checks.values():
            if check.fields["status"] != "queued":
                self.begun.setdefault(check.fields["head_sha"], now)
        return len(self.begun) == len(scenario.TARGETS)

    def waits(self) -> list[float]:
        """Give the seconds from the opening to the start of each proof, shortest first."""
        return sorted(self.begun[sha] - opened for sha, opened in self.opened.items())


async def _started(source: DjangoRepository, folder: Path) -> list[float]:
    """Have the real service bring the fix to three branches, and see when each proof starts."""
    data = folder / "data"
    data.mkdir(parents=True)
    (data / "environments").symlink_to(_CACHE / "environments")
    seen = _Seen()
    async with running_stage(source, folder) as stage, asyncio.timeout(PATIENCE):
        case, text = stage.case, defaults.DJANGO.partition("[exception]")[0]
        # Without a vote before it: the label is the decision.
        await stage.github.commit(
            case.repository, "main", {config.PATH: text}, message="Configured."
        )
        stage.github.label(case.repository, case.pull, scenario.LABEL, by=scenario.MERGER)
        while not seen.look(stage):  # noqa: ASYNC110 - another process brings it about
            await asyncio.sleep(_LOOK)
    return seen.waits()


def _print_proofs(times: Times) -> None:
    print(f"Ticket 34063 on three branches, {_CORES} at a time, {ROUNDS} rounds in turns.\n")
    print("| what | median | best | times the runs alone |\n|---|---:|---:|---:|")
    for name, seconds in times.items():
        ratio = median(seconds) / median(times[_RUNS])
        print(f"| {name} | {median(seconds):.2f} s | {min(seconds):.2f} s | {ratio:.2f} |")
    print()


def _print_waits(waits: Sequence[Sequence[float]]) -> None:
    print(f"From the opening of a pull request to the start of its proof, on {_CORES} cores.\n")
    print("| proof | median | longest |\n|---|---:|---:|")
    for place, seconds in enumerate(zip(*waits, strict=True), 1):
        print(f"| {place} | {median(seconds):.2f} s | {max(seconds):.2f} s |")


if __name__ == "__main__":
    asyncio.run(main())
