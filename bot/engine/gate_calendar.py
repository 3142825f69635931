"""The end of a phase: a check run of the policy is of its day, and is brought up to date then."""

from __future__ import annotations

from datetime import date, timedelta

from bot.core import gate_scope
from bot.core.errors import UserError
from bot.core.gate_policy import Standard
from bot.core.gate_verdict import Proposal
from bot.core.model import Repository
from bot.engine import durable, gate_book, gating
from bot.engine.world import github, world

_BACK = timedelta(days=3)  # a service that was down for a night has to make up for it


async def look(repository: Repository) -> None:
    """Have judged again what a phase that ended lately let in, or kept out; once for each day."""
    day = await durable.step("today", _today, returns=date)
    found = await durable.step(
        "judged before", _outdated, repository, day, returns=tuple[Proposal, ...]
    )
    await gating.judge_again(repository, found, f"{day}")


async def _today() -> date:
    return world().clock().date()


async def _outdated(repository: Repository, day: date) -> tuple[Proposal, ...]:
    """Give the pull requests to branches that were in another phase some days ago."""
    entries = await gate_book.of_repository(repository.id)
    if not entries:
        return ()
    try:
        text = await github(repository).configuration()
    except UserError:
        return ()  # whoever judges a pull request by it says so there
    standard = gate_scope.standard(text, repository.full_name, day)
    if not isinstance(standard, Standard) or standard.policy is None:
        return ()
    policy, series = standard.policy, standard.configuration.series
    return tuple(
        one.proposal
        for one in entries
        if policy.changes(series(one.proposal.branch), day - _BACK, day)
    )
