"""A GitHub on a real port that answers just as a test tells it to, and keeps what it was asked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.adapters.github import AppClient, connect
from bot.adapters.github_session import AppIdentity, Pace

APP_ID = "12"
LIFE = 3600.0  # seconds that a token lives


@cache
def app_key() -> rsa.RSAPrivateKey:
    """Make the App's key, once."""
    return rsa.generate_private_key(65537, 2048)


def app_pem() -> str:
    """Give the App's key as its owner got it."""
    key = app_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key.decode()


@dataclass
class Clock:
    """Time that passes only when a test says so."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        """Give the seconds since the epoch."""
        return self.now


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any

    @property
    def token(self) -> str:
        """Give the credential by itself."""
        return self.headers["authorization"].split(" ")[1]


@dataclass(frozen=True)
class Answer:
    """What to answer: JSON, or HTML where `body` is text; `drop` hangs up instead."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


Play = Answer | Callable[[Asked], Awaitable[Answer]]


@dataclass
class Noted:
    """A `Watch` that keeps what it is told."""

    calls: list[tuple[str, str, int | None]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def called(self, method: str, status: str, remaining: int | None) -> None:
        """Keep a request."""
        self.calls.append((method, status, remaining))

    def minted(self, token: str) -> None:
        """Keep a token."""
        self.tokens.append(token)


class ScriptedGitHub:
    """Answers by method and path, in the order given; the last answer stays.

    Tokens are minted without a script: `ghs_1_<installation>`, `ghs_2_…`, living for an hour.
    """

    def __init__(self) -> None:
        self.clock = Clock()
        self.noted = Noted()
        self.asked: list[Asked] = []
        self.minted: list[Asked] = []
        self.url = ""
        self._plays: dict[tuple[str, str], list[Play]] = defaultdict(list)

    def on(self, method: str, path: str, *plays: Play) -> None:
        """Say how to answer; `path` has no query and no percent signs."""
        self._plays[method, path] = list(plays)

    def app(self) -> AppIdentity:
        """Give the App as this GitHub knows it."""
        return AppIdentity(self.url, APP_ID, app_pem())

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Keep a request and play its answer."""
        asked = await _read(request)
        plays = self._plays[asked.method, asked.path]
        if not plays and asked.path.endswith("/access_tokens"):
            return _response(request, self._mint(asked))
        self.asked.append(asked)
        play = plays.pop(0) if len(plays) > 1 else plays[0]
        return _response(request, play if isinstance(play, Answer) else await play(asked))

    def _mint(self, asked: Asked) -> Answer:
        self.minted.append(asked)
        installation = asked.path.split("/")[3]
        expires_at = datetime.fromtimestamp(self.clock.now + LIFE, UTC)
        return Answer(
            {
                "token": f"ghs_{len(self.minted)}_{installation}",
                "expires_at": expires_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            },
            201,
        )


async def _read(request: web.Request) -> Asked:
    raw = await request.read()
    return Asked(
        request.method,
        request.path,
        dict(request.query),
        {name.lower(): value for name, value in request.headers.items()},
        json.loads(raw) if raw else None,
    )


def _response(request: web.Request, answer: Answer) -> web.StreamResponse:
    if answer.drop and request.transport is not None:
        request.transport.abort()
    if answer.status in {204, 304}:
        return web.Response(status=answer.status, headers=answer.headers)
    if isinstance(answer.body, bytes):
        return web.Response(body=answer.body, status=answer.status, headers=answer.headers)
    if isinstance(answer.body, str):
        headers = {"content-type": "text/html", **answer.headers}
        return web.Response(text=answer.body, status=answer.status, headers=headers)
    return web.json_response(answer.body, status=answer.status, headers=answer.headers)


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedGitHub]:
    """Run a scripted GitHub."""
    github = ScriptedGitHub()
    site = web.Application()
    site.router.add_route("*", "/{path:.*}", github.answer)
    async with TestServer(site) as server:
        github.url = str(server.make_url("")).rstrip("/")
        yield github


@pytest.fixture
async def client(scripted: ScriptedGitHub) -> AsyncIterator[AppClient]:
    """Connect to the scripted GitHub, without a pause between writes."""
    async with connect(scripted.app(), scripted.noted, Pace(10, 0, scripted.clock)) as client:
        yield client
