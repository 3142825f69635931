"""Who may do what: tokens are recognised and permissions are asked for, in GitHub's words."""

from __future__ import annotations

import base64
import binascii

from devkit.github.registration import JwtRefused
from devkit.github.rest import Call, Refused, Served
from devkit.github.state import Repository, Token
from devkit.github.world import NotFound, World

ARCHIVED = "Repository was archived so is read-only."
INACCESSIBLE = "Resource not accessible by integration"
ENOUGH = {"read": {"read", "write", "admin"}, "write": {"write", "admin"}}
AS_APP = ("/app", "/repos/{owner}/{repo}/installation")


def recognised(world: World, path: str, authorization: str) -> Token | None:
    """Give the installation token of a request; None where the App itself must ask, and does."""
    value = authorization.partition(" ")[2].strip()
    if not value:
        raise Refused(401, "Requires authentication")
    if path.startswith(AS_APP[0]) or path == AS_APP[1]:
        try:
            world.app.verify(value)
        except JwtRefused as error:
            raise Refused(401, str(error)) from error
        return None
    token = world.token(value)
    if token is None:
        raise Refused(401, "Bad credentials")
    return token


def by_password(world: World, authorization: str) -> Token | None:
    """Give the token that git sends as a password; None where there is none that is good."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        password = base64.b64decode(value).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return None
    return world.token(password)


def permit(call: Call, served: Served) -> None:
    """Let a call through to its operation, or refuse it."""
    if call.token is None or not served.needs:
        return
    if "repo" in call.parameters:
        _reachable(call.token, call.repository, served)
        if call.repository.archived and _writes(served):
            raise Refused(403, ARCHIVED)
        if not call.repository.private and not _writes(served):
            return
    if not any(holds(call.token, *need.split(":")) for need in served.needs):
        raise Refused(403, INACCESSIBLE)


def holds(token: Token, permission: str, level: str) -> bool:
    """Tell whether a token carries a permission that its installation still has."""
    return all(
        granted.get(permission) in ENOUGH[level]
        for granted in (token.permissions, token.installation.permissions)
    )


def reaches(token: Token, repository: Repository) -> bool:
    """Tell whether a repository is among those that a token is for."""
    if token.installation.account is not repository.owner:
        return False
    return token.repositories is None or repository.id in token.repositories


def _reachable(token: Token, repository: Repository, served: Served) -> None:
    if reaches(token, repository):
        return
    if repository.private:
        raise NotFound
    if _writes(served):
        raise Refused(403, INACCESSIBLE)


def _writes(served: Served) -> bool:
    return any(need.endswith(":write") for need in served.needs)
