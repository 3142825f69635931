"""What changed between two sequences: unique items in common first, shortest edits between them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T", bound=Hashable)

MOST_EDITS = 300  # above it two stretches count as wholly different


class Change(NamedTuple):
    """Items `start:end` of the one became items `new_start:new_end` of the other."""

    start: int
    end: int
    new_start: int
    new_end: int


class _Stretch(NamedTuple):
    a0: int
    a1: int
    b0: int
    b1: int


def changes(before: Sequence[T], after: Sequence[T]) -> list[Change]:
    """Give the changes in order; between any two of them is at least one item in common.

    What was put in or taken out stands as low as it can, as in git: of `x`, `x y x` is made by
    adding `y x` below. So two sides that change one place are seen to meet there.
    """
    found: list[Change] = []
    i = j = 0
    for next_i, next_j in (*common(before, after), (len(before), len(after))):
        if (i, j) != (next_i, next_j):
            found.append(Change(i, next_i, j, next_j))
        i, j = next_i + 1, next_j + 1
    return _lowered(found, before, after)


def _lowered(found: list[Change], before: Sequence[T], after: Sequence[T]) -> list[Change]:
    low: list[Change] = []  # the last one first
    while found:
        limit = low[-1].start if low else len(before)
        change = _low(found.pop(), before, after, limit)
        if low and change.end == limit:
            below = low.pop()
            found.append(Change(change.start, below.end, change.new_start, below.new_end))
        else:
            low.append(change)
    return low[::-1]


def _low(change: Change, before: Sequence[T], after: Sequence[T], limit: int) -> Change:
    start, end, new_start, new_end = change
    if start != end and new_start != new_end:
        return change
    items, first, last = (after, new_start, new_end) if start == end else (before, start, end)
    by = 0
    while end + by < limit and items[first + by] == items[last + by]:
        by += 1
    return Change(start + by, end + by, new_start + by, new_end + by)


def common(before: Sequence[T], after: Sequence[T]) -> list[tuple[int, int]]:
    """Give the positions of the items in common, rising on both sides."""
    # Comparing small numbers is quicker than comparing lines.
    numbers: dict[T, int] = {}
    a = [numbers.setdefault(item, len(numbers)) for item in before]
    b = [numbers.setdefault(item, len(numbers)) for item in after]
    found: list[tuple[int, int]] = []
    todo = [_Stretch(0, len(a), 0, len(b))]
    while todo:
        stretch, ends = _trimmed(a, b, todo.pop())
        found += ends
        if stretch.a0 == stretch.a1 or stretch.b0 == stretch.b1:
            continue
        if anchors := _anchors(a, b, stretch):
            found += anchors
            todo += _between(anchors, stretch)
        else:
            found += _shortest(a, b, stretch)
    return sorted(found)


def _trimmed(
    a: list[int], b: list[int], stretch: _Stretch
) -> tuple[_Stretch, list[tuple[int, int]]]:
    """Take off what is equal at the beginning and at the end."""
    a0, a1, b0, b1 = stretch
    found = []
    while a0 < a1 and b0 < b1 and a[a0] == b[b0]:
        found.append((a0, b0))
        a0, b0 = a0 + 1, b0 + 1
    while a0 < a1 and b0 < b1 and a[a1 - 1] == b[b1 - 1]:
        a1, b1 = a1 - 1, b1 - 1
        found.append((a1, b1))
    return _Stretch(a0, a1, b0, b1), found


def _anchors(a: list[int], b: list[int], stretch: _Stretch) -> list[tuple[int, int]]:
    """Pair the items that occur once on either side; keep the longest run in one order."""
    a0, a1, b0, b1 = stretch
    once = _once(b, b0, b1)
    pairs = [(i, once[item]) for item, i in _once(a, a0, a1).items() if item in once]
    ends: list[int] = []  # the smallest j with which a run of each length ends
    last: list[int] = []  # the pair it belongs to
    previous: list[int] = []
    for index, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        ends[length : length + 1] = [j]
        last[length : length + 1] = [index]
        previous.append(last[length - 1] if length else -1)
    run: list[tuple[int, int]] = []
    index = last[-1] if last else -1
    while index >= 0:
        run.append(pairs[index])
        index = previous[index]
    return run[::-1]


def _once(items: list[int], start: int, end: int) -> dict[int, int]:
    counts = Counter(items[start:end])
    return {items[i]: i for i in range(start, end) if counts[items[i]] == 1}


def _between(anchors: list[tuple[int, int]], stretch: _Stretch) -> Iterator[_Stretch]:
    a0, a1, b0, b1 = stretch
    for i, j in (*anchors, (a1, b1)):
        yield _Stretch(a0, i, b0, j)
        a0, b0 = i + 1, j + 1


def _shortest(a: list[int], b: list[int], stretch: _Stretch) -> list[tuple[int, int]]:
    """Find the fewest deletions and insertions (Myers' greedy search, then back along it)."""
    a0, a1, b0, b1 = stretch
    width, height = a1 - a0, b1 - b0
    furthest = {1: 0}
    trail: list[dict[int, int]] = []
    for edits in range(min(width + height, MOST_EDITS) + 1):
        trail.append(furthest.copy())
        for k in range(-edits, edits + 1, 2):
            x = _step(furthest, k, edits)
            while x < width and x - k < height and a[a0 + x] == b[b0 + x - k]:
                x += 1
            furthest[k] = x
            if x >= width and x - k >= height:
                return [(a0 + i, b0 + j) for i, j in _back(trail, width, height)]
    return []


def _step(furthest: dict[int, int], k: int, edits: int) -> int:
    """Give where diagonal k is entered: from above (an insertion) or from the left."""
    if k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1]):
        return furthest[k + 1]
    return furthest[k - 1] + 1


def _back(trail: list[dict[int, int]], x: int, y: int) -> Iterator[tuple[int, int]]:
    for edits in range(len(trail) - 1, -1, -1):
        furthest, k = trail[edits], x - y
        entered = _step(furthest, k, edits)
        while x > entered:
            x, y = x - 1, y - 1
            yield x, y
        down = k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1])
        x, y = (x, y - 1) if down else (x - 1, y)
