"""Pick all backports of a clone's history again: `python -m bench.history --repository PATH`.

Each source is picked on to what the person's backport went on to, by the engine that the service
uses, and the result is compared with what the person committed. Nothing is written to the clone.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from subprocess import CalledProcessError

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from bench.replay.against import TOGETHER, Times, sample, time_pushes, time_ways, ways_table
from bench.replay.engine import Errand, Replayed, Work, replay
from bench.replay.finished import Finished
from bench.replay.newer import second_errands
from bench.replay.pairs import Pair, find_pairs, read_pairs, within
from bench.replay.record import as_chart, as_json
from bench.replay.summary import highest
from bench.replay.tables import report
from devkit import django

MIB = 1 << 20


def main() -> None:
    """Replay, print the tables, and write the files that were asked for."""
    options = _parser().parse_args()
    work = Work(options.repository.resolve(), options.mode, options.jobs)
    pairs = _pairs(options)
    if not pairs:
        sys.exit("No backport was found: no message names a source, or --series leaves none.")
    results = _replay(work, pairs, Finished(_state(work), resume=options.resume))
    _print("\n".join(report(results)))
    peak = highest(results)
    _print(f"\nPeak memory: {peak.own / MIB:.0f} MiB, largest git {peak.child / MIB:.0f} MiB")
    against = asyncio.run(_against(work, results, options.against)) if options.against else {}
    if options.json:
        record = {**as_json(work, results), "against": against}
        options.json.write_text(json.dumps(record, indent=1))
    if options.chart:
        options.chart.write_text(as_chart(work, results))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.history")
    add = parser.add_argument
    add("--repository", type=Path, required=True, help="a clone with the whole history")
    add("--pairs", type=Path, help="lines of `commit backport`, in place of those found")
    add("--series", nargs="+", default=[], help="only these: `4.1`, or `2.2-5.0`")
    add("--mode", choices=("safe", "guess"), default="safe", help="which rules may resolve")
    add("--against", type=int, metavar="N", help="time other ways too, on N of the clean picks")
    add("--jobs", type=int, default=1, help="processes; more than one spoil the times")
    add("--json", type=Path, metavar="FILE", help="write everything there")
    add("--chart", type=Path, metavar="FILE", help="draw the series there (SVG)")
    add("--resume", action="store_true", help="go on where the last run ended")
    return parser


def _pairs(options: argparse.Namespace) -> list[Pair]:
    try:
        pairs = (
            read_pairs(options.repository, options.pairs.read_text())
            if options.pairs
            else find_pairs(options.repository)
        )
    except (CalledProcessError, OSError, ValueError) as error:
        said = error.stderr.decode() if isinstance(error, CalledProcessError) else error
        sys.exit(f"The backports could not be read: {said}")
    return [pair for pair in pairs if not options.series or within(pair.series, options.series)]


def _state(work: Work) -> Path:
    """Name the file of finished pairs after what is picked and how."""
    digest = hashlib.sha256(str(work.clone).encode()).hexdigest()[:8]
    return django.CACHE.parent / "history" / f"{work.clone.stem}-{digest}-{work.mode}.jsonl"


def _replay(work: Work, pairs: Sequence[Pair], finished: Finished) -> list[Replayed]:
    """Pick all that are not finished; then once more where a newer branch may help."""
    left = [Errand(pair) for pair in pairs if pair not in finished.done]
    _run("picking", work, left, finished)
    again = second_errands([finished.done[pair] for pair in pairs])
    _run("from newer branches", work, again, finished)
    return [finished.done[pair] for pair in pairs]


def _run(name: str, work: Work, errands: Sequence[Errand], finished: Finished) -> None:
    columns = ("[progress.description]{task.description}", BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(name, total=len(errands))
        for results in replay(work, errands):
            # A second try that failed tells nothing new.
            finished.add(result for result in results if result.through or not result.newer)
            progress.advance(task, len(results))


async def _against(work: Work, results: Sequence[Replayed], most: int) -> Times:
    times = await time_ways(work, sample(results, most))
    _print("\n" + "\n".join(ways_table(times)))
    pushes = await time_pushes(work, results)
    if pushes:
        middle = f"{median(pushes):.2f} s (median of {len(pushes)})"
        _print(f"\n{TOGETHER} picks and one push over loopback HTTP: {middle}")
    return {**times, f"{TOGETHER} picks and one push": pushes}


def _print(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
