"""The lines of main over which a pick stumbles: both the fix and the target have them otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.core.diff import Change, changes

AROUND = 3  # lines that count as near, as in a patch


@dataclass(frozen=True, slots=True)
class Contested:
    """Line numbers, from 1, in the file that the fix was made on.

    `near` are those that the fix changes, and their neighbours, where the target differs;
    `missing` are those among them that the target does not have.
    """

    near: tuple[int, ...]
    missing: tuple[int, ...]


def contested(base: bytes, ours: bytes, theirs: bytes) -> Contested:
    """Find them in the three versions of a file; a file that is not there is an empty one."""
    before = base.split(b"\n")
    fix, target = (changes(before, side.split(b"\n")) for side in (theirs, ours))
    last = len(before) - before[-1:].count(b"")  # after the last line feed is no line
    for distance in (0, AROUND):
        met = [hunk for hunk in fix if any(_meet(hunk, other, distance) for other in target)]
        near = _numbers(met, max(distance, 1), last)
        gone = _numbers(target, 0, last)
        if missing := near & gone:
            break
    return Contested(tuple(sorted(_numbers(met, AROUND, last))), tuple(sorted(missing)))


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Give first and last of each run of adjoining numbers, which must rise."""
    start = end = 0
    for number in numbers:
        if start and number > end + 1:
            yield start, end
        if not start or number > end + 1:
            start = number
        end = number
    if start:
        yield start, end


def _meet(one: Change, other: Change, distance: int) -> bool:
    return one.start <= other.end + distance and other.start <= one.end + distance


def _numbers(hunks: list[Change], around: int, last: int) -> set[int]:
    return {
        number
        for hunk in hunks
        for number in range(max(hunk.start - around, 0) + 1, min(hunk.end + around, last) + 1)
    }
