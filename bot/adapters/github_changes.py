"""What changed in a repository since a moment, read from GitHub as its webhooks would tell it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256

from gidgethub.sansio import Event

from bot.adapters import github_payloads as payloads
from bot.adapters.github_editor import last_person_at
from bot.adapters.github_errors import Rejected
from bot.adapters.github_repository import RepositoryClient
from bot.adapters.github_session import InstallationSession, Json
from bot.core.commands import Command, Delivery, Spoke
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

    async def reviews(self, number: int, action: Callable[[Spoke], str]) -> tuple[Delivery, ...]:
        """Give what people's reviews of a pull request ask for; `action` says what to tell of each.

        It is shown a review as just submitted; who edited one is only asked for where it is news.
        """
        found: list[Delivery] = []
        for raw in await self._session.pages(self._url(f"pulls/{number}/reviews?per_page=100")):
            if not raw.get("submitted_at") or payloads.comment(raw).by_bot:
                continue
            review = {**raw, "state": raw["state"].lower()}
            first = self._reviewed(("submitted", number), review, payloads.comment(raw).author)
            actions = {action(one) for one in first.commands if isinstance(one, Spoke)}
            for news in actions - {""}:
                found += await self._told_review((news, number), review)
        return tuple(found)

    async def branches(self) -> Mapping[str, str]:
        """Give the commit at the tip of each branch, by its short name."""
        try:
            listed = await self._session.pages(self._url("git/matching-refs/heads"))
        except Rejected:  # GitHub's answer for a repository that is empty
            return {}
        start = "refs/heads/"
        refs = {str(raw["ref"]): str(raw["object"]["sha"]) for raw in listed}
        return {ref.removeprefix(start): sha for ref, sha in refs.items() if ref.startswith(start)}

    async def _told_review(self, what: tuple[str, int], raw: Json) -> list[Delivery]:
        """Write the webhooks of one review; what another hand wrote into it is not its author's."""
        action, number = what
        author = payloads.comment(raw).author
        editor = await last_person_at(self._session, raw.get("node_id")) or author
        if action == "dismissed" or editor.lower() == author.lower():
            return [self._reviewed(what, raw, author)]
        edited = self._reviewed(("edited", number), raw, editor)
        stated = self._reviewed(what, {**raw, "body": ""}, author)
        return [stated, edited] if action == "submitted" else [edited]

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

    def _reviewed(self, what: tuple[str, int], raw: Json, sender: str) -> Delivery:
        action, number = what
        told = {"review": raw, "pull_request": {"number": number}, **self._by(sender)}
        digest = sha256(f"{sender}\n{raw['body']}".encode()).hexdigest()[:16]
        place = f"review:{raw['id']}:{raw['state']}:{digest}"
        return self._delivery(("pull_request_review", action), place, told)

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
