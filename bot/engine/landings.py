"""What became of each backport: merged by whatever hand, closed, taken back, brought back."""

from __future__ import annotations

from dataclasses import replace

from bot.core import landing_text, marker
from bot.core.checklist import Checklist, Row
from bot.core.landing import Landing, Way
from bot.core.model import Repository
from bot.core.sighting import SeenTarget
from bot.engine import durable, saying
from bot.engine.exception import Remark
from bot.engine.seeing import Look
from bot.engine.world import github


async def attend(look: Look) -> Checklist:
    """Put into each row how its branch got the fix, and say what people have to know of it."""
    for row in look.case.checklist.rows:
        seen = look.seen.target(row.branch)
        if seen and seen.tip:
            await _tell_backport(look.case.repository, row, seen)
            await _tell_source(look, seen)
    return look.case.checklist.changed(lambda row: _changed(row, look.seen.target(row.branch)))


def _changed(row: Row, seen: SeenTarget | None) -> Row:
    """Give a row as it is now; of a branch that is gone nothing new can be told."""
    if seen is None or not seen.tip:
        return row
    pull = seen.pull
    closed = pull is not None and not pull.is_open and not pull.merged
    return replace(row, landing=seen.landing, closed=closed or _is_done(seen))


def _is_done(seen: SeenTarget) -> bool:
    """Tell whether a backport that stands open has nothing left to bring, and is closed by us."""
    landing, pull = seen.landing, seen.pull
    by_hand = landing is not None and landing.stands and landing.way is not Way.PULL
    return by_hand and pull is not None and pull.is_open


async def _tell_backport(repository: Repository, row: Row, seen: SeenTarget) -> None:
    """Say on a backport pull request how it ended, where it was not GitHub that merged it."""
    pull = seen.pull
    words = _ending(row, seen)
    if pull is None or not words:
        return
    remark = Remark(landing_text.ENDED, words)
    await saying.try_to_say(f"tell {row.series}", repository, pull.number, remark)
    if _is_done(seen):
        close = github(repository).close_pull
        await durable.step(f"close {row.series}", close, pull.number, returns=None)


def _ending(row: Row, seen: SeenTarget) -> str:
    """Word the end of a backport; empty where there is none, or it was told."""
    pull, landing = seen.pull, seen.landing
    if pull is None or pull.merged:
        return ""
    if landing and landing.stands:
        return (
            "" if _known(row, landing) and not pull.is_open else landing_text.landed(seen, landing)
        )
    if pull.is_open:
        return landing_text.reopened() if row.closed else ""
    return "" if landing or row.held_back else landing_text.closed(seen)


def _known(row: Row, landing: Landing) -> bool:
    return row.landing is not None and row.landing.sha == landing.sha and row.landing.stands


async def _tell_source(look: Look, seen: SeenTarget) -> None:
    """Say on the source that a branch lost the fix, and of one of which that was said, no more."""
    landing, kind = seen.landing, landing_text.reverted_kind(seen.series)
    said = marker.find(look.seen.comments, kind)
    if landing is None or (landing.stands and said is None):
        return
    tell = landing_text.brought_back if landing.stands else landing_text.reverted
    remark = Remark(kind, tell(seen, landing))
    if said is None or said.body != remark.body:
        name = f"tell of revert {seen.series}"
        await saying.try_to_say(name, look.case.repository, look.case.number, remark)
