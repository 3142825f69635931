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

from bot.core import markdown
from bot.core.follow_up import FollowUp
from bot.core.landing import Landing
from bot.core.model import Outcome
from bot.core.shipping import Release, StepDone

KIND = "checklist"
_NONE = "\N{EN DASH}"
_STATE = re.compile(r"<!-- stablehand:state (\{.*?\}) -->")
_TICKED = re.compile(r"^- \[[xX]\] (.+)$", re.MULTILINE)
_WORDS = {
    Outcome.PICKED: "✅ picked",
    Outcome.ALREADY_THERE: "✅ already there",
    Outcome.CONFLICT: "❌ conflict",
    Outcome.MISSING: "❌ no such branch",
    Outcome.NOTHING_TO_PICK: "❌ nothing to pick",
}


@dataclass(frozen=True, slots=True)
class Row:
    """How far one target is.

    `pick` is a detail for a person (why a push was refused, how it compares with main);
    `conflicts` are the paths in which a person has to act; `tests` is the line of the test run,
    `note` that of the release note, `landing` how the fix came to the branch, `shipped` the first
    release that holds it, `steps` what was seen of its release; `closed` says that the pull request
    was closed without a merge, `standing` that its branch was left as it stood, so that an earlier
    row knows it better, `held_back` that it must not be merged now.
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
    what right it is done. `ticks` are people's. No reminder is sent before `snoozed_until`.
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

    def with_rows(self, rows: tuple[Row, ...]) -> Checklist:
        """Put new rows in the place of those of the same branch, and others behind.

        What is known of a merge or of a test run stays known.
        """
        old = {row.branch: row for row in self.rows}
        new = {row.branch: _after(old.get(row.branch), row) for row in rows}
        kept = tuple(new.pop(row.branch, row) for row in self.rows)
        return replace(self, rows=kept + tuple(new.values()))

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
    )


def read(body: str) -> Checklist | None:
    """Read the state out of a comment; None where there is none that can be used."""
    found = _STATE.search(body)
    if not found:
        return None
    try:
        return _ADAPTER.validate_json(found.group(1))
    except ValidationError:
        return None


def render(checklist: Checklist, before: str = "") -> str:
    """Write the section; boxes that are ticked in `before` stay ticked."""
    state = _ADAPTER.dump_json(checklist).decode().replace("--", "-\\u002d").replace(">", "\\u003e")
    parts = [_head(checklist), _table(checklist.rows), *_by_hand(checklist.rows)]
    if not checklist.forecast:
        parts += [_releaser(checklist.rows), _policy()]
    parts.append(f"<!-- stablehand:state {state} -->")
    text = "\n\n".join(part for part in parts if part)
    for ticked in _TICKED.findall(before):
        text = text.replace(f"- [ ] {ticked}\n", f"- [x] {ticked}\n")
    return text


def _head(checklist: Checklist) -> str:
    shas = ", ".join(checklist.sources)
    asked = f"{markdown.code(checklist.label)}, by {markdown.plain(checklist.claimed_by)}"
    if checklist.forecast:
        return (
            f"### Backports: a forecast\n\nThis is how {shas} would pick now ({asked}). The "
            "backports are made once this pull request is merged; nothing else needs to be done."
        )
    basis = f" {checklist.basis}" if checklist.basis else ""
    return f"### Backports\n\n{shas} is brought to the branches below ({asked}).{basis}"


def _table(rows: tuple[Row, ...]) -> str:
    lines = ["| target | pick | pull request | tests | release note | merged |", "|" + "---|" * 6]
    return "\n".join(lines + [_line(row) for row in rows])


def _line(row: Row) -> str:
    pick = _WORDS[row.outcome] + (f": {row.pick}" if row.pick else "")
    cells = (
        markdown.code(row.branch),
        pick,
        f"#{row.pull}" if row.pull else _NONE,
        row.tests or _NONE,
        row.note or _NONE,
        _merge(row),
    )
    return f"| {' | '.join(cells)} |"


def _merge(row: Row) -> str:
    if row.merged:
        return f"✅ {row.merged}"
    if row.pull is None:
        return _NONE
    if row.held_back and not row.closed:
        return "⛔ held back"
    return "✖ closed" if row.closed else "☐ open"


def _by_hand(rows: tuple[Row, ...]) -> list[str]:
    return [
        f"<details><summary>Finish {markdown.code(row.branch)} by hand</summary>\n\n"
        f"{row.by_hand}\n\n</details>"
        for row in rows
        if row.by_hand and not row.merged
    ]


def _releaser(rows: tuple[Row, ...]) -> str:
    open_points = [
        f"- [ ] Release {row.version} from {markdown.code(row.branch)} with this fix.\n"
        for row in rows
        if row.version and row.outcome is not Outcome.ALREADY_THERE
    ]
    return "**For the releaser**\n\n" + "".join(open_points) if open_points else ""


def _policy() -> str:
    return (
        "**For the policy**\n\n"
        "- [ ] Decide whether the backport policy changes after this exception.\n"
    )
