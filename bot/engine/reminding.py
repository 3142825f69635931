"""Reminders on the source pull request: one comment for all that is due, to those whose turn it is.

What is due follows from the look alone. That a reminder was sent is kept in the checklist.
"""

from __future__ import annotations

from dataclasses import replace

from bot.core import decision, reminder_text, reminders
from bot.core.checklist import Checklist
from bot.core.errors import UserError
from bot.core.reminders import Plan, Turn
from bot.core.votes import seal
from bot.engine import durable, people, register, saying
from bot.engine.exception import Remark
from bot.engine.seeing import Look

_APP = "[bot]"


async def attend(look: Look) -> Checklist:
    """Send what is due, and keep when it was sent."""
    checklist, now = look.case.checklist, look.seen.now
    if checklist.snoozed_until and checklist.snoozed_until <= now:
        checklist = replace(checklist, snoozed_until=None)
    rules = look.configuration.reminders
    if rules is None:
        return checklist
    things = reminders.waiting(checklist, look.seen)
    plan = reminders.plan(things, checklist, rules, now)
    if plan.due:
        try:
            await durable.step("remind", _remind, look, plan, returns=None)
        except UserError:
            return checklist  # the conversation is closed to us: nobody was reminded
    return replace(checklist, reminded=plan.reminded)


async def _remind(look: Look, plan: Plan) -> None:
    body = reminder_text.reminder(plan, await _names(look))
    remark = Remark(reminder_text.kind(plan.number), body)
    await saying.say_once(look.case.repository, look.case.number, remark)


async def _names(look: Look) -> dict[Turn, str]:
    """Name whose turn it is: a person where one is known, else a team."""
    repository, configuration = look.case.repository, look.configuration
    merger = _person(look.seen.source.merged_by) or _person(look.case.checklist.claimed_by)
    council, rules = configuration.exception, configuration.reminders
    seats = [f"@{login.removeprefix('@')}" for login in council.members] if council else []
    return {
        Turn.ASKER: _person(look.case.checklist.claimed_by) or merger,
        Turn.MERGER: merger,
        Turn.RELEASER: _team(look, rules.releasers if rules else None) or merger,
        Turn.COUNCIL: await _recorder(repository.id, look.case.checklist)
        or _team(look, council.team if council else None)
        or ", ".join(seats)
        or merger,
    }


async def _recorder(repository_id: int, checklist: Checklist) -> str:
    """Give who recorded the decision on the fix, empty where votes alone did."""
    try:
        found = await register.decisions_for(repository_id, checklist.sources[-1])
    except seal.Broken:
        return ""
    standing = decision.in_force(one.decision for one in found)
    return _person(standing[-1].recorded_by) if standing else ""


def _person(login: str) -> str:
    return "" if not login or login.endswith(_APP) else f"@{login}"


def _team(look: Look, team: str | None) -> str:
    return f"@{people.full_team(look.case.repository, team)}" if team else ""
