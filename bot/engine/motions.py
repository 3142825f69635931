"""`/exception request`: from a request to an open vote, or to one sentence of why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.core import decision as decisions
from bot.core import motion, schedule, vote_comments, vote_record
from bot.core.commands import Spoke
from bot.core.config import Configuration
from bot.core.errors import UserError
from bot.core.exception_command import ExceptionCommand
from bot.core.exception_config import Exceptions
from bot.core.motion import Motion, Question, Terms
from bot.core.vote_record import Recorded, Status, Vote, Ways
from bot.core.votes.rule import Circumstances, Outcome
from bot.core.votes.rules import catalogue
from bot.engine import durable, exception, outlook, people, register, saying
from bot.engine.exception import Remark
from bot.engine.outlook import Prospect
from bot.engine.world import github, world

_LONGEST = 10_000  # characters of a text: the comment holds it twice, with all votes


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a request: an open vote, or why there is none."""

    vote: Vote | None = None
    refusal: str = ""


async def ask(command: Spoke, asked: ExceptionCommand) -> None:
    """Open a vote, or say why there is none; one reaction is the answer."""
    heard: Heard = await durable.step("hear request", _hear, command, asked, returns=Heard)
    if heard.vote is None:
        await refuse(command, heard.refusal)
        return
    await durable.step("open the vote", _open, heard.vote, returns=Vote)
    await react(command, "+1")


async def refuse(command: Spoke, why: str) -> None:
    """Answer a command by a reaction, and by one comment with the reason."""
    await react(command, "confused")
    remark = Remark(vote_comments.REFUSED, vote_comments.refused(why))
    await durable.step(
        "refuse", saying.say_once, command.repository, command.pull, remark, returns=None
    )


async def react(command: Spoke, content: str) -> None:
    """React to a comment; other places take no reaction."""
    if command.comment:
        api = github(command.repository)
        await durable.step("react", api.react, command.comment, content, returns=None)


async def table_of(command: Spoke) -> tuple[Configuration, Exceptions]:
    """Give the configuration with its table of exceptions; raises UserError where it lacks one."""
    configuration = await exception.usable(github(command.repository), command.repository)
    if configuration.exception is None:
        raise UserError(
            "This project decides by its label alone: its configuration has no table "
            "`[exception]`. A maintainer can add one."
        )
    return configuration, configuration.exception


async def _hear(command: Spoke, asked: ExceptionCommand) -> Heard:
    try:
        return Heard(await _made(command, asked))
    except UserError as error:
        return Heard(refusal=error.message)


async def _made(command: Spoke, asked: ExceptionCommand) -> Vote:
    """Read everything and freeze it; raises UserError where no vote can be opened."""
    api, repository = github(command.repository), command.repository
    configuration, table = await table_of(command)
    if not await people.belongs(api, repository, table.requesters, command.author):
        raise UserError(f"{command.author} may not ask; `{table.requesters}` may.")
    if len(asked.text) > _LONGEST:
        raise UserError(f"The text has more than {_LONGEST} characters; say it in fewer.")
    await _nothing_open_here(command)
    pull = await outlook.source(api, command, asked.source)
    prospect = await outlook.look(repository, configuration, pull, (asked.series, asked.text))
    opened = await _opened(command, asked, prospect, table)
    await _no_rival(repository.id, opened)
    team = people.full_team(repository, table.team) if table.team else ""
    return Vote(
        repository_id=repository.id,
        installation=repository.installation,
        place=command.place,
        name=prospect.name,
        pull=prospect.pull,
        motion=opened,
        ways=Ways(team, table.recorders, table.vocabulary()),
        outlook=prospect.outlook,
        left_out=prospect.left_out,
        told_end=opened.deadline,
    )


