"""Compare two changes: what does a backport's patch say that main's does not, and the reverse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import unified_diff
from typing import NamedTuple

from bot.core.equality import Equality, Likeness
from bot.core.patch import FileChange, Kind, Line, size

MOST_LINES = 200
MOST_CHARACTERS = 16_000  # a pull request's body holds 65,536
LONGEST = 2000  # lines of a file's change; comparing more would take seconds
WIDEST = 500  # characters of a line that is shown
KINSHIP = 0.5  # share of changed lines by which files of different names are taken for one
_CONTROL_LINES = 2


class _Pair(NamedTuple):
    main: FileChange | None
    backport: FileChange | None

    @property
    def same_changes(self) -> bool:
        one, other = self
        return one is not None and other is not None and one.changes == other.changes

    @property
    def same_patch(self) -> bool:
        one, other = self
        return (
            one is not None
            and other is not None
            and (one.path, one.patch) == (other.path, other.patch)
        )

    @property
    def path(self) -> str:
        change = self.backport or self.main
        return change.path if change else ""


def compare(main: Sequence[FileChange], backport: Sequence[FileChange]) -> Equality:
    """Compare byte for byte.

    Where in a file a change stands never counts. What stands around it makes the difference
    between identical and moved.
    """
    pairs = _pairs(main, backport)
    differing = [pair for pair in pairs if not pair.same_changes]
    moved = [pair for pair in pairs if not pair.same_patch]
    likeness = Likeness.DIFFERENT if differing else Likeness.MOVED if moved else Likeness.IDENTICAL
    shown = differing or moved
    rows = [row for pair in shown for row in _differences(pair)]
    diff = _cut(rows)
    return Equality(
        likeness,
        size(tuple(main)),
        size(tuple(backport)),
        tuple(pair.path for pair in shown),
        "\n".join(diff),
        len(rows) - len(diff),
    )


def _pairs(main: Sequence[FileChange], backport: Sequence[FileChange]) -> list[_Pair]:
    theirs = {change.path: change for change in main}
    ours = {change.path: change for change in backport}
    pairs = {path: _Pair(theirs.get(path), change) for path, change in ours.items()}
    for path, change in theirs.items():
        if path not in ours:
            alone = [pair.backport for pair in pairs.values() if pair.main is None]
            kin = _kin(change, filter(None, alone))
            pairs[kin.path if kin else path] = _Pair(change, kin)
    return [pairs[path] for path in sorted(pairs)]


def _kin(change: FileChange, others: Iterable[FileChange]) -> FileChange | None:
    """Find the same change under another name: the target may not have seen a renaming."""
    best = max(others, key=lambda other: _shared(change, other), default=None)
    return best if best and _shared(change, best) >= KINSHIP else None


def _shared(one: FileChange, other: FileChange) -> float:
    if one.changes == other.changes:
        return 1.0
    mine, its = (
        Counter(line for line in change.changes if line.kind is not Kind.FACT)
        for change in (one, other)
    )
    return 2 * (mine & its).total() / max((mine + its).total(), 1)


def _differences(pair: _Pair) -> Iterator[str]:
    """Give the lines that differ, with a few around them, as `git range-diff` does."""
    main, backport = pair
    yield f"=== {_title(pair)}"
    if main is None or backport is None:
        sign, change = ("-", main) if main else ("+", backport)
        yield from (sign + _shown(line) for line in change.lines) if change else ()
    elif max(len(main.lines), len(backport.lines)) > LONGEST:
        yield "… too many lines to be compared"
    else:
        before, after = ([_shown(line) for line in change.lines] for change in (main, backport))
        rows = list(unified_diff(before, after, lineterm=""))[_CONTROL_LINES:]
        yield from ("…" if row.startswith("@@") else row for row in rows[1:])


def _title(pair: _Pair) -> str:
    main, backport = pair
    if backport is None:
        return f"{pair.path} (only on main)"
    if main is None:
        return f"{pair.path} (only in the backport)"
    return pair.path if main.path == pair.path else f"{pair.path} (on main {main.path})"


def _shown(line: Line) -> str:
    if line.kind is Kind.HUNK:
        return " @@"
    text = line.text.decode(errors="backslashreplace")
    return (" ## " if line.kind is Kind.FACT else line.kind) + _visible(text)[:WIDEST]


def _visible(text: str) -> str:
    """Write what would not be seen as Python does, so that no difference is hidden."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\t" else char.encode("unicode_escape").decode()
        for char in text
    )


def _cut(rows: Sequence[str]) -> list[str]:
    kept: list[str] = []
    room = MOST_CHARACTERS
    for row in rows[:MOST_LINES]:
        room -= len(row) + 1
        if room < 0:
            break
        kept.append(row)
    return kept
