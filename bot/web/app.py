"""The web application: which path leads to what."""

from __future__ import annotations

from aiohttp import web

from bot.web.explain import Explanations
from bot.web.health import Health
from bot.web.logs import LogPages
from bot.web.release import ReleasePages
from bot.web.webhook import Webhook


def build(
    webhook: Webhook,
    health: Health,
    logs: LogPages,
    explanations: Explanations,
    releases: ReleasePages,
) -> web.Application:
    """Give the application; other paths answer 404 and other methods 405."""
    application = web.Application()
    application.add_routes(
        [
            web.post("/webhook", webhook.receive),
            web.get("/healthz", health.alive),
            web.get("/readyz", health.ready),
            web.get("/metrics", health.numbers),
            web.get("/logs/{token}", logs.show),
            web.get("/api/explain", explanations.answer),
            web.get("/release/{owner}/{name}", releases.versions),
            web.get("/release/{owner}/{name}/{version}", releases.version),
        ]
    )
    return application
