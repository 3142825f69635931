"""What people decide by a command: a body's answer, a withdrawal, a reversal."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core import decision as decisions
from bot.core import exception_command, vote_comments
from bot.core.commands import Spoke
from bot.core.decision import Entry
from bot.core.errors import UserError
from bot.core.exception_command import ExceptionCommand, Verb
from bot.core.vote_record import Status, Vote
from bot.core.votes import register as events
from bot.core.votes.ballots import Means
from bot.core.votes.roster import key
from bot.core.votes.rule import Waiting
from bot.core.votes.rules import catalogue
from bot.core.votes.wording import Choice
from bot.engine import (
    balloting,
    deciding,
    durable,
    motions,
    people,
    register,
    saying,
    tampering,
)
from bot.engine.deciding import Decided
from bot.engine.exception import Remark
from bot.engine.world import github, world

_DISCRETION = Waiting(None, "It may be asked again at any time.")


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a command: why it was refused, or what is to follow."""

    refusal: str = ""
    vote: Vote | None = None
    decided: Decided | None = None
    ballot: bool = False


async def carry_out(command: Spoke) -> None:
    """Follow an `/exception` command, or see whether what people wrote is a vote."""
    fresh = command.action == "created" and not command.state
    said = exception_command.read(command.body) if fresh else None
    if said is None:
        await balloting.notice(command)
        await tampering.mend(command)
        await tampering.mend(command)
    elif said.verb is Verb.REQUEST:
        await motions.ask(command, said)
    elif said.verb is Verb.HELP:
        await _help(command)
    else:
        await _rule(command, said)


async def _help(command: Spoke) -> None:
    await motions.react(command, "confused")
    remark = Remark(vote_comments.REFUSED, vote_comments.command_help())
    await durable.step(
        "help", saying.say_once, command.repository, command.pull, remark, returns=None
    )


async def _rule(command: Spoke, said: ExceptionCommand) -> None:
    heard: Heard = await durable.step("hear", _hear, command, said, returns=Heard)
    if heard.refusal:
        await motions.refuse(command, heard.refusal)
    elif heard.ballot:
        await balloting.cast(command, deciding.answer(said, command.author))
    elif heard.decided:
        await motions.react(command, "+1")
        await deciding.settle(heard.decided)
    elif heard.vote:
        await durable.step("show", motions.show, heard.vote, returns=None)
        await motions.react(command, "+1")


async def _hear(command: Spoke, said: ExceptionCommand) -> Heard:
    do = {Verb.DECIDE: _decide, Verb.WITHDRAW: _withdraw, Verb.OVERTURN: _overturn}
    try:
        return await do[said.verb](command, said)
    except UserError as error:
        return Heard(error.message)


async def _decide(command: Spoke, said: ExceptionCommand) -> Heard:
    """Take an answer for the whole body: as a ballot where the rule knows answers."""
    vote = await _open_vote(command)
    if said.answer and Means.ANSWER in catalogue.find(vote.motion.rule).form.means:
        await _may_answer(command, said, vote)
        return Heard(ballot=True)
    if said.answer is not Choice.DECLINE:
        raise UserError(
            f"This motion is decided by votes, by the rule `{vote.motion.rule.id}`; nobody accepts "
            "or rejects it alone. Write `/vote +1` or `/vote -1`."
        )
    await _sits_or_records(command, vote)
    entry = Entry(vote.name, command.author, world().clock(), said.url)
    made = decisions.declined(vote.motion, entry, f"the body answered at {said.url}")
    return Heard(decided=await deciding.told(vote, made, _DISCRETION))


async def _may_answer(command: Spoke, said: ExceptionCommand, vote: Vote) -> None:
    """Refuse whoever neither sits in the body nor names the member who gave its answer."""
    voter = key(said.member or command.author)
    if voter not in vote.electorate:
        raise UserError(
            f"{voter} does not sit in {vote.motion.roster.name}. One of its members answers for "
            "it, or a recorder names the member: `/exception decide accept @member URL`."
        )


async def _withdraw(command: Spoke, _: ExceptionCommand) -> Heard:
    """Close a vote without any decision, for who asked or a recorder."""
    vote = await _open_vote(command)
    api, asker = github(vote.repository), vote.motion.question.asked_by
    may = key(asker) == key(command.author) or await people.belongs(
        api, vote.repository, vote.ways.recorders, command.author
    )
    if not may:
        raise UserError(f"Only {asker}, who asked, may withdraw it, or a recorder.")
    vote = replace(vote, status=Status.WITHDRAWN, closed_at=world().clock())
    await motions.keep(vote)
    return Heard(vote=vote)


async def _overturn(command: Spoke, said: ExceptionCommand) -> Heard:
    """Take the newest decision that holds back."""
    known = await register.decisions_at(command.repository.id, command.pull)
    holding = decisions.in_force(one.decision for one in known)
    if not holding:
        raise UserError("No decision holds here that could be overturned.")
    old = holding[-1]
    found = await register.motions_at(command.repository.id, command.pull)
    vote = next((one for one in found if one.decision == old.digest), None)
    if vote is None:
        raise UserError("The register does not hold the motion of this decision any more.")
    await _sits_or_records(command, vote)
    entry = Entry(vote.name, command.author, world().clock(), said.url)
    made = decisions.overturned(old, entry, said.text)
    return Heard(decided=await deciding.told(vote, made, None))


async def _open_vote(command: Spoke) -> Vote:
    vote = await register.motion_at(command.repository.id, command.pull)
    if vote is None or vote.status is not Status.OPEN:
        raise UserError("No motion is open here; `/exception request 4.1` and a text opens one.")
    return vote


async def _sits_or_records(command: Spoke, vote: Vote) -> None:
    """Refuse whoever is no recorder, nor sat at the opening and sits now."""
    api, now = github(vote.repository), world().clock()
    seen = events.fold(await people.changes(api, vote, now), vote.seen)
    sits = key(command.author) in vote.motion.roster.changed(seen.changes).sitting(now)
    if not sits and not await people.belongs(
        api, vote.repository, vote.ways.recorders, command.author
    ):
        raise UserError(
            f"{command.author} may not do this; members of {vote.motion.roster.name} may, and "
            "recorders."
        )
