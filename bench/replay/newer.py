"""Which conflicts to try again with what a person made of them on a newer branch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.replay.engine import Errand, Replayed
from bot.core.model import Outcome
from bot.core.series import age_key


def second_errands(results: Sequence[Replayed]) -> list[Errand]:
    """Give an errand for each conflict that a person had to resolve on a newer branch as well.

    Of several, the branch next to the target's counts.
    """
    conflicts = [result for result in results if result.outcome == Outcome.CONFLICT]
    return [
        Errand(result.pair, newer.pair.backport)
        for result in conflicts
        if (newer := min(_newer(result, conflicts), key=_age, default=None))
    ]


def _newer(result: Replayed, conflicts: Sequence[Replayed]) -> Iterator[Replayed]:
    for other in conflicts:
        if other.pair.source == result.pair.source and _age(other) > _age(result):
            yield other


def _age(result: Replayed) -> tuple[tuple[int, int, str], ...]:
    return age_key(result.pair.series)
