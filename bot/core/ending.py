"""When an exception is over: targets, notes and the policy are all settled."""

from __future__ import annotations

from bot.core.checklist import Checklist, Row
from bot.core.model import Outcome

_NOTHING_TO_DO = frozenset({Outcome.ALREADY_THERE, Outcome.MISSING, Outcome.NOTHING_TO_PICK})


def has_ended(checklist: Checklist) -> bool:
    """Tell whether nothing is left to follow: no landing, release, note or policy."""
    rows = checklist.rows
    if checklist.forecast or not all(map(_is_settled, rows)):
        return False
    if any(share.lacking and share.pull for share in checklist.shares):
        return False  # a pull request of ours still brings notes
    later = checklist.follow_up
    return not any(row.merged for row in rows) or (later is not None and later.closed)


def _is_settled(row: Row) -> bool:
    """Tell whether a target holds a released fix, or will never get one by this exception."""
    if row.merged:
        return row.shipped is not None
    return row.closed or (row.pull is None and row.outcome in _NOTHING_TO_DO)
