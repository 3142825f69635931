"""Ballots: what people write where a vote is open, counted and shown in the vote's own comment.

A ballot costs three requests at most: the team, the comment of the vote, a reaction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core import exception_command, vote_comments
from bot.core.commands import Spoke
from bot.core.errors import UserError
from bot.core.vote_record import Status, Vote
from bot.core.votes import ballots, register
from bot.core.votes.ballots import Reading
from bot.core.votes.normal import sha256
from bot.core.votes.register import Event, Kind, Seen
from bot.core.votes.roster import key
from bot.core.votes.rule import Outcome
from bot.engine import deciding, durable, motions, people
from bot.engine import register as kept
from bot.engine.world import github, world

_KINDS = {"created": Kind.CAST, "deleted": Kind.DELETED}
_COMMAND = re.compile(r"^[ \t]*/vote\b", re.MULTILINE)
_MOST_NOTED = 100  # events; beyond, what does not count is left out of the record


@dataclass(frozen=True, slots=True)
class Noticed:
    """What came of something that people wrote; `vote` is None where it means nothing.

    `counted` tells whether all ballots in it count, `closed` whether the vote is decided now.
    """

    vote: Vote | None = None
    reaction: str = ""
    closed: bool = False


async def notice(command: Spoke) -> None:
    """Take notice of what a person wrote, changed or took away, if it is about a vote."""
    noticed: Noticed = await durable.step("notice", _notice, command, returns=Noticed)
    await _follow_up(command, noticed)


async def cast(command: Spoke, reading: Reading) -> None:
    """Count a ballot that was read already."""
    noticed: Noticed = await durable.step("cast", _cast, command, reading, returns=Noticed)
    await _follow_up(command, noticed)


async def _follow_up(command: Spoke, noticed: Noticed) -> None:
    if noticed.reaction:
        await motions.react(command, noticed.reaction)
    if noticed.vote and noticed.closed:
        await deciding.close(noticed.vote)
    elif noticed.vote:
        await durable.step("show", motions.show, noticed.vote, returns=None)


async def _notice(command: Spoke) -> Noticed:
    """Find out what it is; where the register knows no vote, GitHub is not asked."""
    vote = await kept.motion_at(command.repository.id, command.pull)
    if vote is None or vote.status is Status.WITHDRAWN:
        lost = command.action == "created" and _COMMAND.search(command.body)
        return Noticed(reaction="confused" if lost else "")
    if command.comment and command.comment == vote.comment:
        return await _restored(command, vote)
    if command.place == vote.place:
        return await _text_changed(command, vote)
    return await _counted(command, vote, _read(command, vote))


async def _cast(command: Spoke, reading: Reading) -> Noticed:
    vote = await kept.motion_at(command.repository.id, command.pull)
    return await _counted(command, vote, reading) if vote else Noticed()


def _read(command: Spoke, vote: Vote) -> Reading:
    """Read ballots; a command that posts an answer stays one when it is edited."""
    said = exception_command.read(command.body)
    if said and said.answer:
        return deciding.answer(said, command.author)
    found = ballots.of_comment(command.body, command.author, vote.ways.words)
    if not command.state:
        return found
    by_review = ballots.of_review(command.state, command.author)
    return Reading((*by_review.ballots, *found.ballots), found.problem)


async def _counted(command: Spoke, vote: Vote, reading: Reading) -> Noticed:
    """Add what was seen to the register of the vote, and count anew."""
    now = world().clock()
    event = register.event(_seen(command, now), reading)
    if not _matters(vote, event):
        return Noticed()
    vote = await _with_roster(vote, event)
    strange = _strange_recorders(vote, event)
    vote = await _with_recorders(vote, strange)
    vote = replace(vote, seen=register.fold([event], vote.seen))
    tally = vote.tally(now)
    await motions.keep(vote)
    places = {event.seen.url, *(ballot.url for ballot in event.ballots)}
    noted = any(one.url in places and event.seen.at == one.at for one in tally.noted)
    reaction = "confused" if noted else "eyes"
    return Noticed(
        vote,
        reaction=reaction if command.action == "created" and not strange else "",
        closed=may_close(vote) and tally.outcome is not Outcome.OPEN,
    )


def may_close(vote: Vote) -> bool:
    """Tell whether a vote may be decided: it is open, and its roster could be read."""
    return vote.status is Status.OPEN and not vote.problem


def _seen(command: Spoke, now: datetime) -> Seen:
    """Say what was seen; a new comment counts from when it was written, a change from now."""
    dismissed = command.action == "dismissed"
    return Seen(
        place=command.place,
        stamp="deleted" if command.action == "deleted" else command.stamp,
        kind=_KINDS.get(command.action, Kind.EDITED),
        author=command.author,
        at=command.created_at if command.action == "created" else now,
        url=command.url,
        by_another=key(command.author) != key(command.editor) and not dismissed,
    )


def _matters(vote: Vote, event: Event) -> bool:
    """Tell a ballot from other talk: a vote, a spoilt one of a voter, or a change of either."""
    known = any(one.seen.place == event.seen.place for one in vote.seen.events)
    if len(vote.seen.events) >= _MOST_NOTED and key(event.seen.author) not in vote.electorate:
        return False
    spoilt = bool(event.problem) and key(event.seen.author) in vote.electorate
    return known or bool(event.ballots) or spoilt


async def _with_roster(vote: Vote, event: Event) -> Vote:
    """Look who left the roster since; where it cannot be read, nothing is decided."""
    if vote.status is not Status.OPEN:
        return vote
    return await with_changes(vote, event.seen.at)


async def with_changes(vote: Vote, at: datetime) -> Vote:
    """Bring the roster of a vote up to date, as of a moment."""
    try:
        changes = await people.changes(github(vote.repository), vote, at)
    except UserError as error:
        return replace(vote, problem=error.message)
    return replace(vote, seen=register.fold(changes, vote.seen), problem="")


def _strange_recorders(vote: Vote, event: Event) -> tuple[str, ...]:
    """Name those who enter a vote for another and are not known to be recorders yet."""
    writers = {one.recorded_by for one in event.ballots if one.recorded_by}
    return tuple(sorted(writers - {*vote.recorders}))


async def _with_recorders(vote: Vote, writers: tuple[str, ...]) -> Vote:
    """Find out which of some people may enter votes; that takes the place of a reaction."""
    for writer in writers:
        try:
            may = await people.belongs(
                github(vote.repository), vote.repository, vote.ways.recorders, writer
            )
        except UserError as error:
            return replace(vote, problem=error.message)
        if may:
            vote = replace(vote, recorders=(*vote.recorders, writer))
    return vote


async def _text_changed(command: Spoke, vote: Vote) -> Noticed:
    """Notice that the text of the request is another now; votes stay on the frozen one."""
    asked = exception_command.read(command.body) if command.action != "deleted" else None
    text = asked.text if asked else ""
    changed = "" if vote.motion.holds_text(text) else sha256(text)
    if command.action == "created" or changed == vote.edited_text:
        return Noticed()
    vote = replace(vote, edited_text=changed)
    await motions.keep(vote)
    return Noticed(vote)


async def _restored(command: Spoke, vote: Vote) -> Noticed:
    """Write the comment of a vote anew from the register when somebody changed or deleted it."""
    if command.action == "created":
        return Noticed()
    said = vote_comments.restored(command.editor, world().clock())
    vote = replace(vote, tampering=tuple(dict.fromkeys((*vote.tampering, said))))
    if command.action == "deleted":
        comment = await github(vote.repository).post_comment(command.pull, motions.page(vote))
        vote = replace(vote, comment=comment.id, comment_url=comment.url)
    await motions.keep(vote)
    return Noticed(vote)
