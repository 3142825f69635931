"""The local GitHub as one thing to start, look at and stop."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from devkit.github.actions import Actions
from devkit.github.activity import Activity
from devkit.github.contract import contract
from devkit.github.driving import Driving
from devkit.github.faults import Faults
from devkit.github.git_server import GitServer
from devkit.github.graphql import GraphQL
from devkit.github.issues import Issues
from devkit.github.pushes import Pushes
from devkit.github.registration import AppRegistration
from devkit.github.rest_server import PREFIX, RestServer
from devkit.github.site import ApiCall, RateLimit, Record, Site
from devkit.github.views import Views
from devkit.github.webhooks import Webhooks
from devkit.github.world import World

LARGEST_BODY = 1 << 24  # bytes; git's streams are not bound by it
GRACE = 1.0  # seconds that open requests get at the end


class ContractBroken(AssertionError):  # noqa: N818 - reads as what happened
    """A request or an answer was not as GitHub describes it."""


class LocalGitHub(Driving):
    """REST, GraphQL, git and webhooks on one loopback port; driven by the methods of `Driving`."""

    def __init__(self, folder: Path, site: Site) -> None:
        super().__init__(folder, site)
        self.app = site.world.app
        self.url = site.views.web
        self.api_url = site.views.api
        self.faults = site.faults
        self.actions = site.actions
        self.webhooks = site.webhooks
        application = web.Application(client_max_size=LARGEST_BODY)
        routes = (*GraphQL(site).routes(), *RestServer(site).routes(), *GitServer(site).routes())
        application.add_routes(routes)
        self._runner = web.AppRunner(application, shutdown_timeout=GRACE)

    @classmethod
    async def start(
        cls,
        folder: Path,
        *,
        app: AppRegistration | None = None,
        port: int = 0,
        webhook_url: str | None = None,
    ) -> LocalGitHub:
        """Start serving on loopback; port 0 takes a free one. The folder holds the git side."""
        listening = socket.create_server(("127.0.0.1", port))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = app or AppRegistration.create()
        github = cls(folder, _site(app, url, webhook_url))
        await github._runner.setup()
        await web.SockSite(github._runner, listening).start()
        return github

    async def stop(self) -> None:
        """Stop serving and delivering."""
        await self.webhooks.close()
        await self._runner.cleanup()

    @property
    def webhook_url(self) -> str | None:
        """Give where webhooks go; may be set at any time."""
        return self.webhooks.url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self.webhooks.url = url

    @property
    def calls(self) -> list[ApiCall]:
        """Give every request to the API so far; GraphQL's are all `POST /graphql`."""
        return self.site.record.calls

    @property
    def git_operations(self) -> Counter[str]:
        """Give how often clients fetched (`fetch`) and pushed (`push`)."""
        return self.site.record.git_operations

    @property
    def complaints(self) -> list[str]:
        """Give what requests had wrong, measured by GitHub's description."""
        return self.site.record.complaints

    def count(self) -> Counter[str]:
        """Sum up the requests to the API by `METHOD template`."""
        return Counter(f"{call.method} {call.path}" for call in self.calls)

    def reset_counts(self) -> None:
        """Begin to count anew; complaints stay."""
        self.calls.clear()
        self.git_operations.clear()

    def check(self) -> None:
        """Raise `ContractBroken` if a request or an answer was wrong."""
        wrong = self.complaints + self.site.record.wrong_answers
        if wrong:
            raise ContractBroken("\n".join(wrong))


@asynccontextmanager
async def running_github(
    folder: Path,
    *,
    app: AppRegistration | None = None,
    port: int = 0,
    webhook_url: str | None = None,
) -> AsyncIterator[LocalGitHub]:
    """Run a local GitHub; at a clean end, raise `ContractBroken` if anything was wrong."""
    github = await LocalGitHub.start(folder, app=app, port=port, webhook_url=webhook_url)
    try:
        yield github
    finally:
        await github.stop()
    github.check()


def _site(app: AppRegistration, url: str, webhook_url: str | None) -> Site:
    world = World(app)
    views = Views(world, url + PREFIX, url)
    webhooks = Webhooks(app, webhook_url)
    activity = Activity(world, views, webhooks)
    return Site(
        world=world,
        views=views,
        webhooks=webhooks,
        activity=activity,
        actions=Actions(activity),
        issues=Issues(activity),
        pushes=Pushes(activity),
        contract=contract(),
        faults=Faults(),
        limit=RateLimit(),
        record=Record(),
    )
