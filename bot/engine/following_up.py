"""The follow-up of an exception: opened once its backports are in, and watched until it is closed.

Where no issue can be opened, one comment has the text that a person posts.
"""

from __future__ import annotations

from dataclasses import replace

from bot.core import aftermath, follow_up_text
from bot.core.aftermath import Aftermath, Records
from bot.core.checklist import Checklist
from bot.core.checklist_lines import POLICY
from bot.core.errors import UserError
from bot.core.follow_config import FollowUps
from bot.core.follow_up import FollowUp, digest
from bot.core.model import Repository
from bot.core.votes import seal
from bot.engine import durable, register, saying
from bot.engine.exception import Remark
from bot.engine.seeing import Look
from bot.engine.world import github, world


async def attend(look: Look) -> Checklist:
    """Open the follow-up when it is time, and see whether it is closed."""
    checklist = look.case.checklist
    wanted, talk = look.configuration.follow_ups(), checklist.follow_up
    if talk is None:
        if not aftermath.is_due(checklist, wanted.when if wanted else "merged"):
            return checklist
        talk = FollowUp(closed=True)
    settled = wanted is None or any(tick.key == POLICY for tick in checklist.ticks)
    try:
        if wanted and not settled and talk == FollowUp(closed=True):
            talk = await durable.step("open follow-up", _open, look, wanted, returns=FollowUp)
    except UserError:
        return checklist  # the conversation is closed to us: the next look tries again
    if talk.issue and not settled:
        talk = await durable.step("see follow-up", _seen, look, talk, returns=FollowUp)
    else:
        talk = replace(talk, closed=settled)
    return replace(checklist, follow_up=talk)


async def _open(look: Look, wanted: FollowUps) -> FollowUp:
    """Open the issue; where that cannot be, give a person the text."""
    after = await _look_back(look)
    why = ""
    if wanted.repository:
        try:
            return await _issue(look.case.repository, wanted.repository, after)
        except UserError as error:
            why = error.message
    remark = Remark(follow_up_text.KIND, follow_up_text.ready(after, why))
    await saying.say_once(look.case.repository, look.case.number, remark)
    return FollowUp()


async def _issue(own: Repository, name: str, after: Aftermath) -> FollowUp:
    place = await _place(own, name)
    if place is None:
        raise UserError(f"The App is not installed on {name}.")
    text, mark = follow_up_text.watched(after), follow_up_text.issue_mark(after.source.url)
    issue = await github(place).open_issue(follow_up_text.title(after), text, mark)
    return FollowUp(issue.url, place.full_name, issue.number, said=digest(text))


async def _seen(look: Look, talk: FollowUp) -> FollowUp:
    """See whether the issue is closed; what cannot be read is as it was.

    As long as nobody else wrote in it, its text is kept current: branches may get the fix later.
    """
    try:
        place = await _place(look.case.repository, talk.repository)
        issue = await github(place).issue(talk.issue) if place else None
        if place is None or issue is None:
            return talk
        if issue.is_open and talk.said and digest(issue.body) == talk.said:
            text = follow_up_text.watched(await _look_back(look))
            if digest(text) != talk.said:
                await github(place).edit_issue(talk.issue, text)
            talk = replace(talk, said=digest(text))
    except UserError:
        return talk
    return replace(talk, closed=not issue.is_open)


async def _place(own: Repository, name: str) -> Repository | None:
    """Find a repository, None where the App is not installed on it."""
    if name.lower() == own.full_name.lower():
        return own
    owner, _, repository = name.partition("/")
    found = await world().app.find(owner, repository)
    return found.repository if found else None


async def _look_back(look: Look) -> Aftermath:
    """Gather what is known of the exception, and of all that were asked for here."""
    repository, checklist = look.case.repository, look.case.checklist
    commit = checklist.sources[-1]
    try:
        votes, decisions = await register.everything(repository.id)
    except seal.Broken:
        votes, decisions = (), ()  # what was tampered with proves nothing
    records = Records(
        votes=tuple(one for one in votes if one.motion.question.commit == commit),
        decisions=tuple(one for one in decisions if one.decision.commit == commit),
        all_votes=votes,
        all_decisions=decisions,
    )
    today = look.seen.now.date()
    return aftermath.of(look.configuration, look.seen.source, checklist, records, today)
