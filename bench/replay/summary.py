"""What the results of many picks say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from statistics import median, quantiles

from bench.replay.engine import Peak, Replayed
from bench.replay.likeness import Kind, Likeness, kind
from bot.core.model import Outcome
from bot.core.series import age_key

CLEAN, NEWER, CONFLICT = "clean", "newer branch", "conflict"
GATING = (CLEAN, "release-notes", "formatter", NEWER, "adjacent", "imports", "tokens")
"""How a pick came through, from the surest way to the vaguest: the vaguest one names a pick."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The sums over some picks; `median` and `p95` are milliseconds a pick."""

    picks: int
    through: int
    ways: Mapping[str, int]
    likeness: Mapping[Likeness, int]
    hidden: int
    flagged: int
    median: float
    p95: float

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
    milliseconds = [result.seconds * 1000 for result in results] or [0.0]
    return Summary(
        picks=len(results),
        through=len(through),
        ways=dict(Counter(way(result) for result in results)),
        likeness=dict(Counter(result.likeness for result in through if result.likeness)),
        hidden=sum(map(hides_code, through)),
        flagged=sum(bool(result.findings) for result in results),
        median=median(milliseconds),
        p95=quantiles(milliseconds * 2, n=20)[-1],
    )


def highest(results: Sequence[Replayed]) -> Peak:
    """Give the most memory that any of the processes needed."""
    return reduce(Peak.or_more, (result.peak for result in results), Peak())


def by_series(results: Iterable[Replayed]) -> dict[str, list[Replayed]]:
    """Put the picks of each series together, oldest series first."""
    groups = _grouped(results, lambda result: result.pair.series)
    return {series: groups[series] for series in sorted(groups, key=age_key)}


def by_year(results: Iterable[Replayed]) -> dict[str, list[Replayed]]:
    """Put the picks of each year together."""
    groups = _grouped(results, lambda result: str(result.pair.year))
    return dict(sorted(groups.items()))


def way(result: Replayed) -> str:
    """Name how a pick came through, or what became of it."""
    if not result.through:
        return result.outcome
    if result.outcome == Outcome.ALREADY_THERE:
        return Outcome.ALREADY_THERE.value.replace("_", " ")
    taken = [CLEAN, *result.rules, *([NEWER] if result.newer else [])]
    return max(taken, key=GATING.index)


def hides_code(result: Replayed) -> bool:
    """Tell whether code or a test differs from the person's, and nothing that we say shows it.

    The gate's findings show it, and so does a rule that is named with the path.
    """
    silent = set(result.differs) - set(result.settled)
    return not result.findings and any(kind(path) in {Kind.CODE, Kind.TESTS} for path in silent)


def _grouped(
    results: Iterable[Replayed], key: Callable[[Replayed], str]
) -> dict[str, list[Replayed]]:
    groups: dict[str, list[Replayed]] = {}
    for result in results:
        groups.setdefault(key(result), []).append(result)
    return groups
