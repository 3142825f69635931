"""Waiting for what another process brings about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until a condition holds; TimeoutError says that it never did."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - another process cannot set an event here
            await asyncio.sleep(0.05)
