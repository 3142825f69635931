"""What an operation gets to see of a request, and the answers that it may give."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from yarl import URL

from devkit.github.state import Json, Pull, Repository, Token, User

if TYPE_CHECKING:
    from devkit.github.site import Site

Thing = TypeVar("Thing")
PER_PAGE = 30
MOST_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `body` is JSON yet to be completed, bytes to be sent as they are, or None."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 - reads as what happened
    """An error answer with GitHub's words."""

    def __init__(self, status: int, message: str, errors: Sequence[Json] = ()) -> None:
        super().__init__(message)
        body: Json = {
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
        }
        if errors:
            body["errors"] = list(errors)
        self.answer = Answer(status, body)


def invalid(resource: str, **error: str) -> Refused:
    """Give the refusal `Validation Failed` with one error."""
    return Refused(422, "Validation Failed", [{"resource": resource, **error}])


@dataclass(frozen=True, slots=True)
class Call:
    """One checked request: who asks, with which typed parameters and which body."""

    site: Site
    url: URL
    accept: str
    parameters: Mapping[str, Json]
    body: Json
    token: Token | None

    @property
    def repository(self) -> Repository:
        """Give the repository in the path."""
        return self.site.world.repository(self.parameters["owner"], self.parameters["repo"])

    @property
    def pull(self) -> Pull:
        """Give the pull request in the path."""
        names = ("pull_number", "issue_number")
        number = next(self.parameters[name] for name in names if name in self.parameters)
        return self.site.world.pull(self.repository, number)

    @property
    def actor(self) -> User:
        """Give who acts: always the App."""
        return self.site.world.bot

    def page(self, things: Sequence[Thing], show: Callable[[Thing], Json]) -> Answer:
        """Show one page of a list, with GitHub's `Link` header."""
        shown, headers = self.cut(things)
        return Answer(200, [show(thing) for thing in shown], headers)

    def cut(self, things: Sequence[Thing]) -> tuple[Sequence[Thing], dict[str, str]]:
        """Give the things on the page asked for, and the `Link` header."""
        size = min(self.parameters.get("per_page", PER_PAGE), MOST_PER_PAGE)
        number = self.parameters.get("page", 1)
        last = max(1, -(-len(things) // size))
        links = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        if number >= last:
            del links["next"], links["last"]
        if number == 1:
            del links["prev"], links["first"]
        link = ", ".join(
            f'<{self.url.update_query(page=str(page))}>; rel="{rel}"' for rel, page in links.items()
        )
        return things[(number - 1) * size : number * size], {"Link": link} if link else {}


Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Served:
    """An operation that is served; `needs` are `permission:level`, one of which is enough."""

    handler: Handler
    needs: tuple[str, ...]


SERVED: dict[str, Served] = {}


def serves(operation: str, *needs: str) -> Callable[[Handler], Handler]:
    """Declare a handler for one of GitHub's operations and the permissions that it takes."""

    def register(handler: Handler) -> Handler:
        SERVED[operation] = Served(handler, needs)
        return handler

    return register
