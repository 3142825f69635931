"""Everything there is on the local GitHub, and how to find it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

from devkit.github.registration import AppRegistration
from devkit.github.state import (
    Check,
    Comment,
    Installation,
    Json,
    Pull,
    Repository,
    Review,
    Team,
    Token,
    User,
)

Thing = TypeVar("Thing")


class NotFound(LookupError):  # noqa: N818 - GitHub's words
    """There is no such thing, or none that may be seen."""


def now() -> datetime:
    """Give the present moment to the second, as GitHub shows it."""
    return datetime.now(UTC).replace(microsecond=0)


class World:
    """The state, the numbers that it hands out and the tokens that it honours."""

    def __init__(self, app: AppRegistration) -> None:
        self.app = app
        self.token_lifetime = timedelta(hours=1)
        self.clock: Callable[[], datetime] = now
        self.users: dict[str, User] = {}
        self.teams: dict[tuple[str, str], Team] = {}
        self.repositories: dict[str, Repository] = {}
        self.installations: dict[int, Installation] = {}
        self._tokens: dict[str, Token] = {}
        self._ids = count(1001)
        self.bot = self.user(app.login, kind="Bot")

    def moment(self) -> datetime:
        """Give the moment at which something happens here, to the second.

        A story may have its own time; tokens expire by that of the machine.
        """
        return self.clock().replace(microsecond=0)

    def next_id(self) -> int:
        """Give a number that nothing else has."""
        return next(self._ids)

    def user(self, login: str, *, kind: str = "User") -> User:
        """Give an account, made where it is not there yet."""
        if login.lower() not in self.users:
            self.users[login.lower()] = User(self.next_id(), login, kind)
        return self.users[login.lower()]

    def known_user(self, login: str) -> User:
        """Give an account that exists."""
        return _found(self.users.get(login.lower()))

    def repository(self, owner: str, name: str) -> Repository:
        """Give a repository; names do not mind case."""
        return _found(self.repositories.get(f"{owner}/{name}".lower()))

    def team(self, org: str, slug: str) -> Team:
        """Give a team."""
        return _found(self.teams.get((org.lower(), slug.lower())))

    def pull(self, repository: Repository, number: int) -> Pull:
        """Give a pull request."""
        return _found(repository.pulls.get(number))

    def pull_of_node(self, node_id: str) -> tuple[Repository, Pull]:
        """Give a pull request by GraphQL's name for it, with its repository."""
        for repository in self.repositories.values():
            for pull in repository.pulls.values():
                if pull.node_id == node_id:
                    return repository, pull
        raise NotFound

    def comment_of_node(self, node_id: str) -> tuple[Repository, Comment | Review]:
        """Give a comment or a review by GraphQL's name for it, with its repository."""
        for repository in self.repositories.values():
            for pull in repository.pulls.values():
                here: list[Comment | Review] = [*pull.comments.values(), *pull.reviews.values()]
                for said in here:
                    if said.node_id == node_id:
                        return repository, said
        raise NotFound

    def comment(self, repository: Repository, comment_id: int) -> tuple[Pull, Comment]:
        """Give a comment with the pull request on which it stands."""
        pulls = (pull for pull in repository.pulls.values() if comment_id in pull.comments)
        pull = _found(next(pulls, None))
        return pull, pull.comments[comment_id]

    def check(self, repository: Repository, check_id: int) -> Check:
        """Give a check run."""
        return _found(repository.checks.get(check_id))

    def installation(self, owner: str) -> Installation:
        """Give the App's installation on an account, made where it is not there yet."""
        for installation in self.installations.values():
            if installation.account.login.lower() == owner.lower():
                return installation
        account = self.user(owner, kind="Organization")
        permissions = dict(self.app.permissions)
        installation = Installation(self.next_id(), account, permissions, now())
        self.installations[installation.id] = installation
        return installation

    def label_id(self, repository: Repository, name: str) -> int:
        """Give the number of a label, made where it is not there yet."""
        return repository.labels.setdefault(name, self.next_id())

    def issue_token(self, installation: Installation, asked: Json) -> tuple[str, Token]:
        """Make an installation token, narrowed to the permissions and repositories asked for."""
        permissions = asked.get("permissions") or dict(installation.permissions)
        chosen = asked.get("repository_ids")
        if names := asked.get("repositories"):
            owner = installation.account.login
            chosen = [self.repository(owner, name).id for name in names]
        token = Token(
            installation=installation,
            permissions=permissions,
            repositories=None if chosen is None else frozenset(chosen),
            expires_at=now() + self.token_lifetime,
        )
        value = "ghs_" + secrets.token_hex(18)
        self._tokens[_hash(value)] = token
        return value, token

    def token(self, value: str) -> Token | None:
        """Give what a token is good for; None if it is unknown or has expired."""
        token = self._tokens.get(_hash(value))
        return token if token and token.expires_at > datetime.now(UTC) else None

    def expire_tokens(self) -> None:
        """Let every token issued so far be refused."""
        self._tokens.clear()


def _found(thing: Thing | None) -> Thing:
    if thing is None:
        raise NotFound
    return thing


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
