"""Speaks to GitHub's REST API in the name of the App or of one of its installations."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import aiohttp
from gidgethub import sansio
from gidgethub.apps import get_jwt

from bot.adapters.github_errors import NotFound, Unauthorised
from bot.adapters.github_tokens import Token, Tokens
from bot.adapters.github_wire import Line, Watch, Wire, counting
from bot.core.errors import Transient, UserError

Json = dict[str, Any]
Answer = TypeVar("Answer")

CONNECT_TIMEOUT = 10.0  # seconds
JWT_LIFE = 540  # seconds; GitHub takes ten minutes at most


@dataclass(frozen=True, slots=True)
class AppIdentity:
    """Who we are to GitHub: the API's address, the App's id and its RSA key in PEM."""

    api_url: str
    app_id: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pace:
    """How we treat GitHub: `timeout` of a call and `write_gap` after a write, in seconds.

    GitHub allows 80 writes a minute and a whole backport is some twenty, so a small gap does;
    beyond that its own `Retry-After` rules. `clock` gives epoch seconds.
    """

    timeout: float = 30.0
    write_gap: float = 0.1
    clock: Callable[[], float] = time.time


class AppSession:
    """Calls signed by the App itself, and the sessions of its installations."""

    def __init__(
        self, http: aiohttp.ClientSession, app: AppIdentity, watch: Watch, pace: Pace
    ) -> None:
        self._app = app
        self._watch = watch
        self._pace = pace
        self._line = Line(http, app.api_url, pace.clock)
        self._wire = Wire(self._line, "the App")
        self._tokens = Tokens(self._mint, pace.clock)
        self._installations: dict[int, InstallationSession] = {}

    def installation(self, number: int) -> InstallationSession:
        """Give the one session of an installation; it is made at the first call."""
        if number not in self._installations:
            wire = Wire(self._line, f"installation {number} of the App")
            self._installations[number] = InstallationSession(
                number, wire, self._tokens, self._pace.write_gap
            )
        return self._installations[number]

    async def get(self, template: str, **names: str) -> Json:
        """Give one object; the template is filled in by RFC 6570."""
        url = sansio.format_url(template, names, base_url=self._wire.base_url)
        with self._wire.call("GET", url):
            return _object(await self._wire.getitem(url, jwt=self._jwt()))

    async def pages(self, url: str) -> AsyncGenerator[Json]:
        """Give the items of all pages, fetched as they are asked for."""
        with self._wire.call("GET", url):
            async with aclosing(self._wire.getiter(url, jwt=self._jwt())) as items:
                async for item in items:
                    yield item

    async def post(self, url: str, data: Json) -> Json:
        """Send a POST and give its answer."""
        with self._wire.call("POST", url):
            return _object(await self._wire.post(url, data=data, jwt=self._jwt()))

    async def _mint(self, installation: int) -> Token:
        try:
            minted = await self.post(f"/app/installations/{installation}/access_tokens", {})
        except NotFound as error:
            raise UserError(
                f"Installation {installation} of the App is gone. An owner of the organisation "
                "must install the App again."
            ) from error
        self._watch.minted(minted["token"])
        expires_at = datetime.fromisoformat(minted["expires_at"]).timestamp()
        return Token(minted["token"], expires_at)

    def _jwt(self) -> str:
        return get_jwt(
            app_id=self._app.app_id, private_key=self._app.private_key, expiration=JWT_LIFE
        )


class InstallationSession:
    """Calls in the name of one installation, one write at a time.

    Every method raises `UserError`,
    `Transient`, or one of the kinds in `github_errors`.
    """

    def __init__(self, number: int, wire: Wire, tokens: Tokens, write_gap: float) -> None:
        self._number = number
        self._wire = wire
        self._tokens = tokens
        self._write_gap = write_gap
        self._writing = asyncio.Lock()
        self._next_write = 0.0

    def url(self, template: str, **names: str | int) -> str:
        """Fill in a template by RFC 6570, whatever characters the names hold."""
        return sansio.format_url(template, names, base_url=self._wire.base_url)

    async def token(self) -> str:
        """Give a token that is good for at least five minutes."""
        return await self._tokens.get(self._number)

    async def get(self, url: str) -> Json:
        """Give one object."""
        return _object(await self._signed("GET", url, partial(self._wire.getitem, url)))

    async def page(self, url: str) -> list[Json]:
        """Give the items of one page of a list."""
        return _items(await self._signed("GET", url, partial(self._wire.getitem, url)))

    async def pages(
        self, url: str, *, items: str = "items", keep: Callable[[Json], bool] = bool
    ) -> list[Json]:
        """Give the items of all pages, of very many only those to `keep`.

        `items` is the key of the list where it is in an object.
        """

        async def collect(*, oauth_token: str) -> list[Json]:
            found = self._wire.getiter(url, oauth_token=oauth_token, iterable_key=items)
            return _items([item async for item in found if keep(item)])

        return await self._signed("GET", url, collect)

    async def post(self, url: str, data: Json) -> Json:
        """Send a POST and give its answer; where the answer is lost it may have been done."""
        return _object(await self._write("POST", url, partial(self._wire.post, url, data=data)))

    async def order(self, url: str, data: Json) -> Json:
        """Send a POST that GitHub may answer with nothing (204), which gives an empty object."""
        answer = await self._write("POST", url, partial(self._wire.post, url, data=data))
        return {} if answer is None else _object(answer)

    async def add(self, url: str, data: Json) -> None:
        """Send a POST that GitHub answers with a list of all there is then."""
        _items(await self._write("POST", url, partial(self._wire.post, url, data=data)))

    async def put(self, url: str, data: Json) -> Json:
        """Send a PUT and give its answer."""
        return _object(await self._write("PUT", url, partial(self._wire.put, url, data=data)))

    async def patch(self, url: str, data: Json) -> Json:
        """Send a PATCH and give its answer."""
        return _object(await self._write("PATCH", url, partial(self._wire.patch, url, data=data)))

    async def delete(self, url: str) -> None:
        """Send a DELETE."""
        await self._write("DELETE", url, partial(self._wire.delete, url))

    async def _write(self, method: str, url: str, ask: Callable[..., Awaitable[Answer]]) -> Answer:
        now = asyncio.get_running_loop().time
        async with self._writing:
            await asyncio.sleep(self._next_write - now())
            try:
                return await self._signed(method, url, ask)
            finally:
                self._next_write = now() + self._write_gap

    async def _signed(self, method: str, url: str, ask: Callable[..., Awaitable[Answer]]) -> Answer:
        """Ask with the token at hand, and once more with a new one where GitHub refuses it."""
        token = await self.token()
        try:
            with self._wire.call(method, url):
                return await ask(oauth_token=token)
        except Unauthorised:
            self._tokens.forget(self._number, token)
        token = await self.token()
        with self._wire.call(method, url):
            return await ask(oauth_token=token)


@asynccontextmanager
async def open_session(
    app: AppIdentity, watch: Watch, pace: Pace | None = None
) -> AsyncIterator[AppSession]:
    """Open the one HTTP session to GitHub and close it in the end."""
    pace = pace or Pace()
    timeout = aiohttp.ClientTimeout(total=pace.timeout, sock_connect=CONNECT_TIMEOUT)
    async with aiohttp.ClientSession(
        timeout=timeout, trace_configs=[counting(watch)], cookie_jar=aiohttp.DummyCookieJar()
    ) as http:
        yield AppSession(http, app, watch, pace)


def _object(answer: object) -> Json:
    if not isinstance(answer, dict):
        raise Transient("GitHub's answer is not the JSON object that it should be.")
    return answer


def _items(answer: object) -> list[Json]:
    if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
        raise Transient("GitHub's answer is not the JSON list that it should be.")
    return answer
