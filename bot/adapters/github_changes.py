"""What changed in a repository since a moment, read from GitHub as its webhooks would tell it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from gidgethub.sansio import Event

from bot.adapters import github_payloads as payloads
from bot.adapters.github_repository import RepositoryClient
from bot.adapters.github_session import InstallationSession, Json
from bot.core.commands import Command, Delivery
from bot.core.model import PullRequest, Repository

Translate = Callable[[Event], tuple[Command, ...]]
"""Gives what an event asks for."""

_PER_PAGE = 100
_MOST_PAGES = 10  # of pull requests, the newest change first


class Changes:
    """One repository's changes (`ports.Changes`)."""

    def __init__(
        self, session: InstallationSession, repository: Repository, translate: Translate
    ) -> None:
        self._session = session
        self._repository = repository
        self._translate = translate

    async def comments(self, since: datetime) -> tuple[Delivery, ...]:
        """Give what people's comments ask for that were written or edited since then."""
        url = self._url("issues/comments?sort=updated&direction=asc&per_page=100{&since}", since)
        found: list[Delivery] = []
        for raw in await self._session.pages(url):
            if not payloads.comment(raw).by_bot:
                found += await self._told(raw, since)
        return tuple(found)

    async def issues(self, since: datetime) -> tuple[Delivery, ...]:
        """Give what people's issues ask for that were opened since then.

        Who edited one GitHub's lists do not tell: it is taken for its author's.
        """
        url = self._url("issues?state=all&sort=updated&direction=desc&per_page=100{&since}", since)
        opened = [
            raw
            for raw in await self._session.pages(url, keep=lambda one: "pull_request" not in one)
            if datetime.fromisoformat(raw["created_at"]) >= since
            and not payloads.comment(raw).by_bot
        ]
        return tuple(self._opened(raw) for raw in opened)

    async def pulls(self, since: datetime) -> tuple[PullRequest, ...]:
        """Give the pull requests that changed since then, as lists show them."""
        found: list[Json] = []
        for number in range(1, _MOST_PAGES + 1):
            order = f"sort=updated&direction=desc&per_page={_PER_PAGE}&page={number}"
            page = await self._session.page(self._url(f"pulls?state=all&{order}"))
            fresh = [raw for raw in page if datetime.fromisoformat(raw["updated_at"]) >= since]
            found += fresh
            if len(fresh) < _PER_PAGE:
                break
        return tuple(map(payloads.pull_request, found))

    async def _told(self, raw: Json, since: datetime) -> list[Delivery]:
        """Write the webhooks of one comment; its first is that of a text which its author wrote.

        Who edited it only matters, and is only asked for, where somebody did.
        """
        author, edited = payloads.comment(raw).author, raw["updated_at"] != raw["created_at"]
        repository = RepositoryClient(self._session, self._repository)
        editor = await repository.editor(raw["id"]) if edited else author
        own = editor.lower() == author.lower()
        told, first = [], {**raw, "created_at": raw["updated_at"]}
        if own and datetime.fromisoformat(raw["created_at"]) >= since:
            told.append(self._commented("created", first, author))
        if edited:
            told.append(self._commented("edited", raw, editor))
        return told

    def _opened(self, raw: Json) -> Delivery:
        told = {"issue": raw, **self._by(payloads.comment(raw).author)}
        return self._delivery(("issues", "opened"), f"issue:{raw['id']}", told)

    def _commented(self, action: str, raw: Json, sender: str) -> Delivery:
        told = {"comment": raw, "issue": self._issue(raw), **self._by(sender)}
        place = f"comment:{raw['id']}:{raw['updated_at']}"
        return self._delivery(("issue_comment", action), place, told)

    def _delivery(self, what: tuple[str, str], place: str, told: Json) -> Delivery:
        """Have a payload translated; its GUID is another for each state of each thing."""
        name, action = what
        guid = f"missed:{self._repository.id}:{place}:{action}"
        event = Event({"action": action, **told}, event=name, delivery_id=guid)
        return Delivery(guid, name, action, self._repository, self._translate(event))

    def _by(self, sender: str) -> Json:
        """Say who did it, and where."""
        return {
            "sender": {"login": sender, "type": "User"},
            "repository": self._shown(),
            "installation": {"id": self._repository.installation},
        }

    def _issue(self, raw: Json) -> Json:
        """Show where a comment stands; the address of its page tells issues from pull requests."""
        number = payloads.place(raw)
        is_pull = f"/pull/{number}#" in str(raw["html_url"])
        return {"number": number, **({"pull_request": {"url": ""}} if is_pull else {})}

    def _shown(self) -> Json:
        one = self._repository
        owner = {"login": one.owner}
        return {"id": one.id, "name": one.name, "full_name": one.full_name, "owner": owner}

    def _url(self, template: str, since: datetime | None = None) -> str:
        at = {"since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")} if since else {}
        names = {"owner": self._repository.owner, "repo": self._repository.name, **at}
        return self._session.url(f"/repos/{{owner}}/{{repo}}/{template}", **names)
