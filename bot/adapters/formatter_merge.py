"""The rule "formatter": a conflict that is one only because the two sides are formatted apart."""

from __future__ import annotations

import asyncio

from bot.adapters.formatter import Formatter
from bot.core.formatted_merge import merge_formatted
from bot.core.resolution import Settled, ThreeWay
from bot.core.texts import Texts, texts


class FormatterMerge:
    """Merges what a formatter makes of the three Python texts."""

    name = "formatter"

    def __init__(self, formatter: Formatter) -> None:
        self._formatter = formatter

    async def resolve(self, conflict: ThreeWay) -> Settled | None:
        """Settle a Python file of which all three texts can be formatted."""
        plain = texts(conflict) if conflict.path.endswith(".py") else None
        formatted = await self._formatted(plain) if plain else None
        if plain is None or formatted is None:
            return None
        result = await asyncio.to_thread(merge_formatted, plain.ours, formatted)
        return None if result is None else Settled(conflict.path, result.encode(), self.name)

    async def _formatted(self, plain: Texts) -> Texts | None:
        each = (self._formatter.format(text) for text in (plain.base, plain.ours, plain.theirs))
        base, ours, theirs = await asyncio.gather(*each)
        return None if base is None or ours is None or theirs is None else Texts(base, ours, theirs)
