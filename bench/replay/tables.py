"""The results of a replay as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bench.replay.engine import Replayed
from bench.replay.likeness import Likeness, kind
from bench.replay.summary import (
    WAYS,
    Summary,
    by_series,
    by_way,
    by_year,
    hides_code,
    summarise,
    way,
)

LENGTH = 10  # of a commit's name in a table


def report(results: Sequence[Replayed]) -> Iterator[str]:
    """Give all lines: the sums, by series, by year, and the picks that differ."""
    yield from _outcomes(results)
    yield ""
    yield from _times(results)
    yield ""
    yield from _groups("series", by_series(results), results)
    yield ""
    yield from _groups("year", by_year(results), results)
    yield ""
    yield from _differing(results)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Give a Markdown table whose first column is text and whose others are figures."""
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _outcomes(results: Sequence[Replayed]) -> Iterator[str]:
    summary = summarise(results)
    rows = [(name, len(some)) for name, some in by_way(results).items()]
    rows += [("**came through**", summary.through)]
    rows += [(f"of these: {name}", summary.likeness.get(name, 0)) for name in Likeness]
    rows += [("of these: a difference in code that nothing shows", summary.hidden)]
    rows += [("**came through, and no such difference**", summary.sound)]
    rows += [("with a finding of the gate", summary.flagged)]
    shown = [(name, str(count), _percent(summary.share(count))) for name, count in rows]
    yield from table((f"{summary.picks} backports", "picks", "share"), shown)


def _times(results: Sequence[Replayed]) -> Iterator[str]:
    parts = ("pick", "gate", "together", "processor")
    spans = [f"{part}, {figure}" for part in parts for figure in ("median", "p95")]
    head = ("time of a pick", "picks", *spans)
    rows = [*by_way(results).items(), ("**all**", results)]
    yield from table(head, (_time(name, summarise(some)) for name, some in rows))


def _time(name: str, summary: Summary) -> tuple[str, ...]:
    spreads = (summary.rules, summary.gate, summary.clock, summary.processor)
    figures = [figure for spread in spreads for figure in (spread.median, spread.p95)]
    return (name, str(summary.picks), *(f"{figure:.1f} ms" for figure in figures))


def _groups(
    name: str, groups: Mapping[str, Sequence[Replayed]], results: Sequence[Replayed]
) -> Iterator[str]:
    ways = [each for each in WAYS if any(way(result) == each for result in results)]
    head = (name, "backports", *ways, "through", *Likeness, "hidden", "gate", "median", "p95")
    rows = [*groups.items(), ("**all**", results)]
    yield from table(head, (_group(label, ways, summarise(some)) for label, some in rows))


def _group(label: str, ways: Sequence[str], summary: Summary) -> tuple[str, ...]:
    return (
        label,
        str(summary.picks),
        *(str(summary.ways.get(each, 0)) for each in ways),
        _percent(summary.share(summary.through)),
        *(str(summary.likeness.get(each, 0)) for each in Likeness),
        str(summary.hidden),
        str(summary.flagged),
        f"{summary.clock.median:.0f} ms",
        f"{summary.clock.p95:.0f} ms",
    )


def _differing(results: Iterable[Replayed]) -> Iterator[str]:
    found = [result for result in results if result.likeness is Likeness.DIFFERENT]
    head = ("source", "series", "came through", "kinds", "shown", "paths that differ")
    yield from table(head, map(_difference, found))


def _difference(result: Replayed) -> tuple[str, ...]:
    kinds = sorted({kind(path).value for path in result.differs})
    return (
        result.pair.source[:LENGTH],
        result.pair.series,
        way(result),
        ", ".join(kinds),
        "**no**" if hides_code(result) else "gate" if result.findings else "",
        " ".join(f"`{path}`" for path in result.differs),
    )


def _percent(share: float) -> str:
    return f"{share:.1%}"
