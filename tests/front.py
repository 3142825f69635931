"""The whole web application around the part that a test is about."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from bot.web.app import build
from bot.web.explain import Explanations
from bot.web.health import Health
from bot.web.logs import LogPages
from bot.web.release import ReleasePages
from bot.web.sparing import Sparing
from bot.web.webhook import Webhook


def front(webhook: Webhook | None = None, health: Health | None = None) -> web.Application:
    """Give the application; what a test does not bring takes, knows and shows nothing."""
    return build(
        webhook or Webhook("secret", lambda _: (), _nothing, lambda _: None),
        health or Health({}, _no_metrics),
        LogPages(lambda _: None),
        Explanations(Sparing(_nothing, "nowhere"), _now),
        ReleasePages(Sparing(_nothing, "nowhere"), _now),
    )


def _now() -> datetime:
    return datetime.now(UTC)


async def _nothing(*_: object) -> None:
    raise AssertionError("this was not to be asked")


async def _no_metrics() -> bytes:
    return b""
