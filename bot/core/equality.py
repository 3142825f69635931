"""Whether a backport changes the same as main did, and how that is said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.core import markdown
from bot.core.counts import quantity
from bot.core.patch import Size

MOST_NAMES = 5  # files that are named in one sentence
LEGEND = (
    "The first column tells the two changes apart: `-` is only on main, `+` only in the backport."
    " What follows it is a line of the change itself."
)


class Likeness(StrEnum):
    """How near a backport comes to main's change."""

    IDENTICAL = "identical"
    MOVED = "moved"  # the same lines are changed, what stands around them is not the same
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Equality:
    """A backport's whole change beside main's.

    `differing` names the files that are not alike; `diff` shows the lines in which the two
    changes differ, and `left_out` counts those for which there was no room.
    """

    likeness: Likeness
    main: Size
    backport: Size
    differing: tuple[str, ...] = ()
    diff: str = ""
    left_out: int = 0


TOO_LARGE = Equality(Likeness.UNKNOWN, Size(0, 0, 0), Size(0, 0, 0))


def line(equality: Equality) -> str:
    """Say it in one sentence without a full stop, as Markdown."""
    main, backport = _size(equality.main), _size(equality.backport)
    if equality.likeness is Likeness.UNKNOWN:
        return "too large to be compared with main line by line"
    if equality.likeness is Likeness.IDENTICAL:
        return f"identical to main: {backport}"
    if equality.likeness is Likeness.MOVED:
        return f"the same lines changed as on main, in other surroundings: {backport}"
    files = quantity(len(equality.differing), "file")
    sizes = backport if main == backport else f"{backport} here, {main} on main"
    return f"differs from main in {files}: {_names(equality.differing)} ({sizes})"


def drift(equality: Equality | None) -> str:
    """Say in one sentence that the two changes are not of one size; empty where they are."""
    if equality is None or equality.main == equality.backport:
        return ""
    here, main = _size(equality.backport), _size(equality.main)
    return f"the backport changes {here}, the change on main {main}"


def section(equality: Equality) -> str:
    """Show the lines that differ in a folded block; empty where there are none."""
    if not equality.diff:
        return ""
    moved = equality.likeness is Likeness.MOVED
    title = "What stands around the lines on main" if moved else "What differs from main"
    parts = [f"<details><summary>{title}</summary>", LEGEND, markdown.block(equality.diff, "diff")]
    if equality.left_out:
        parts.append(f"{quantity(equality.left_out, 'more line')} left out.")
    return "\n\n".join([*parts, "</details>"])


def _size(size: Size) -> str:
    return f"{quantity(size.files, 'file')}, +{size.added} −{size.removed}"  # noqa: RUF001 - a real minus


def _names(paths: tuple[str, ...]) -> str:
    names = [markdown.code(path) for path in paths[:MOST_NAMES]]
    more = len(paths) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
