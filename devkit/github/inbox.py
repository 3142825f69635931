"""An address that takes every webhook and keeps it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from devkit.github.state import Json


@dataclass(frozen=True, slots=True)
class Posted:
    """One webhook as the App received it."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> str:
        """Give the name of the event."""
        return self.headers["X-GitHub-Event"]

    @property
    def guid(self) -> str:
        """Give the number under which it was delivered."""
        return self.headers["X-GitHub-Delivery"]

    @property
    def payload(self) -> Json:
        """Give what it says."""
        return json.loads(self.body)


@dataclass(slots=True)
class Inbox:
    """Where webhooks may be sent to, and those that came."""

    url: str = ""
    posted: list[Posted] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        """Keep a webhook."""
        self.posted.append(Posted(dict(request.headers), await request.read()))
        return web.Response(status=202)


@asynccontextmanager
async def open_inbox() -> AsyncIterator[Inbox]:
    """Listen on a free loopback port."""
    inbox = Inbox()
    application = web.Application()
    application.router.add_post("/webhook", inbox.receive)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    inbox.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    try:
        yield inbox
    finally:
        await runner.cleanup()
