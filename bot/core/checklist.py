"""The living checklist on the source pull request: one table row per target, then what is open.

Its state travels inside the comment as JSON, so that a comment is enough to go on from; people's
ticks in it are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from bot.core import marker, noted
from bot.core.follow_up import FollowUp
from bot.core.landing import Landing
from bot.core.model import Outcome
from bot.core.noted import Noted, Share
from bot.core.shipping import Release, StepDone

KIND = "checklist"
_STATE = re.compile(r"<!-- stablehand:state (\{.*?\}) -->")


@dataclass(frozen=True, slots=True)
class Row:
    """How far one target is.

    `pick` is a detail for a person (why a push was refused, how it compares with main);
    `conflicts` are the paths in which a person has to act; `tests` is the line of the test run,
    `note` that of the release note, which `noted` has in full, `landing` how the fix came to the
    branch, `shipped` the first release that holds it, `steps` what was seen of its release;
    `closed` says that the pull request was closed without a merge, `standing` that its branch was
    left as it stood, so that an earlier row knows it better, `held_back` that it must not be merged
    now.
    """

    branch: str
    series: str
    outcome: Outcome
    pick: str = ""
    by_hand: str = ""
    conflicts: tuple[str, ...] = ()
    pull: int | None = None
    tests: str = ""
    note: str = ""
    version: str | None = None
    landing: Landing | None = None
    closed: bool = False
    standing: bool = False
    held_back: bool = False
    shipped: Release | None = None
    steps: tuple[StepDone, ...] = ()
    noted: Noted | None = None

    @property
    def merged(self) -> str | None:
        """Give the commit by which the branch holds the fix, None where it does not."""
        return self.landing.sha if self.landing and self.landing.stands else None


@dataclass(frozen=True, slots=True)
class Tick:
    """A line that a person ticked: its key, and the login."""

    key: str
    by: str


@dataclass(frozen=True, slots=True)
class Reminded:
    """A reminder that was sent: of what, when last, and how often so far."""

    key: str
    at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class Checklist:
    """The whole of it: what is backported, who asked for it, and a row per target.

    A `forecast` says how it would go, before the merge. `basis` says in one sentence of Markdown by
    what right it is done. `ticks` are people's; `judged` is the digest of the comment as a person
    left it whose ticks were judged last. No reminder is sent before `snoozed_until`. `shares` are
    the notes that main and newer branches get.
    """

    sources: tuple[str, ...]
    claimed_by: str
    label: str
    rows: tuple[Row, ...]
    forecast: bool = False
    basis: str = ""
    ticks: tuple[Tick, ...] = ()
    follow_up: FollowUp | None = None
    reminded: tuple[Reminded, ...] = ()
    snoozed_until: datetime | None = None
    shares: tuple[Share, ...] = ()
    judged: str = ""

    def with_rows(self, rows: tuple[Row, ...]) -> Checklist:
        """Put new rows in the place of those of the same branch, and others behind.

        What is known of a merge or of a test run stays known.
        """
        old = {row.branch: row for row in self.rows}
        new = {row.branch: _after(old.get(row.branch), row) for row in rows}
        kept = tuple(new.pop(row.branch, row) for row in self.rows)
        return replace(self, rows=kept + tuple(new.values()))

    def with_row(self, row: Row) -> Checklist:
        """Put a row in the place of the one of its branch, as it is."""
        return self.changed(lambda old: row if old.branch == row.branch else old)

    def followed_by(self, new: Checklist) -> Checklist:
        """Take a newer state over; a forecast gives way to what was done, never the reverse.

        Forecasts of different labels stand side by side.
        """
        if self.forecast and not new.forecast:
            return new
        rows = new.rows
        if new.forecast:
            opened = {row.branch for row in self.rows if row.pull}
            rows = tuple(row for row in rows if row.branch not in opened)
        return replace(self.with_rows(rows), sources=new.sources, basis=new.basis or self.basis)

    def tested_as(self, other: Checklist) -> Checklist:
        """Take the lines of the tests over, which come while something else is looked at."""
        tests = {row.branch: row.tests for row in other.rows}
        return self.changed(lambda row: replace(row, tests=tests.get(row.branch, row.tests)))

    def changed(self, change: Callable[[Row], Row]) -> Checklist:
        """Apply a change to every row."""
        return replace(self, rows=tuple(change(row) for row in self.rows))


_ADAPTER = TypeAdapter(Checklist)


def _after(old: Row | None, new: Row) -> Row:
    if old is None:
        return new
    if new.standing and old.pull == new.pull:
        return replace(old, landing=new.landing or old.landing, closed=new.closed)
    return replace(
        new,
        landing=new.landing or old.landing,
        tests=new.tests or old.tests,
        held_back=old.held_back,
        shipped=old.shipped,
        steps=old.steps,
        noted=noted.after(old.noted, new.noted),
    )


def section(body: str) -> str:
    """Give our section of a comment; all of it where its marks are gone."""
    _, found, after = body.partition(marker.mark(KIND))
    return after.partition(marker.mark(f"/{KIND}"))[0] if found else body


def read(body: str) -> Checklist | None:
    """Read the state out of a comment; None where there is none that can be used."""
    found = _STATE.findall(section(body))
    if not found:
        return None
    try:
        return _ADAPTER.validate_json(found[-1])
    except ValidationError:
        return None


def dump(checklist: Checklist) -> str:
    """Write the state as a comment that `read` finds, and that nothing in it can end."""
    state = _ADAPTER.dump_json(checklist).decode()
    safe = state.replace("--", "-\\u002d").replace(">", "\\u003e")
    return f"<!-- stablehand:state {safe} -->"
