"""Whether the service is alive and ready, for load balancers and people, and its metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

Check = Callable[[], Awaitable[tuple[bool, str]]]
"""Tells whether one thing is fit for work, with a few words that show no secret."""

# The oldest text form, which every Prometheus reads.
_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Health:
    """Answers the three questions; `patience` is how long one check may take, in seconds.

    `metrics` gives the Prometheus text.
    """

    checks: Mapping[str, Check]
    metrics: Callable[[], Awaitable[bytes]]
    patience: float = 3.0

    async def alive(self, _request: web.Request) -> web.Response:
        """Answer 200: the event loop runs."""
        return web.Response(text="alive\n")

    async def ready(self, _request: web.Request) -> web.Response:
        """Answer 200 where all checks are good and 503 otherwise, with each check in JSON."""
        results = await asyncio.gather(*(self._try(check) for check in self.checks.values()))
        good = all(ok for ok, _ in results)
        shown = {
            name: {"ok": ok, "detail": detail}
            for name, (ok, detail) in zip(self.checks, results, strict=True)
        }
        body = {"ready": good, "checks": shown}
        return web.json_response(body, status=200 if good else 503)

    async def numbers(self, _request: web.Request) -> web.Response:
        """Answer with the metrics."""
        return web.Response(body=await self.metrics(), headers={"Content-Type": _METRICS_TYPE})

    async def _try(self, check: Check) -> tuple[bool, str]:
        try:
            async with asyncio.timeout(self.patience):
                return await check()
        except TimeoutError:
            return False, f"no answer within {self.patience:g} seconds"
        except Exception as error:  # noqa: BLE001 - one broken check must not hide the others
            # Its message may hold an address with a password; its name does not.
            return False, f"failed with {type(error).__name__}"
