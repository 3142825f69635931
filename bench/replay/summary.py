"""What the results of many picks say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from statistics import median

from bench.replay.engine import Peak, Replayed
from bench.replay.likeness import Kind, Likeness, kind
from bot.core.model import Outcome
from bot.core.series import age_key

CLEAN, NEWER, ALREADY_THERE = "clean", "newer branch", "already there"
WAYS = (CLEAN, "release-notes", "formatter", NEWER, "adjacent", "imports", "tokens")
"""How a pick came through, from the surest way to the vaguest: the vaguest one names a pick."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Two figures for many times, in milliseconds: half took no longer, and 95 of 100."""

    median: float
    p95: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Spread:
        """Take it from times in seconds, at least one."""
        in_order = sorted(seconds)
        return cls(median(in_order) * 1000, in_order[len(in_order) * 95 // 100] * 1000)


@dataclass(frozen=True, slots=True)
class Summary:
    """The sums over some picks, and the milliseconds of a pick.

    `clock` and `processor` are of the whole, `rules` and `gate` of its two parts by the clock: the
    pick with its rules, and the check on top of it.
    """

    picks: int
    through: int
    ways: Mapping[str, int]
    likeness: Mapping[Likeness, int]
    hidden: int
    flagged: int
    clock: Spread
    processor: Spread
    rules: Spread
    gate: Spread

    def share(self, count: int) -> float:
        """Give a count as a share of all picks."""
        return count / self.picks if self.picks else 0.0

    @property
    def sound(self) -> int:
        """Count those that came through and hide no difference in code."""
        return self.through - self.hidden


def summarise(results: Sequence[Replayed]) -> Summary:
    """Sum up."""
    through = [result for result in results if result.through]
    return Summary(
        picks=len(results),
        through=len(through),
        ways=dict(Counter(way(result) for result in results)),
        likeness=dict(Counter(result.likeness for result in through if result.likeness)),
        hidden=sum(map(hides_code, through)),
        flagged=sum(bool(result.findings) for result in results),
        clock=Spread.of([result.time.clock for result in results]),
        processor=Spread.of([result.time.processor for result in results]),
        rules=Spread.of([result.time.clock - result.gate.clock for result in results]),
        gate=Spread.of([result.gate.clock for result in results]),
    )


def highest(results: Sequence[Replayed]) -> Peak:
    """Give the most memory that any of the processes needed."""
    return reduce(Peak.or_more, (result.peak for result in results), Peak())


def by_series(results: Iterable[Replayed]) -> dict[str, list[Replayed]]:
    """Put the picks of each series together, oldest series first."""
    groups = _grouped(results, lambda result: result.pair.series)
    return {series: groups[series] for series in sorted(groups, key=age_key)}


def by_way(results: Iterable[Replayed]) -> dict[str, list[Replayed]]:
    """Put the picks together that came through alike, or did not, the surest way first."""
    groups = _grouped(results, way)
    return {name: groups[name] for name in sorted(groups, key=_rank)}


def by_year(results: Iterable[Replayed]) -> dict[str, list[Replayed]]:
    """Put the picks of each year together."""
    groups = _grouped(results, lambda result: str(result.pair.year))
    return dict(sorted(groups.items()))


def way(result: Replayed) -> str:
    """Name how a pick came through, or what became of it."""
    if not result.through:
        return result.outcome
    if result.outcome == Outcome.ALREADY_THERE:
        return ALREADY_THERE
    taken = [CLEAN, *result.rules, *([NEWER] if result.newer else [])]
    return max(taken, key=WAYS.index)


def hides_code(result: Replayed) -> bool:
    """Tell whether code or a test differs from the person's, and nothing that we say shows it.

    The gate's findings show it, and so does a rule that is named with the path.
    """
    silent = set(result.differs) - set(result.settled)
    return not result.findings and any(kind(path) in {Kind.CODE, Kind.TESTS} for path in silent)


def _rank(name: str) -> tuple[int, str]:
    return (WAYS.index(name) if name in WAYS else len(WAYS), name)


def _grouped(
    results: Iterable[Replayed], key: Callable[[Replayed], str]
) -> dict[str, list[Replayed]]:
    groups: dict[str, list[Replayed]] = {}
    for result in results:
        groups.setdefault(key(result), []).append(result)
    return groups
