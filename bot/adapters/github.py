"""The port `GitHubApp` by calls that the App signs itself, and the way to its repositories."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import datetime

from gidgethub.sansio import Event

from bot.adapters import github_payloads as payloads
from bot.adapters.github_actions import Workflows
from bot.adapters.github_changes import Changes, Translate
from bot.adapters.github_errors import NotFound
from bot.adapters.github_repository import RepositoryClient
from bot.adapters.github_session import AppIdentity, AppSession, Pace, open_session
from bot.adapters.github_wire import Watch
from bot.core.commands import Command
from bot.core.model import Repository
from bot.ports import Installed


class AppClient:
    """The App itself (`ports.GitHubApp`)."""

    def __init__(self, session: AppSession, translate: Translate) -> None:
        self._session = session
        self._translate = translate

    async def login(self) -> str:
        """Give the name under which the App comments."""
        return f"{(await self._session.get('/app'))['slug']}[bot]"

    async def repositories(self) -> tuple[Repository, ...]:
        """Give every repository that the App is installed on; suspended installations have none."""
        found: list[Repository] = []
        async with aclosing(self._session.pages("/app/installations?per_page=100")) as everywhere:
            installed = [one["id"] async for one in everywhere if not one.get("suspended_at")]
        for number in installed:
            session = self._session.installation(number)
            url = session.url("/installation/repositories?per_page=100")
            for raw in await session.pages(url, items="repositories"):
                owner = raw["owner"]["login"]
                found.append(Repository(number, raw["id"], owner, raw["name"]))
        return tuple(found)

    async def find(self, owner: str, name: str) -> Installed | None:
        """Find a repository, None where the App is not installed on it.

        GitHub answers the same for one that does not exist and for a private one of others.
        """
        names = {"owner": owner, "name": name}
        try:
            found = await self._session.get("/repos/{owner}/{name}/installation", **names)
            session = self._session.installation(found["id"])
            raw = await session.get(session.url("/repos/{owner}/{name}", **names))
        except NotFound:
            return None
        repository = Repository(found["id"], raw["id"], raw["owner"]["login"], raw["name"])
        # What GitHub does not call public is not: it knows internal ones too.
        public = raw.get("private") is False and raw.get("visibility", "public") == "public"
        return Installed(repository, public)

    def repository(self, repository: Repository) -> RepositoryClient:
        """Give the view of one repository through its installation."""
        return RepositoryClient(self._session.installation(repository.installation), repository)

    def workflows(self, repository: Repository) -> Workflows:
        """Give the workflows of one repository."""
        return Workflows(self._session.installation(repository.installation), repository)

    def changes(self, repository: Repository) -> Changes:
        """Give what changed in one repository."""
        session = self._session.installation(repository.installation)
        return Changes(session, repository, self._translate)

    async def failed_deliveries(self, since: datetime) -> tuple[tuple[int, str], ...]:
        """Give (delivery id, GUID) of deliveries that never got a 2xx answer since then.

        Oldest first. `since` is aware of its time zone. A redelivery has the GUID of the first.
        """
        failed: dict[str, int] = {}
        arrived: set[str] = set()
        async with aclosing(self._session.pages("/app/hook/deliveries?per_page=100")) as attempts:
            async for attempt in attempts:  # newest first
                if datetime.fromisoformat(attempt["delivered_at"]) < since:
                    break
                if payloads.arrived(attempt):
                    arrived.add(attempt["guid"])
                else:
                    failed.setdefault(attempt["guid"], attempt["id"])
        return tuple(
            (number, guid) for guid, number in reversed(failed.items()) if guid not in arrived
        )

    async def redeliver(self, delivery_id: int) -> None:
        """Ask GitHub to send one delivery again."""
        await self._session.post(f"/app/hook/deliveries/{delivery_id}/attempts", {})


def _nothing(_event: Event) -> tuple[Command, ...]:
    return ()


@asynccontextmanager
async def connect(
    app: AppIdentity,
    watch: Watch,
    pace: Pace | None = None,
    *,
    translate: Translate = _nothing,
) -> AsyncIterator[AppClient]:
    """Open the connection to GitHub and give the App's client; it closes in the end.

    `translate` gives what a webhook's event asks for: by it changes are read that none told.
    """
    async with open_session(app, watch, pace) as session:
        yield AppClient(session, translate)
