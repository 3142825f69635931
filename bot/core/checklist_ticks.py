"""Boxes of the checklist as people leave them: which they changed, and what then counts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.core import checklist as lists
from bot.core import checklist_lines as lines
from bot.core import markdown, marker
from bot.core.checklist import Checklist, Tick

_BOX = re.compile(
    r"^[ \t]*[-*+] \[([ xX])\] [^\n]*<!-- stablehand:line=([\w.:+]{1,100}) -->", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Change:
    """A box that a person changed: the key of its line, and whether it is ticked now."""

    key: str
    ticked: bool

    @property
    def is_policy(self) -> bool:
        """Tell whether the line is the council's."""
        return self.key == lines.POLICY


def anchor(key: str) -> str:
    """Give the hidden text at the end of a line by which its box is known again."""
    return f"<!-- stablehand:line={key} -->"


def changes(checklist: Checklist, body: str) -> tuple[Change, ...]:
    """Give the boxes in the text of a comment that people changed and nobody has judged yet.

    What was written is told by the state in the text, by `checklist` where that is spoilt. A line
    that evidence fills is nobody's to change.
    """
    if _digest(body) == checklist.judged:
        return ()
    written = {line.key: line for line in lines.all_lines(lists.read(body) or checklist)}
    ticked = {tick.key for tick in checklist.ticks}
    return tuple(
        Change(key, box)
        for key, box in _boxes(body).items()
        if key in written
        and not written[key].evidence
        and written[key].done is not box
        and (key in ticked) is not box
    )


def judged(checklist: Checklist, body: str, accepted: Iterable[Change], by: str) -> Checklist:
    """Let some of the changes in a comment's text count, and be done with all of them."""
    found = tuple(accepted)
    touched = {change.key for change in found}
    kept = tuple(tick for tick in checklist.ticks if tick.key not in touched)
    new = tuple(Tick(change.key, by) for change in found if change.ticked)
    return replace(checklist, ticks=kept + new, judged=_digest(body))


def with_box(text: str, change: Change) -> str:
    """Leave one box in our words as a person set it."""
    before, found, after = text.partition(anchor(change.key))
    line = before.rfind("\n- [") + len("\n- [")
    if not found or line < len("\n- ["):
        return text
    return f"{before[:line]}{'x' if change.ticked else ' '}{before[line + 1 :]}{found}{after}"


def undone_kind(login: str) -> str:
    """Name the comment that tells one person that a box was set back; they are told once."""
    return f"ticked:{re.sub(r'[^A-Za-z0-9-]', '_', login)}"


def undone(login: str, why: str) -> str:
    """Tell a person that a box was set back; `why` is empty where nobody knows who it was."""
    said = markdown.plain(why) or "GitHub does not tell who changed it."
    return f"{marker.mark(undone_kind(login))}\nA box of the checklist was set back: {said}"


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode(errors="replace")).hexdigest()[:16]


def _boxes(body: str) -> Mapping[str, bool]:
    """Read every box in our section of a comment; of two for one line the last counts."""
    return {key: box in "xX" for box, key in _BOX.findall(lists.section(body))}
