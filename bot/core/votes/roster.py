"""Who may vote: members with the moments at which they joined and left.

A person may have several terms. Logins are compared without regard to case, as GitHub does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Member:
    """One term of one person; None means before all that is known, or not yet ended.

    Both moments carry a time zone. On the moment of leaving a person sits no more.
    """

    login: str
    joined: datetime | None = None
    left: datetime | None = None

    def sits(self, at: datetime) -> bool:
        """Tell whether the term holds at a moment."""
        return (self.joined is None or self.joined <= at) and (self.left is None or at < self.left)


@dataclass(frozen=True, slots=True)
class RosterChange:
    """Somebody joined or left the roster at a moment."""

    login: str
    at: datetime
    joined: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """A named body, such as a team, and the terms of its members."""

    name: str
    members: tuple[Member, ...]

    def sitting(self, at: datetime) -> tuple[str, ...]:
        """Give the logins of those who sit at a moment, in lower case, in order."""
        return tuple(sorted({key(one.login) for one in self.members if one.sits(at)}))

    def changed(self, changes: Iterable[RosterChange]) -> Roster:
        """Apply joinings and departures in the order of their moments; repeats change nothing."""
        members = self.members
        for change in sorted(changes, key=lambda one: (one.at, key(one.login), one.joined)):
            members = _apply(members, change)
        return replace(self, members=members)


def key(login: str) -> str:
    """Give the form in which logins are compared: no `@`, lower case."""
    return login.removeprefix("@").lower()


def _apply(members: tuple[Member, ...], change: RosterChange) -> tuple[Member, ...]:
    def now(member: Member) -> bool:
        return key(member.login) == key(change.login) and member.sits(change.at)

    if not change.joined:
        return tuple(replace(one, left=change.at) if now(one) else one for one in members)
    if any(now(one) for one in members):
        return members
    return (*members, Member(change.login, joined=change.at))
