"""Which release brings each backport, and what was seen of that release so far."""

from __future__ import annotations

from dataclasses import replace

from bot.core import marker, shipped_text
from bot.core.checklist import Checklist, Row
from bot.core.sighting import SeenTarget
from bot.engine import saying
from bot.engine.exception import Remark
from bot.engine.seeing import Look


async def attend(look: Look) -> Checklist:
    """Put versions, releases and steps into the rows, and say once when all have shipped."""
    checklist = look.case.checklist.changed(lambda row: _changed(row, look.seen.target(row.branch)))
    said = marker.find(look.seen.comments, shipped_text.KIND)
    words = shipped_text.shipped(checklist.rows, again=said is not None)
    if words and (said is None or said.body != words):
        remark = Remark(shipped_text.KIND, words)
        await saying.try_to_say("tell shipped", look.case.repository, look.case.number, remark)
    return checklist


def _changed(row: Row, seen: SeenTarget | None) -> Row:
    """Give a row as it is now; a branch may be gone, and its tags stay."""
    if seen is None:
        return row
    first = seen.releases[0] if seen.releases else None
    return replace(row, shipped=first, version=seen.version or row.version, steps=seen.steps)
