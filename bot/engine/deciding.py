"""Decisions: what a vote came to is recorded once, told in a comment, and carried out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core import decision as decisions
from bot.core import decision_comments, vote_record
from bot.core import series as series_names
from bot.core.config import Configuration
from bot.core.decision import Decision, Entry
from bot.core.errors import UserError
from bot.core.exception_command import ExceptionCommand
from bot.core.vote_record import Outlook, Recorded, Status, Vote
from bot.core.votes.ballots import Ballot, Means, Reading
from bot.core.votes.roster import key
from bot.core.votes.rule import Circumstances, Outcome, Waiting
from bot.engine import durable, exception, filing, motions, outlook, register, withdrawing
from bot.engine.world import github, world


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that is to be told: what people read, and the record."""

    vote: Vote
    decision: Decision
    text: str


def answer(said: ExceptionCommand, author: str) -> Reading:
    """Read a body's answer as a ballot: of the writer, or of the member whom the writer names."""
    if said.answer is None:
        return Reading()
    voter = said.member or author
    by = key(author) if said.member else ""
    return Reading(
        (Ballot(key(voter), said.answer, Means.ANSWER, said.series, said.url, recorded_by=by),)
    )


async def close(vote: Vote) -> None:
    """Record what the votes came to, and carry it out."""
    made: Decided = await durable.step("decide", _decide, vote, returns=Decided)
    await settle(made)


async def settle(made: Decided) -> None:
    """Tell a decision, keep it, close its vote, and have everything follow that depends on it."""
    recorded: Recorded = await durable.step("announce", _announce, made, returns=Recorded)
    vote = replace(
        made.vote,
        status=Status.DECIDED,
        closed_at=made.vote.closed_at or made.decision.closed_at,
        decision=recorded.decision.digest,
    )
    await durable.step("close the vote", _closed, vote, returns=None)
    if made.decision.outcome is Outcome.ACCEPTED:
        await durable.step("set the label", _set_label, vote, made.decision, returns=None)
    if made.decision.overturns:
        await durable.step("take the label off", _take_label_off, vote, made.decision, returns=None)
    await durable.step("file", filing.file, vote, recorded, returns=None)
    await withdrawing.reconsider_commit(vote.repository, made.decision.commit)


async def _decide(vote: Vote) -> Decided:
    """Freeze the count; the next versions are looked up again, since a release may have come."""
    now = world().clock()
    known = await register.decisions_for(vote.repository_id, vote.motion.question.commit)
    tally = vote.tally(now, Circumstances(earlier_vetoes=motions.earlier_vetoes(known)))
    entry = Entry(vote.name, vote.author, now)
    made = decisions.recorded(vote.motion, tally, entry)
    if made.votes and len({one.url for one in made.votes}) == 1:
        entry = replace(entry, by=made.votes[0].recorded_by or made.votes[0].voter)
        made = decisions.recorded(vote.motion, tally, replace(entry, url=made.votes[0].url))
    return await told(vote, made, tally.waiting)


async def told(vote: Vote, made: Decision, waiting: Waiting | None) -> Decided:
    """Write what people read of a decision; `waiting` says when it may be asked again."""
    now = await _outlook_now(vote) if made.outcome is Outcome.ACCEPTED else ()
    versions = decision_comments.next_versions(vote.outlook, now)
    return Decided(vote, made, decision_comments.announcement(made, versions, waiting))


async def _outlook_now(vote: Vote) -> tuple[Outlook, ...]:
    """Look at the targets again; what cannot be looked at stays as it was told."""
    api, repository = github(vote.repository), vote.repository
    try:
        configuration = await exception.usable(api, repository)
        pull = await api.pull(vote.pull)
        names = vote.motion.series
        asked = (names, vote.motion.question.text)
        return (await outlook.look(repository, configuration, pull, asked)).outlook
    except UserError:
        return ()


async def _announce(made: Decided) -> Recorded:
    """Write the comment of a decision, once, and keep the record of it."""
    vote, decision = made.vote, made.decision
    known = await register.decision(decision.digest)
    if known:
        return known
    api, number = github(vote.repository), decision.number
    comment = None
    if not durable.first_time():
        said = [one for one in await api.comments(number) if one.by_bot]
        comment = next((one for one in said if _is(decision, one.body)), None)
    if comment is None:
        body = vote_record.render_decision(decision, made.text, world().sign)
        comment = await api.post_comment(number, body)
    recorded = Recorded(
        vote.repository_id, vote.pull, decision, comment.id, comment.url, comment.author
    )
    await register.put_decision(recorded)
    return recorded


def _is(decision: Decision, body: str) -> bool:
    try:
        found = vote_record.read_decision(body, world().sign)
    except UserError:
        return False
    return found is not None and found.digest == decision.digest


async def _closed(vote: Vote) -> None:
    await motions.keep(vote)
    await motions.show(vote)


async def _set_label(vote: Vote, decision: Decision) -> None:
    """Set the label of an accepted motion, where that is configured."""
    api = github(vote.repository)
    configuration = await exception.usable(api, vote.repository)
    if configuration.exception and configuration.exception.set_label:
        for label in _labels(configuration, decision, Outcome.ACCEPTED):
            await api.add_label(vote.pull, label)


async def _take_label_off(vote: Vote, decision: Decision) -> None:
    """Take off the label, a claim that nothing backs any more; another decision sets it anew."""
    api = github(vote.repository)
    configuration = await exception.usable(api, vote.repository)
    for label in _labels(configuration, decision, Outcome.OVERTURNED):
        await api.remove_label(vote.pull, label)


def _labels(configuration: Configuration, decision: Decision, outcome: Outcome) -> tuple[str, ...]:
    """Name the labels of the series of which this was decided."""
    series = [one.series for one in decision.scope if one.outcome is outcome]
    return tuple(dict.fromkeys(series_names.fill(configuration.label, one) for one in series))
