"""All facts of one exception, read at once from GitHub and from the mirror."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.config import Configuration
from bot.core.sighting import Sighting
from bot.engine.cases import Case


@dataclass(frozen=True, slots=True)
class Look:
    """An exception as it was known, and as it was seen now."""

    case: Case
    configuration: Configuration
    seen: Sighting


async def look(repository_id: int, number: int) -> Look | None:
    """Look at a case that is under way; None where there is none."""
    raise NotImplementedError
