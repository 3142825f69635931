"""Installation tokens: minted one at a time, kept until shortly before they expire."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import cachetools

MARGIN = 300.0  # seconds; a push that has just begun shall still end with its token
KEPT_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class Token:
    """An installation token; `expires_at` is in epoch seconds."""

    value: str = field(repr=False)
    expires_at: float


class Tokens:
    """The tokens of all installations, by installation id.

    `mint` asks GitHub for a new one and raises what it raises; `clock` gives epoch seconds.
    """

    def __init__(self, mint: Callable[[int], Awaitable[Token]], clock: Callable[[], float]) -> None:
        self._mint = mint
        self._clock = clock
        self._kept: cachetools.TLRUCache[int, Token] = cachetools.TLRUCache(
            KEPT_TOKENS, ttu=lambda _, token, __: token.expires_at - MARGIN, timer=clock
        )
        self._minting: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, installation: int) -> str:
        """Give a token that is good for at least `MARGIN` seconds."""
        async with self._minting[installation]:
            token = self._kept.get(installation)
            if token is None:
                token = await self._mint(installation)
                self._kept[installation] = token
            return token.value

    def forget(self, installation: int, value: str) -> None:
        """Drop a token that GitHub refused, unless another task has renewed it meanwhile."""
        token = self._kept.get(installation)
        if token is not None and token.value == value:
            del self._kept[installation]
