"""How far each target is: a row of a table, and the details that have no room in one."""

from __future__ import annotations

import html
import re

from bot.core import markdown
from bot.core.checklist import Row
from bot.core.checklist_lines import version_of
from bot.core.landing import Landing, Way
from bot.core.model import Outcome

_NONE = "\N{EN DASH}"
_HEAD = "| target | pick | pull request | proof | release note | merged | release |"
_WORDS = {
    Outcome.PICKED: "✅ picked",
    Outcome.ALREADY_THERE: "✅ already there",
    Outcome.CONFLICT: "❌ conflict",
    Outcome.MISSING: "❌ no such branch",
    Outcome.NOTHING_TO_PICK: "❌ nothing to pick",
}
_SHORT = 100  # characters of a difference that a cell may hold


def table(rows: tuple[Row, ...]) -> str:
    """Show rows; empty for none."""
    if not rows:
        return ""
    return "\n".join([_HEAD, "|" + "---|" * 7, *map(_line, rows)])


def details(row: Row) -> str:
    """Give what a person needs to go on with a target, or to read over what was merged."""
    if row.by_hand and not row.merged and not row.closed:
        return fold(f"Finish {row.branch} by hand", harmless(row.by_hand))
    if row.landing and _is_long(row.landing.differs):
        return fold(f"How {row.branch} differs", harmless(row.landing.differs))
    return ""


def fold(title: str, text: str) -> str:
    """Put text behind a title in plain words."""
    return f"<details><summary>{html.escape(title)}</summary>\n\n{text}\n\n</details>"


def harmless(text: str) -> str:
    """Keep text that others had a hand in from hiding anything, or from looking like our marks."""
    return text.replace("<!--", "&lt;!--")


def _line(row: Row) -> str:
    cells = (
        markdown.code(row.branch),
        _WORDS[row.outcome] + (f": {row.pick}" if row.pick else ""),
        f"#{row.pull}" if row.pull else _NONE,
        row.tests or _NONE,
        row.note or _NONE,
        _merge(row),
        _release(row),
    )
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return harmless(re.sub(r"\s*[\r\n]\s*", " ", text))


def _merge(row: Row) -> str:
    if row.landing:
        return _landed(row, row.landing)
    if row.pull is None:
        return _NONE
    if row.closed:
        return "✖ closed"
    return "⛔ held back" if row.held_back else "☐ open"


def _landed(row: Row, landing: Landing) -> str:
    if not landing.stands:
        return f"↩ taken back by {landing.reverted_by}"
    by = f" by {markdown.plain(landing.by)}" if landing.by else ""
    return f"✅ {landing.sha}{by}{_likeness(row, landing)}"


def _likeness(row: Row, landing: Landing) -> str:
    """Say of a merge that GitHub did not make how it compares with what was proposed."""
    if landing.differs:
        return ", differs" if _is_long(landing.differs) else f", {landing.differs}"
    return ", as proposed" if row.pull and landing.way is not Way.PULL else ""


def _is_long(differs: str) -> bool:
    return "\n" in differs or len(differs) > _SHORT


def _release(row: Row) -> str:
    if row.shipped:
        return f"✅ {row.shipped.version}, {row.shipped.at:%Y-%m-%d}"
    version = version_of(row)
    if not version or row.outcome is Outcome.ALREADY_THERE or (row.closed and not row.merged):
        return _NONE
    return f"☐ {version}"
