"""The whole output of a proof, shown as plain text to whoever knows its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

# Unknown code wrote it: a browser must neither run nor guess, and tell nobody where it was.
_HEADERS = {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}


@dataclass(frozen=True, slots=True)
class LogPages:
    """Answers with logs; `find` gives the file of a name, None where there is none."""

    find: Callable[[str], Path | None]

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Answer with a log, or 404 with one line for a name that none has or has any more."""
        path = self.find(request.match_info["token"])
        if path is None:
            return web.Response(status=404, text="there is no such log, or no longer\n")
        return web.FileResponse(path, headers=_HEADERS)
