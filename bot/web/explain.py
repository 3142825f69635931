"""Explanations as JSON, for anybody: of public repositories alone, and with bounded requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter

from bot.core import simulation
from bot.core.errors import UserError
from bot.core.explanation import Explanation, Facts, explain
from bot.web.sparing import RefusedError, Sparing, refusing

Place = tuple[str, int]
"""`owner/name` in lower case, and a number."""

NOWHERE = "there is no such public repository on which this App is installed, or no such number"

_REPOSITORY = re.compile(r"[\w-]{1,39}/[\w.-]{1,100}", re.ASCII)
_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_PAGE = TypeAdapter(Explanation)


@dataclass(frozen=True, slots=True)
class Explanations:
    """Answers with the verdicts on one pull request; `clock` gives the moment in UTC."""

    facts: Sparing[Place, Facts]
    clock: Callable[[], datetime]

    async def answer(self, request: web.Request) -> web.Response:
        """Answer 200 with the explanation, or an object with `error`: 400, 404, 422, 429, 503.

        `repository` and `number` say of what; `at`, `vote` (repeated) and `rule` suppose.
        """
        try:
            return _json(200, _PAGE.dump_python(await self._explain(request), mode="json"))
        except RefusedError as no:
            headers = {"Retry-After": str(no.pause)} if no.pause is not None else {}
            return _json(no.status, {"error": no.message}, headers)

    async def _explain(self, request: web.Request) -> Explanation:
        query = request.query
        try:
            place = _place(query.get("repository", ""), query.get("number", ""))
            supposed = simulation.read(
                query.get("at", ""), query.getall("vote", []), query.get("rule", "")
            )
        except (UserError, ValueError) as error:
            raise RefusedError(400, str(error)) from error
        facts = await self.facts.ask(place)
        with refusing():
            return explain(facts, supposed, self.clock())


def _place(repository: str, number: str) -> Place:
    if not _REPOSITORY.fullmatch(repository):
        raise ValueError("`repository` should be OWNER/REPO")
    if not (number.isascii() and number.isdigit() and 0 < len(number) <= 9):  # noqa: PLR2004 - none has more digits
        raise ValueError("`number` should be that of a pull request or an issue")
    return repository.lower(), int(number)


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:  # noqa: ANN401 - any JSON
    return web.json_response(body, status=status, headers={**_HEADERS, **(headers or {})})
