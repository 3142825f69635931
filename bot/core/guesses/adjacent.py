"""The guess "adjacent": changes of both sides that touch, and do not overlap, are both wanted."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.merge3 import Region, regions


def adjacent(region: Region[str]) -> Sequence[str] | None:
    """Merge the lines of a region; None where changes overlap or both sides insert at one place."""
    merged: list[str] = []
    for part in regions(region.base, region.ours, region.theirs, touching=True):
        if part.merged is None:
            return None
        merged += part.merged
    return merged
