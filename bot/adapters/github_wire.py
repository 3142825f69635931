"""One credential's way to GitHub's REST API: every call counted, paced and translated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
import cachetools
from gidgethub.aiohttp import GitHubAPI

from bot.adapters.github_errors import Call, Garbled, translate
from bot.core.errors import Transient

REQUESTER = "stablehand"
API_VERSION = "2022-11-28"
KNOWN_STATUSES = frozenset(int(status) for status in HTTPStatus)
CACHED_ANSWERS = 256  # per credential; a page of a timeline is the largest, some 100 KB


class Watch(Protocol):
    """Who is told of every request that was sent, and of every token that was made."""

    def called(self, method: str, status: str, remaining: int | None) -> None:
        """Take note of one request; `status` is the answer's, or `dropped` or `unreached`."""

    def minted(self, token: str) -> None:
        """Take note of a new token, so that it never shows."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the wires of one App share; `clock` gives epoch seconds."""

    http: aiohttp.ClientSession
    base_url: str
    clock: Callable[[], float]


class Wire(GitHubAPI):
    """gidgethub's client that keeps the pauses which GitHub asks for without sleeping them.

    While a pause lasts, a call raises `Transient` with what is left of it and sends nothing.
    `who` names the credential in messages. Answers are cached by ETag for this wire alone.
    """

    def __init__(self, line: Line, who: str) -> None:
        answers: cachetools.LRUCache[str, Any] = cachetools.LRUCache(CACHED_ANSWERS)
        super().__init__(line.http, REQUESTER, base_url=line.base_url, cache=answers)
        self._who = who
        self._clock = line.clock
        self._held_until = 0.0

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        versioned = {**headers, "x-github-api-version": API_VERSION}
        status, answered, content = await super()._request(method, url, versioned, body)
        if status not in KNOWN_STATUSES or (
            content and "json" not in answered.get("content-type", "")
        ):
            raise Garbled(status, answered)
        return status, answered, content

    @contextmanager
    def call(self, method: str, url: str) -> Iterator[None]:
        """Translate what a call within raises, and hold further calls where GitHub says so."""
        call = Call(self._who, method, urlsplit(url).path)
        self._keep_pause(call)
        try:
            yield
        except Exception as error:
            meant = translate(error, call, self._clock())
            if meant is None:
                raise
            if isinstance(meant, Transient) and meant.retry_after is not None:
                self._held_until = max(self._held_until, self._clock() + meant.retry_after)
            raise meant from error

    def _keep_pause(self, call: Call) -> None:
        left = self._held_until - self._clock()
        if left > 0:
            raise Transient(f"GitHub asked for a pause before {call}.", retry_after=left)


def counting(watch: Watch) -> aiohttp.TraceConfig:
    """Give a trace that reports each request really sent.

    aiohttp repeats a dropped idempotent request by itself, so counting our calls would miss some.
    """
    trace = aiohttp.TraceConfig()

    async def sent(
        _: aiohttp.ClientSession,
        flight: SimpleNamespace,
        about: aiohttp.TraceRequestHeadersSentParams,
    ) -> None:
        if hasattr(flight, "method"):
            watch.called(flight.method, "dropped", None)
        flight.method = about.method

    async def answered(
        _: aiohttp.ClientSession,
        flight: SimpleNamespace,
        about: aiohttp.TraceRequestEndParams | aiohttp.TraceRequestRedirectParams,
    ) -> None:
        left = about.response.headers.get("x-ratelimit-remaining", "")
        watch.called(
            about.method, str(about.response.status), int(left) if left.isdigit() else None
        )
        del flight.method

    async def failed(
        _: aiohttp.ClientSession,
        flight: SimpleNamespace,
        about: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        watch.called(about.method, "dropped" if hasattr(flight, "method") else "unreached", None)

    trace.on_request_headers_sent.append(sent)
    trace.on_request_end.append(answered)
    trace.on_request_redirect.append(answered)
    trace.on_request_exception.append(failed)
    return trace
