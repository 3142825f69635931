"""The words of the checklist: one table row per target, then what is open."""

from __future__ import annotations

import re

from bot.core import checklist as lists
from bot.core import markdown
from bot.core.checklist import Checklist, Row
from bot.core.model import Outcome

_NONE = "\N{EN DASH}"
_TICKED = re.compile(r"^- \[[xX]\] (.+)$", re.MULTILINE)
_WORDS = {
    Outcome.PICKED: "✅ picked",
    Outcome.ALREADY_THERE: "✅ already there",
    Outcome.CONFLICT: "❌ conflict",
    Outcome.MISSING: "❌ no such branch",
    Outcome.NOTHING_TO_PICK: "❌ nothing to pick",
}


def render(checklist: Checklist, before: str = "") -> str:
    """Write the section; boxes that are ticked in `before` stay ticked."""
    parts = [_head(checklist), _table(checklist.rows), *_by_hand(checklist.rows)]
    if not checklist.forecast:
        parts += [_releaser(checklist.rows), _policy()]
    parts.append(lists.dump(checklist))
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
