"""Explanations as JSON, for anybody: of public repositories alone, and with bounded requests."""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web
from cachetools import TTLCache
from pydantic import TypeAdapter

from bot.core import simulation
from bot.core.errors import Transient, UserError
from bot.core.explanation import Explanation, Facts, explain

Read = Callable[[str, int], Awaitable[Facts | None]]
"""Gives what is known of `owner/name` and a number, None where the public may not know it."""

SECONDS = 30
"""For how long an answer of GitHub's is used again."""
READINGS = 120
"""How often GitHub is asked anew in an hour, whoever asks: the App's own work comes first.

One reading takes some six requests of the five thousand that an installation has in an hour.
"""

_REPOSITORY = re.compile(r"[\w-]{1,39}/[\w.-]{1,100}", re.ASCII)
_HOUR = 3600
_PAUSE = 600  # seconds, after which some of the hour's readings are free again
_KEPT = 256
_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_PAGE = TypeAdapter(Explanation)
_NOWHERE = "there is no such public repository on which this App is installed, or no such number"


@dataclass(frozen=True, slots=True)
class Explanations:
    """Answers with the verdicts on one pull request; `clock` gives the moment in UTC."""

    read: Read
    clock: Callable[[], datetime]
    _known: TTLCache[tuple[str, int], Facts | None] = field(
        default_factory=lambda: TTLCache(_KEPT, SECONDS), repr=False
    )
    _readings: TTLCache[int, bool] = field(
        default_factory=lambda: TTLCache(READINGS, _HOUR), repr=False
    )

    async def answer(self, request: web.Request) -> web.Response:
        """Answer 200 with the explanation, or an object with `error`: 400, 404, 422, 429, 503.

        `repository` and `number` say of what; `at`, `vote` (repeated) and `rule` suppose.
        """
        query = request.query
        try:
            place = _place(query.get("repository", ""), query.get("number", ""))
            supposed = simulation.read(
                query.get("at", ""), query.getall("vote", []), query.get("rule", "")
            )
        except (UserError, ValueError) as error:
            return _error(400, str(error))
        try:
            facts = await self._facts(place)
            if facts is None:
                return _error(404, _NOWHERE)
            return _json(
                200, _PAGE.dump_python(explain(facts, supposed, self.clock()), mode="json")
            )
        except _BusyError:
            return _error(429, "too many questions; ask again later", _PAUSE)
        except UserError as error:
            return _error(422, error.message)
        except Transient as later:
            pause = SECONDS if later.retry_after is None else math.ceil(later.retry_after)
            return _error(503, "GitHub or the database does not answer now", pause)

    async def _facts(self, place: tuple[str, int]) -> Facts | None:
        """Look into what is known, then at GitHub; what is not there is kept as well."""
        if place not in self._known:
            if len(self._readings) >= READINGS:
                raise _BusyError
            self._readings[max(self._readings, default=0) + 1] = True
            self._known[place] = await self.read(*place)
        return self._known.get(place)


class _BusyError(Exception):
    """GitHub was asked as often as it may be for strangers."""


def _place(repository: str, number: str) -> tuple[str, int]:
    if not _REPOSITORY.fullmatch(repository):
        raise ValueError("`repository` should be OWNER/REPO")
    if not (number.isascii() and number.isdigit() and 0 < len(number) <= 9):  # noqa: PLR2004 - none has more digits
        raise ValueError("`number` should be that of a pull request or an issue")
    return repository.lower(), int(number)


def _error(status: int, message: str, pause: int | None = None) -> web.Response:
    headers = {"Retry-After": str(pause)} if pause is not None else {}
    return _json(status, {"error": message}, headers)


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:  # noqa: ANN401 - any JSON
    return web.json_response(body, status=status, headers={**_HEADERS, **(headers or {})})
