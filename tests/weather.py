"""What becomes of webhooks while a story is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weather:
    """How often each webhook arrives, by its number; in what order; whether the repair runs."""

    fate: Callable[[int], int] = lambda _: 1
    shuffled: bool = False
    repaired: bool = False


CALM = Weather()
EVERY_SECOND_LOST = Weather(lambda number: number % 2, repaired=True)
ALL_LOST = Weather(lambda _: 0, repaired=True)
DOUBLED_AND_SHUFFLED = Weather(lambda _: 2, shuffled=True)
