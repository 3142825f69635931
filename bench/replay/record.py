"""All that a replay found, as JSON and as a chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bench.replay.chart import Bar, bar_chart
from bench.replay.engine import Replayed, Work
from bench.replay.summary import (
    ALREADY_THERE,
    CLEAN,
    NEWER,
    Summary,
    by_series,
    by_year,
    highest,
    summarise,
    way,
)

PERSON = "left to a person"
PARTS = {
    "git alone": {CLEAN, ALREADY_THERE},
    "safe rule": {"release-notes", "formatter"},
    "newer branch": {NEWER},
    "guess": {"adjacent", "imports", "tokens"},
}


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
    """Draw who or what brought the picks of each series through."""
    bars = [
        Bar(f"{series or 'other'} ({len(some)})", Counter(_part(way(one)) for one in some))
        for series, some in by_series(results).items()
    ]
    title = f"{work.clone.stem}: backports picked again, mode {work.mode}"
    return bar_chart(title, (*PARTS, PERSON), bars)


def _part(name: str) -> str:
    return next((part for part, ways in PARTS.items() if name in ways), PERSON)


def _sums(summary: Summary) -> Mapping[str, Any]:
    return {**asdict(summary), "sound": summary.sound}