async def _opened(
    command: Spoke, asked: ExceptionCommand, prospect: Prospect, table: Exceptions
) -> Motion:
    """Freeze the question with its terms."""
    # GitHub tells moments to the second, and a vote may follow within one.
    api, now = github(command.repository), world().clock().replace(microsecond=0)
    rule = table.rule_on(now.date())
    needs_end = rule.timing.period is None and table.days
    question = Question(
        repository=command.repository.full_name,
        number=command.pull,
        url=command.url,
        asked_by=command.author,
        text=asked.text,
        commit=prospect.commit,
        targets=prospect.targets,
    )
    terms = Terms(
        roster=await people.roster(api, command.repository, table),
        recorders=(),
        rule=rule,
        deadline=now + timedelta(days=table.days or 0) if needs_end else None,
        directives=table.usual_directives(),
    )
    return motion.opened(question, terms, now)


async def _nothing_open_here(command: Spoke) -> None:
    """Let one vote be open at one place, so that a ballot means one question."""
    found = await register.motion_at(command.repository.id, command.pull)
    if found and found.status is Status.OPEN and found.place != command.place:
        raise UserError(f"A vote is open here already: {found.comment_url}")


async def _no_rival(repository_id: int, opened: Motion) -> None:
    """Refuse what is asked elsewhere, decided already, or was refused too short a time ago."""
    for vote in await register.motions_of(repository_id, opened.question.commit):
        shared = vote.motion.shares_targets_with(opened)
        if (
            vote.status is Status.OPEN
            and shared
            and vote.motion.question.url != opened.question.url
        ):
            raise UserError(
                f"The same fix is voted on for {', '.join(shared)} already; the place for it is "
                f"{vote.comment_url}"
            )
    known = await register.decisions_for(repository_id, opened.question.commit)
    standing = decisions.in_force(one.decision for one in known)
    for one in known:
        if one.decision in standing:
            _no_answer_yet(opened, one, known)


def _no_answer_yet(opened: Motion, known: Recorded, every: tuple[Recorded, ...]) -> None:
    """Raise UserError where a decision in force answers the question for some target."""
    old = known.decision
    if allowed := [name for name in opened.series if old.allows(opened.question.commit, name)]:
        raise UserError(
            f"It is accepted for {', '.join(allowed)} already: {known.comment_url}. A merger can "
            "set the label."
        )
    if old.outcome is Outcome.ACCEPTED:
        return
    rule = catalogue.find(old.rule)
    earlier = earlier_vetoes(one for one in every if one != known)
    waiting = rule.again(old.closed_at, old.outcome, Circumstances(earlier_vetoes=earlier))
    if waiting.not_before and opened.opened_at.date() < waiting.not_before:
        raise UserError(
            f"This was decided on {old.closed_at:%Y-%m-%d}, with the outcome “{old.outcome}”: "
            f"{known.comment_url}. {waiting.said}"
        )


def earlier_vetoes(known: Iterable[Recorded]) -> int:
    """Count the vetoes among decisions."""
    return sum(one.decision.outcome is Outcome.VETO for one in known)


async def _open(vote: Vote) -> Vote:
    """Write the comment of a vote and keep it; done again it finds its own comment."""
    api, number = github(vote.repository), vote.motion.question.number
    comment = None
    if not durable.first_time():
        said = [one for one in await api.comments(number) if one.by_bot]
        comment = next((one for one in said if _is(vote, one.body)), None)
    if comment is None:
        comment = await api.post_comment(number, page(vote))
    vote = replace(vote, comment=comment.id, comment_url=comment.url, author=comment.author)
    await keep(vote)
    return vote


def _is(vote: Vote, body: str) -> bool:
    try:
        found = vote_record.read(body, world().sign)
    except UserError:
        return False
    return found is not None and found.key == vote.key


def page(vote: Vote) -> str:
    """Write the comment of a vote as it stands now."""
    text = vote_comments.page(vote, vote.tally(world().clock()))
    return vote_record.render(vote, text, world().sign)


async def keep(vote: Vote) -> None:
    """Keep a vote in the register, with the moment at which the clock has to look at it."""
    await register.put_motion(vote, schedule.due_at(vote, vote.tally(world().clock())))


async def show(vote: Vote) -> None:
    """Bring the comment of a vote up to date."""
    await github(vote.repository).edit_comment(vote.comment, page(vote))
