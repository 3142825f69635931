"""Three-way merge of sequences: what each side made of each part of their base."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.core.diff import Change, changes

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Region(Generic[T]):
    """A part of the base, and what stands in its place on either side."""

    base: Sequence[T]
    ours: Sequence[T]
    theirs: Sequence[T]

    @property
    def merged(self) -> Sequence[T] | None:
        """Give what the merge has here; None where both sides changed it, differently."""
        if self.theirs in (self.base, self.ours):
            return self.ours
        return self.theirs if self.ours == self.base else None


Rule = Callable[[Region[T]], Sequence[T] | None]
"""Settles a region that both sides changed, or gives None."""


def merge(
    base: Sequence[T], ours: Sequence[T], theirs: Sequence[T], rules: Sequence[Rule[T]] = ()
) -> list[T] | None:
    """Merge; a region that both sides changed goes to the rules, and None settles nothing."""
    whole: list[T] = []
    for region in regions(base, ours, theirs):
        part = region.merged
        for rule in rules:
            part = rule(region) if part is None else part
        if part is None:
            return None
        whole += part
    return whole


def regions(
    base: Sequence[T], ours: Sequence[T], theirs: Sequence[T], *, touching: bool = False
) -> list[Region[T]]:
    """Cut all three into regions, from beginning to end.

    Changes of the two sides with nothing unchanged between them share a region, as in git. With
    `touching` they do only where they overlap, or are two insertions at one place.
    """
    found: list[Region[T]] = []
    done = our_shift = their_shift = 0
    for part in _parts(changes(base, ours), changes(base, theirs), touching=touching):
        found.append(_unchanged(base[done : part.start]))
        in_ours = ours[part.start + our_shift : part.end + our_shift + part.our_growth]
        in_theirs = theirs[part.start + their_shift : part.end + their_shift + part.their_growth]
        found.append(Region(base[part.start : part.end], in_ours, in_theirs))
        done = part.end
        our_shift += part.our_growth
        their_shift += part.their_growth
    return [*found, _unchanged(base[done:])]


def _unchanged(items: Sequence[T]) -> Region[T]:
    return Region(items, items, items)


@dataclass(slots=True)
class _Part:
    """A changed part of the base, and how many items longer it is on either side."""

    start: int
    end: int
    our_growth: int = 0
    their_growth: int = 0

    def reaches(self, change: Change, *, touching: bool) -> bool:
        """Tell whether a later change belongs to this part."""
        if not touching:
            return change.start <= self.end
        same_place = self.start == self.end == change.start == change.end
        return change.start < self.end or same_place

    def take(self, change: Change, *, is_ours: bool) -> None:
        """Let a change be of this part."""
        growth = change.new_end - change.new_start - (change.end - change.start)
        self.end = max(self.end, change.end)
        self.our_growth += growth if is_ours else 0
        self.their_growth += 0 if is_ours else growth


def _parts(ours: list[Change], theirs: list[Change], *, touching: bool) -> list[_Part]:
    both = sorted(
        [(c.start, c.end, True, c) for c in ours] + [(c.start, c.end, False, c) for c in theirs]
    )
    parts: list[_Part] = []
    for start, end, is_ours, change in both:
        if not parts or not parts[-1].reaches(change, touching=touching):
            parts.append(_Part(start, end))
        parts[-1].take(change, is_ours=is_ours)
    return parts
