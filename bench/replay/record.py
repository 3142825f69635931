"""All that a replay found, as JSON and as a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bench.replay.chart import Bar, bar_chart
from bench.replay.engine import Replayed, Work
from bench.replay.summary import Summary, by_series, by_way, by_year, highest, summarise, way


def as_json(work: Work, results: Sequence[Replayed]) -> Mapping[str, Any]:
    """Give the sums, by series and by year, and each pick with its pair.

    `peak` is in bytes, the `time` of a pick in seconds, the sums of times in milliseconds.
    """
    return {
        "repository": work.clone.name,
        "mode": work.mode,
        "jobs": work.jobs,
        "peak": asdict(highest(results)),
        "all": _sums(summarise(results)),
        "series": {name: _sums(summarise(some)) for name, some in by_series(results).items()},
        "years": {name: _sums(summarise(some)) for name, some in by_year(results).items()},
        "picks": [{**asdict(result), "way": way(result)} for result in results],
    }


def as_chart(work: Work, results: Sequence[Replayed]) -> str:
    """Draw how the picks of each series came through."""
    bars = [
        Bar(f"{series or 'other'} ({len(some)})", summarise(some).ways)
        for series, some in by_series(results).items()
    ]
    title = f"{work.clone.stem}: backports picked again, mode {work.mode}"
    return bar_chart(title, list(by_way(results)), bars)


def _sums(summary: Summary) -> Mapping[str, Any]:
    return {**asdict(summary), "sound": summary.sound}
