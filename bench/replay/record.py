"""All that a replay found, as JSON and as a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bench.replay.chart import Bar, bar_chart
from bench.replay.engine import Replayed, Work
from bench.replay.summary import GATING, Summary, by_series, by_year, highest, summarise, way


def as_json(work: Work, results: Sequence[Replayed]) -> Mapping[str, Any]:
    """Give the sums, by series and by year, and each pick with its pair; times as they are named.

    `peak` is in bytes, `seconds` of a pick in seconds, `median` and `p95` in milliseconds.
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
    found = {part for bar in bars for part in bar.pieces}
    parts = sorted(found, key=lambda part: (part not in GATING, *_rank(part)))
    return bar_chart(f"{work.clone.stem}: backports picked again, mode {work.mode}", parts, bars)


def _rank(part: str) -> tuple[int, str]:
    return (GATING.index(part) if part in GATING else 0, part)


def _sums(summary: Summary) -> Mapping[str, Any]:
    return {**asdict(summary), "sound": summary.sound}
