"""Asking GitHub for strangers, sparingly: answers are used again, and few are asked for anew."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from cachetools import TTLCache

from bot.core.errors import Transient, UserError

SECONDS = 30
"""For how long an answer of GitHub's is used again."""
READINGS = 120
"""How often GitHub is asked anew in an hour, whoever asks: the App's own work comes first.

One reading takes some six requests of the five thousand that an installation has in an hour.
"""

_HOUR = 3600
_PAUSE = 600  # seconds, after which some of the hour's readings are free again
_KEPT = 256
_Question = TypeVar("_Question", bound=Hashable)
_Answer = TypeVar("_Answer")


class RefusedError(Exception):
    """There is no answer: `status` is HTTP's, `pause` says after how many seconds to ask again."""

    def __init__(self, status: int, message: str, pause: int | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.pause = status, message, pause


@dataclass(frozen=True, slots=True)
class Sparing(Generic[_Question, _Answer]):
    """Gives what `read` gives, as it was half a minute ago at the most.

    `nowhere` is said where that is None: to the public, what is private does not exist.
    """

    read: Callable[[_Question], Awaitable[_Answer | None]]
    nowhere: str
    _known: TTLCache[_Question, _Answer | None] = field(
        default_factory=lambda: TTLCache(_KEPT, SECONDS), repr=False
    )
    _readings: TTLCache[int, bool] = field(
        default_factory=lambda: TTLCache(READINGS, _HOUR), repr=False
    )

    async def ask(self, question: _Question) -> _Answer:
        """Give what is known, or else read it; raises `RefusedError`: 404, 422, 429, 503."""
        try:
            answer = self._known[question]
        except KeyError:
            answer = self._known[question] = await self._read(question)
        if answer is None:
            raise RefusedError(404, self.nowhere)
        return answer

    async def _read(self, question: _Question) -> _Answer | None:
        if len(self._readings) >= READINGS:
            raise RefusedError(429, "too many questions; ask again later", _PAUSE)
        self._readings[max(self._readings, default=0) + 1] = True
        with refusing():
            return await self.read(question)


@contextmanager
def refusing() -> Iterator[None]:
    """Make a refusal of each expected failure."""
    try:
        yield
    except UserError as error:
        raise RefusedError(422, error.message) from error
    except Transient as later:
        pause = SECONDS if later.retry_after is None else math.ceil(later.retry_after)
        message = "GitHub or the database does not answer now"
        raise RefusedError(503, message, pause) from later
