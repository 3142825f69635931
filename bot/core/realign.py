"""Carrying a change of a formatted text back on to the text as it stands.

The two texts hold the same tokens. Where both begin a line with the same token, both can be cut;
a change grows to the next cuts around it, and all lines outside keep their bytes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from bot.core.diff import changes, common
from bot.core.lexemes import Lexeme, lexemes


class _Cut(NamedTuple):
    """Line starts of both texts, counted from 0, with the same before and behind them."""

    own: int
    formatted: int


class _Hunk(NamedTuple):
    """Cuts `first` to `last` shall hold lines `start:end` of the wanted text."""

    first: int
    last: int
    start: int
    end: int


def realign(own: Sequence[str], formatted: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Change `own` as its formatted text has to change to become `wanted`; all three are lines."""
    cuts = _cuts(own, formatted)
    result: list[str] = []
    done = 0
    for hunk in _hunks(cuts, formatted, wanted):
        result += own[done : cuts[hunk.first].own]
        result += wanted[hunk.start : hunk.end]
        done = cuts[hunk.last].own
    return [*result, *own[done:]]


def _cuts(own: Sequence[str], formatted: Sequence[str]) -> list[_Cut]:
    """Give the cuts in order, each line of the formatted text at most once."""
    of_own, of_formatted = lexemes("".join(own)), lexemes("".join(formatted))
    pairs = common([item.meaning for item in of_own], [item.meaning for item in of_formatted])
    together = {*pairs, (-1, -1)}
    cuts = {0: 0}
    for i, j in pairs:
        a, b = of_own[i], of_formatted[j]
        if _begin_alike(a, b) and (i - 1, j - 1) in together:
            # Empty lines in front belong to neither side.
            cuts.setdefault(_end(of_formatted, j - 1), _end(of_own, i - 1))
            cuts[b.line] = a.line
    cuts[len(formatted)] = len(own)
    return [_Cut(own_line, line) for line, own_line in sorted(cuts.items())]


def _begin_alike(own: Lexeme, formatted: Lexeme) -> bool:
    """Tell whether both begin a line; inside brackets a foreign indent would look odd."""
    if own.indent is None or formatted.indent is None:
        return False
    return own.indent == formatted.indent or own.depth == formatted.depth == 0


def _end(items: Sequence[Lexeme], index: int) -> int:
    """Give the line behind an item; there is one before the first."""
    return items[index].last_line + 1 if index >= 0 else 0


def _hunks(cuts: Sequence[_Cut], formatted: Sequence[str], wanted: Sequence[str]) -> list[_Hunk]:
    starts = [cut.formatted for cut in cuts]
    hunks: list[_Hunk] = []
    for change in changes(formatted, wanted):
        first = bisect_right(starts, change.start) - 1
        last = bisect_left(starts, change.end)
        start = change.new_start - (change.start - starts[first])
        if hunks and hunks[-1].last > first:
            first, start = hunks[-1].first, hunks.pop().start
        hunks.append(_Hunk(first, last, start, change.new_end + starts[last] - change.end))
    return hunks
