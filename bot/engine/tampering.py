"""Comments of decisions, which are never edited: what other hands did to one is undone and told.

The comment of a vote is written anew with every ballot, and looks after itself (`balloting`).
"""

from __future__ import annotations

from bot.core import decision_comments, vote_record
from bot.core.commands import Spoke
from bot.core.errors import UserError
from bot.core.model import Comment
from bot.core.vote_record import Recorded
from bot.engine import deciding, durable, register, saying
from bot.engine.exception import Remark
from bot.engine.world import github, world


async def mend(command: Spoke) -> None:
    """Write the comment of a decision anew from the register, if that is what was touched."""
    if command.action != "created" and command.comment:
        await durable.step("mend", _mend, command, returns=None)


async def _mend(command: Spoke) -> None:
    known = await register.decisions_at(command.repository.id, command.pull)
    one = next((one for one in known if one.comment == command.comment), None)
    if one is None:
        return
    api = github(command.repository)
    comment = await api.comment(one.comment)
    if comment and holds(one, comment):
        return
    world().observer.note("tampered", comment=one.comment_url, by=command.editor)
    if comment:
        await api.edit_comment(one.comment, await body(one))
    said = decision_comments.tampered(one.comment_url, command.editor, gone=comment is None)
    remark = Remark(decision_comments.tampered_kind(one.comment), said)
    await saying.say_once(command.repository, command.pull, remark)


def holds(one: Recorded, comment: Comment) -> bool:
    """Tell whether the comment of a decision is still as it was signed."""
    try:
        found = vote_record.read_decision(comment.body, world().sign)
    except UserError:
        return False
    return found is not None and found.digest == one.decision.digest


async def body(one: Recorded) -> str:
    """Write a decision's comment again; the next versions in it are those of today."""
    decision = one.decision
    votes = await register.motions_at(one.repository_id, decision.number)
    vote = next((vote for vote in votes if vote.motion.question.commit == decision.commit), None)
    if vote is None:
        text = decision_comments.announcement(decision, {}, None)
    else:
        waiting = None if decision.overturns else vote.tally(world().clock()).waiting
        text = (await deciding.told(vote, decision, waiting)).text
    return vote_record.render_decision(decision, text, world().sign)
