"""The releaser's pages: what waits for a version, for people and as JSON, of public repositories.

They are whole without a style sheet and without a script.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import TypeAdapter

from bot.core import release_text, release_view
from bot.core.release_view import Place, Releases, ReleaseView, VersionList
from bot.web.sparing import RefusedError, Sparing, refusing

Question = tuple[str, str | None]
"""`owner/name` in lower case, and a version, None for all of them."""

NOWHERE = "there is no such public repository on which this App is installed"

_FOLDER = Path(__file__).parent / "templates"
_STYLE = (_FOLDER / "page.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Vary": "Accept",
}
_VERSION = TypeAdapter(ReleaseView)
_VERSIONS = TypeAdapter(VersionList)


def _pages() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals.update(words=release_text, places=tuple(Place), style=_STYLE)
    return pages


_PAGES = _pages()


@dataclass(frozen=True, slots=True)
class ReleasePages:
    """Answers 200, or 400, 404, 422, 429, 503 with one sentence; `clock` gives the moment in UTC.

    JSON is given to who asks for it by `?format=json` or the header `Accept`.
    """

    known: Sparing[Question, Releases]
    clock: Callable[[], datetime]

    async def versions(self, request: web.Request) -> web.Response:
        """Answer with all versions of a repository."""
        try:
            found = release_view.versions(await self.known.ask((_repository(request), None)))
        except RefusedError as no:
            return _refusal(request, no)
        if _wants_json(request):
            return _json(200, _VERSIONS.dump_python(found, mode="json"))
        return _page(200, "versions.html", found=found)

    async def version(self, request: web.Request) -> web.Response:
        """Answer with one version."""
        try:
            view = await self._view(request)
        except RefusedError as no:
            return _refusal(request, no)
        if _wants_json(request):
            return _json(200, _VERSION.dump_python(view, mode="json"))
        return _page(200, "release.html", view=view)

    async def _view(self, request: web.Request) -> ReleaseView:
        try:
            version = release_view.named(request.match_info["version"])
        except ValueError as error:
            raise RefusedError(400, str(error)) from error
        known = await self.known.ask((_repository(request), version))
        with refusing():
            return release_view.view(known, version, self.clock())


def _repository(request: web.Request) -> str:
    return f"{request.match_info['owner']}/{request.match_info['name']}".lower()


def _wants_json(request: web.Request) -> bool:
    if wanted := request.query.get("format"):
        return wanted == "json"
    accepted = request.headers.get("Accept", "")
    return "application/json" in accepted and "text/html" not in accepted


def _refusal(request: web.Request, no: RefusedError) -> web.Response:
    if _wants_json(request):
        answer = _json(no.status, {"error": no.message})
    else:
        answer = _page(no.status, "refused.html", message=no.message)
    if no.pause is not None:
        answer.headers["Retry-After"] = str(no.pause)
    return answer


def _page(status: int, name: str, **values: Any) -> web.Response:  # noqa: ANN401 - what templates take
    text = _PAGES.get_template(name).render(values)
    return web.Response(status=status, text=text, content_type="text/html", headers=_HEADERS)


def _json(status: int, body: Any) -> web.Response:  # noqa: ANN401 - any JSON
    return web.json_response(body, status=status, headers=_HEADERS)
