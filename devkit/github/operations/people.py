"""People: accounts, teams, permissions and the rate limit."""

from __future__ import annotations

from devkit.github.rest import Answer, Call, serves
from devkit.github.state import Team, User
from devkit.github.world import NotFound

PERMISSIONS = {"maintain": "write", "triage": "read"}


@serves("users/get-by-username")
async def get_user(call: Call) -> Answer:
    """Show an account."""
    user = _person(call)
    shown = {**call.site.views.user(user), "name": user.login}
    return Answer(200, call.site.contract.filled("public-user", shown))


@serves("repos/get-collaborator-permission-level", "metadata:read")
async def get_permission(call: Call) -> Answer:
    """Tell what a person may do; anybody may read what is public."""
    user, repository = _person(call), call.repository
    default = "none" if repository.private else "read"
    role = repository.roles.get(user.login.lower(), default)
    body = {
        "permission": PERMISSIONS.get(role, role),
        "role_name": role,
        "user": call.site.views.user(user),
    }
    return Answer(200, body)


@serves("teams/get-membership-for-user-in-org", "members:read")
async def get_membership(call: Call) -> Answer:
    """Tell whether a person is in a team."""
    team, user = _team(call), _person(call)
    if user.login.lower() not in team.members:
        raise NotFound
    return Answer(200, {"role": "member", "state": "active"})


@serves("teams/list-members-in-org", "members:read")
async def list_members(call: Call) -> Answer:
    """List a team."""
    team, world = _team(call), call.site.world
    return call.page([world.user(login) for login in team.members], call.site.views.user)


@serves("rate-limit/get")
async def get_rate_limit(call: Call) -> Answer:
    """Show what is left of the rate limit; asking is free."""
    rate = call.site.limit.shown()
    resources = {"core": rate, "search": rate}
    return Answer(200, {"resources": resources, "rate": rate})


def _team(call: Call) -> Team:
    return call.site.world.team(call.parameters["org"], call.parameters["team_slug"])


def _person(call: Call) -> User:
    return call.site.world.known_user(call.parameters["username"])
