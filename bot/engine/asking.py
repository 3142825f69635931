"""A `/backport` command: who asks is checked, a reaction answers, the checklist has the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core import checklist as lists
from bot.core import comments, follow_up, marker, policy
from bot.core.checklist import Checklist
from bot.core.commands import Asked
from bot.core.config import Configuration
from bot.core.follow_up import FollowUp
from bot.core.model import Outcome, PullRequest
from bot.core.request import Verb
from bot.engine import again, backport, cases, durable, people, report, saying
from bot.engine.again import Again
from bot.engine.exception import Job, Order, Remark, ordered, standing_of, usable
from bot.engine.world import github, world
from bot.ports import GitHub

_DONE, _READ, _UNKNOWN, _REFUSED = "+1", "eyes", "confused", "-1"


@dataclass(frozen=True, slots=True)
class Aside:
    """A change that needs no work: no reminders until then, or where the follow-up stands."""

    snoozed_until: datetime | None = None
    follow_up: FollowUp | None = None

    def on(self, old: Checklist) -> Checklist:
        """Apply it."""
        if self.follow_up:
            return replace(old, follow_up=self.follow_up)
        return replace(old, snoozed_until=self.snoozed_until)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a command: a reaction, perhaps remarks, labels that come off, or work.

    `aside` is what it changes in the checklist alone.
    """

    reaction: str
    remarks: tuple[Remark, ...] = ()
    take_off: tuple[str, ...] = ()
    job: Job | None = None
    again: Again | None = None
    aside: Aside | None = None


async def carry_out(command: Asked) -> None:
    """Answer a command and do what it asks."""
    repository, number = command.repository, command.pull
    heard: Heard = await durable.step("hear", _hear, command, returns=Heard)
    await durable.step(
        "react", github(repository).react, command.comment, heard.reaction, returns=None
    )
    for remark in heard.remarks:
        await durable.step("say", saying.say_once, repository, number, remark, returns=None)
    for label in heard.take_off:
        await durable.step("take off", saying.take_off, repository, number, label, returns=None)
    if heard.job:
        await backport.bring(heard.job)
    if heard.again:
        await again.start(heard.again)
    if heard.aside:
        await durable.step("amend", report.amend, repository, number, heard.aside.on, returns=None)


async def _hear(command: Asked) -> Heard:
    """Read the facts once and decide."""
    api = github(command.repository)
    configuration = await usable(api, command.repository)
    standing = await standing_of(api, command.repository, configuration, command.author)
    verdict = policy.may(configuration, standing, "give this command")
    if verdict.answer is not policy.Answer.YES and not await _sits(command, configuration):
        return Heard(_REFUSED, (Remark(comments.COMMAND, comments.command_refused(verdict.why)),))
    if command.request.verb is Verb.HELP:
        return Heard(_UNKNOWN, (Remark(comments.HELP, comments.command_help()),))
    return await _heed(command, configuration, await api.pull(command.pull))


async def _heed(command: Asked, configuration: Configuration, pull: PullRequest) -> Heard:
    """Say what comes of a command that somebody who may has given."""
    if command.request.verb in {Verb.SNOOZE, Verb.FOLLOW_UP}:
        return await _aside(command, pull)
    if command.request.verb is Verb.STOP:
        return Heard(_DONE, take_off=_claims(pull, configuration))
    if command.request.verb is Verb.TEST:
        more = await again.asked(command, configuration)
        return Heard(_DONE if more else _READ, again=more)
    order = await _order(github(command.repository), command, pull)
    if order is None:
        return Heard(_READ)
    by = (f"/backport {command.request.verb.value}", command.author)
    examined = await ordered(command.repository, pull, by, order)
    return Heard(_DONE if examined.job else _REFUSED, examined.remarks, job=examined.job)


async def _sits(command: Asked, configuration: Configuration) -> bool:
    """Tell whether somebody decides on exceptions here, and so may name the follow-up."""
    table = configuration.exception if command.request.verb is Verb.FOLLOW_UP else None
    api = github(command.repository)
    return await people.decides(api, command.repository, table, command.author)


async def _aside(command: Asked, pull: PullRequest) -> Heard:
    """Take down what concerns an exception that is under way; for any other there is no place."""
    if await cases.find(command.repository.id, pull.number) is None:
        return Heard(_READ)
    request = command.request
    if request.verb is Verb.FOLLOW_UP:
        return Heard(_DONE, aside=Aside(follow_up=follow_up.named(request.url, pull.url)))
    until = world().clock() + timedelta(days=request.days) if request.days else None
    return Heard(_DONE, aside=Aside(until))


def _claims(pull: PullRequest, configuration: Configuration) -> tuple[str, ...]:
    return tuple(name for name in pull.labels if configuration.label_matches(name))


async def _order(api: GitHub, command: Asked, pull: PullRequest) -> Order | None:
    """Say what is to be done; None where nothing is left to do."""
    request = command.request
    if pull.is_open or request.verb is Verb.FORECAST:
        return Order(series=request.series, first=request.first, forecast=True)
    if request.verb is Verb.TO:
        return Order(series=request.series, first=request.first, again=True)
    comment = marker.find(await api.comments(pull.number), lists.KIND)
    checklist = lists.read(comment.body) if comment else None
    if checklist is None:
        return Order(again=True)
    waiting = tuple(row.series for row in checklist.rows if _waits(row))
    return Order(series=waiting, again=True) if waiting else None


def _waits(row: lists.Row) -> bool:
    done = row.outcome is Outcome.ALREADY_THERE or row.merged or row.closed
    return not done and (row.pull is None or row.outcome is Outcome.CONFLICT)
