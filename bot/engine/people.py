"""Who people are where votes are concerned: the roster, and those who may ask or record."""

from __future__ import annotations

from datetime import datetime

from bot.core.errors import UserError
from bot.core.exception_config import ANYONE, PERMISSIONS, Exceptions
from bot.core.model import Repository
from bot.core.policy import at_least
from bot.core.vote_record import Vote
from bot.core.votes.roster import Member, Roster, RosterChange, key
from bot.ports import GitHub


def full_team(repository: Repository, team: str) -> str:
    """Name a team with its organisation, that of the repository where none is given."""
    return team if "/" in team else f"{repository.owner}/{team}"


async def belongs(api: GitHub, repository: Repository, whom: str, login: str) -> bool:
    """Tell whether a person is one of `anyone`, of those with a permission, or of a team.

    Raises UserError where the team cannot be read.
    """
    if whom == ANYONE:
        return True
    if whom in PERMISSIONS:
        return at_least(await api.permission(login), whom)
    org, _, slug = full_team(repository, whom).partition("/")
    return key(login) in {key(member) for member in await api.team_members(org, slug)}


async def roster(api: GitHub, repository: Repository, table: Exceptions) -> Roster:
    """Give those who decide now; raises UserError where the team cannot be read."""
    if table.team is None:
        members = tuple(Member(key(login)) for login in table.members)
        return Roster("the members named in the configuration", members)
    org, _, slug = full_team(repository, table.team).partition("/")
    members = tuple(Member(login) for login in await api.team_members(org, slug))
    return Roster(f"{org}/{slug}", members)


async def decides(
    api: GitHub, repository: Repository, table: Exceptions | None, login: str
) -> bool:
    """Tell whether a person is of those who decide; a team that cannot be read has nobody."""
    if table is None:
        return False
    try:
        those = await roster(api, repository, table)
    except UserError:
        return False
    return key(login) in {key(member.login) for member in those.members}


async def changes(api: GitHub, vote: Vote, at: datetime) -> tuple[RosterChange, ...]:
    """Find who of those who may vote left the team since, or came back.

    Raises UserError where the team cannot be read. Who joined later does not vote.
    """
    if not vote.ways.team:
        return ()
    org, _, slug = vote.ways.team.partition("/")
    now = {key(login) for login in await api.team_members(org, slug)}
    known = set(vote.motion.roster.changed(vote.seen.changes).sitting(at))
    return tuple(
        RosterChange(login, at, login in now)
        for login in vote.electorate
        if (login in now) is not (login in known)
    )
