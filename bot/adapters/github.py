"""The port `GitHubApp` by calls that the App signs itself, and the way to its repositories."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import datetime

from bot.adapters import github_payloads as payloads
from bot.adapters.github_actions import Workflows
from bot.adapters.github_repository import RepositoryClient
from bot.adapters.github_session import AppIdentity, AppSession, Pace, open_session
from bot.adapters.github_wire import Watch
from bot.core.model import Repository


class AppClient:
    """The App itself (`ports.GitHubApp`)."""

    def __init__(self, session: AppSession) -> None:
        self._session = session

    def repository(self, repository: Repository) -> RepositoryClient:
        """Give the view of one repository through its installation."""
        return RepositoryClient(self._session.installation(repository.installation), repository)

    def workflows(self, repository: Repository) -> Workflows:
        """Give the workflows of one repository."""
        return Workflows(self._session.installation(repository.installation), repository)

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


@asynccontextmanager
async def connect(
    app: AppIdentity, watch: Watch, pace: Pace | None = None
) -> AsyncIterator[AppClient]:
    """Open the connection to GitHub and give the App's client; it closes in the end."""
    async with open_session(app, watch, pace) as session:
        yield AppClient(session)
