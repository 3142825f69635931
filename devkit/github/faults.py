"""Misfortunes by rule: which request they strike, and what they do to it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes."
PRIMARY = "API rate limit exceeded for installation."
HTML = "<html><head><title>502 Bad Gateway</title></head><body>Unicorn!</body></html>"
GLANCE = 0.05  # seconds between looks whether a waiting client has gone


class Fault(Enum):
    """What can befall a request."""

    HTML_502 = auto()
    SECONDARY_403 = auto()
    SECONDARY_429 = auto()
    PRIMARY_403 = auto()
    EXPIRED_401 = auto()
    HANG = auto()
    DROP_BEFORE = auto()
    DROP_AFTER = auto()


@dataclass(slots=True)
class Rule:
    """Lets `skip` matching requests pass and then strikes `times` of them."""

    fault: Fault
    method: str
    path: re.Pattern[str]
    skip: int
    times: int
    retry_after: int

    def strikes(self, method: str, path: str) -> bool:
        """Tell whether the rule strikes this request, and count it."""
        if self.method not in {"*", method} or not self.path.search(path) or not self.times:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Faults:
    """The rules in force; the first one that strikes wins.

    `retry_after` is how many seconds the rules added from then on tell a client to wait.
    `when_struck` is called each time that a rule strikes: after the request was handled where it
    still is, and before the client learns anything.
    """

    def __init__(self) -> None:
        self.retry_after = 1
        self.when_struck: Callable[[], object] = _look_on
        self._rules: list[Rule] = []

    def add(
        self,
        kind: Fault,
        *,
        method: str = "*",
        path: str = "",
        nth: int = 1,
        times: int = 1,
    ) -> None:
        """Strike the nth request from now on that matches, and the next ones up to `times`.

        `path` is a regular expression that is searched in GitHub's path or git's.
        """
        rule = Rule(kind, method, re.compile(path), nth - 1, times, self.retry_after)
        self._rules.append(rule)

    def clear(self) -> None:
        """Take back every rule."""
        self._rules.clear()

    async def pass_through(
        self, request: web.Request, path: str, handler: Handler
    ) -> web.StreamResponse:
        """Let a request through to its handler, unless a rule strikes it."""
        rule = next((one for one in self._rules if one.strikes(request.method, path)), None)
        if rule is None:
            return await handler(request)
        if rule.fault is Fault.DROP_AFTER:
            answer = await handler(request)
            self.when_struck()
            _drop(request)
            return answer
        self.when_struck()
        if rule.fault in {Fault.DROP_BEFORE, Fault.HANG}:
            if rule.fault is Fault.HANG:
                await _left(request)
            _drop(request)
            return web.Response(status=499)
        return _answer(rule)


def _look_on() -> None:
    """Do nothing when a rule strikes."""


def _answer(rule: Rule) -> web.Response:
    wait = {"Retry-After": str(rule.retry_after)}
    reset = str(int(time.time()) + rule.retry_after)
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    match rule.fault:
        case Fault.HTML_502:
            return web.Response(status=502, text=HTML, content_type="text/html")
        case Fault.SECONDARY_403:
            return _json(403, SECONDARY, wait)
        case Fault.SECONDARY_429:
            return _json(429, SECONDARY, wait)
        case Fault.PRIMARY_403:
            return _json(403, PRIMARY, spent)
        case _:
            return _json(401, "Bad credentials", {})


def _json(status: int, message: str, headers: dict[str, str]) -> web.Response:
    body = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    return web.json_response(body, status=status, headers=headers)


def _drop(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _left(request: web.Request) -> None:
    """Wait until the client has gone, or the server stops."""
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - aiohttp has no event for it
        await asyncio.sleep(GLANCE)
