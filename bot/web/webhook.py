"""The webhook receiver: verify a delivery, translate it, store it, and only then answer 202."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web
from gidgethub.sansio import Event

from bot.core.commands import Command, Delivery, Malformed
from bot.core.errors import Transient

LIMIT = 25 * 1024 * 1024
"""GitHub sends no larger payload; in bytes."""

_EVENT = re.compile(r"[a-z_]{1,100}")
_GUID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_PAUSE = 30.0

Translate = Callable[[Event], tuple[Command, ...]]
Accept = Callable[[Delivery], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was answered to one POST; `event` and `guid` are empty where nothing was verified."""

    status: int
    line: str
    event: str = ""
    guid: str = ""


@dataclass(frozen=True, slots=True)
class Webhook:
    """The receiver and what it works with.

    `accept` stores a delivery durably, the same GUID only once, and raises Transient where it
    cannot now. `noticed` is told of every answer, for logs and metrics.
    """

    secret: str = field(repr=False)
    translate: Translate
    accept: Accept
    noticed: Callable[[Receipt], None]

    async def receive(self, request: web.Request) -> web.Response:
        """Answer one delivery with a status and one line."""
        event: Event | None = None
        headers = {}
        try:
            event = _parse(request, await self._verified_body(request))
            status, line = 202, await self._take_in(event)
        except _RefusedError as refused:
            status, line = refused.status, refused.line
        except Transient as later:
            pause = math.ceil(_PAUSE if later.retry_after is None else later.retry_after)
            status, line = 503, f"cannot store this delivery now, try again in {pause} seconds"
            headers["Retry-After"] = str(pause)
        self.noticed(_receipt(status, line, event))
        return web.Response(status=status, text=f"{line}\n", headers=headers)

    async def _verified_body(self, request: web.Request) -> bytes:
        body = await _read(request)
        expected = hmac.digest(self.secret.encode(), body, hashlib.sha256).hex()
        given = request.headers.get("X-Hub-Signature-256", "")
        # Bytes, because comparing text that is not ASCII raises.
        if not hmac.compare_digest(f"sha256={expected}".encode(), given.encode("utf-8", "replace")):
            raise _RefusedError(401, "X-Hub-Signature-256 is missing or wrong")
        return body

    async def _take_in(self, event: Event) -> str:
        try:
            commands = self.translate(event)
        except Malformed as malformed:
            raise _RefusedError(400, f"malformed {event.event} payload: {malformed}") from malformed
        if not commands:
            return f"nothing to do for {event.event}"
        repository, action = commands[0].repository, event.data.get("action")
        guid = event.delivery_id
        await self.accept(Delivery(guid, event.event, action, repository, commands))
        return f"accepted {guid}"


class _RefusedError(Exception):
    """A request that is no delivery for us: the status and the line to answer."""

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status
        self.line = line


async def _read(request: web.Request) -> bytes:
    """Read the body, however long it claims to be, and never keep more than the limit."""
    body = bytearray()
    announced = request.content_length or 0
    if announced <= LIMIT:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > LIMIT:
                break
    if max(announced, len(body)) > LIMIT:
        raise _RefusedError(413, f"the body is larger than {LIMIT} bytes")
    return bytes(body)


def _parse(request: web.Request, body: bytes) -> Event:
    if request.content_type != "application/json":
        raise _RefusedError(415, "the content type is not application/json")
    event = _token(request, "X-GitHub-Event", _EVENT)
    guid = _token(request, "X-GitHub-Delivery", _GUID)
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _RefusedError(400, "the body is not JSON") from error
    if not isinstance(data, dict):
        raise _RefusedError(400, "the body is not a JSON object")
    if not isinstance(data.get("action", ""), str):
        raise _RefusedError(400, "`action` is not text")
    return Event(data, event=event, delivery_id=guid)


def _token(request: web.Request, header: str, form: re.Pattern[str]) -> str:
    value = request.headers.get(header, "")
    if not form.fullmatch(value):
        raise _RefusedError(400, f"the header {header} is missing or unusable")
    return value


def _receipt(status: int, line: str, event: Event | None) -> Receipt:
    if event is None:
        return Receipt(status, line)
    return Receipt(status, line, event.event, event.delivery_id)
