"""Boxes of the checklist that people changed: those of people who may count, others are set back.

GitHub lets everybody who may write tick a box in our comment, and tells who did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core import checklist as lists
from bot.core import checklist_ticks as ticks
from bot.core import marker, policy
from bot.core.checklist import Checklist
from bot.core.checklist_ticks import Change
from bot.core.config import Configuration
from bot.core.model import Comment, Repository
from bot.engine import durable, people, saying
from bot.engine.exception import Remark, standing_of
from bot.engine.seeing import Look
from bot.engine.world import github


@dataclass(frozen=True, slots=True)
class Hand:
    """Who changed boxes: `login` is empty where nobody knows; `why` says why they may not.

    `decides` tells whether they are of the council.
    """

    login: str = ""
    may: bool = False
    decides: bool = False
    why: str = ""

    def may_change(self, change: Change) -> bool:
        """Tell whether they may change a box: the council its own, mergers each."""
        return self.may or (self.decides and change.is_policy)


async def attend(look: Look) -> Checklist:
    """Judge the boxes that people changed since the checklist was written."""
    checklist, comment = look.case.checklist, _comment(look)
    changes = ticks.changes(checklist, comment.body) if comment else ()
    if comment is None or not changes:
        return checklist
    repository = look.case.repository
    hand: Hand = await durable.step(
        "who ticked", _hand, repository, look.configuration, comment.id, returns=Hand
    )
    accepted = [change for change in changes if hand.may_change(change)]
    if len(accepted) < len(changes):
        remark = Remark(ticks.undone_kind(hand.login), ticks.undone(hand.login, hand.why))
        await saying.try_to_say("set back", repository, look.case.number, remark)
    return ticks.judged(checklist, comment.body, accepted, hand.login)


def _comment(look: Look) -> Comment | None:
    """Find the checklist among what was said; one that was written anew has another id."""
    said: Sequence[Comment] = look.seen.comments
    known = (one for one in said if one.id == look.case.comment)
    return next(known, None) or marker.find(said, lists.KIND)


async def _hand(repository: Repository, configuration: Configuration, comment_id: int) -> Hand:
    """Ask who changed the comment last, and what they may."""
    api = github(repository)
    login = await api.editor(comment_id)
    if not login:
        return Hand()
    standing = await standing_of(api, repository, configuration, login)
    verdict = policy.may(configuration, standing, "tick boxes of the checklist")
    may = verdict.answer is policy.Answer.YES
    decides = not may and await people.decides(api, repository, configuration.exception, login)
    return Hand(login, may, decides, verdict.why)
