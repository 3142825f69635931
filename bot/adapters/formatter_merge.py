"""Settling a conflict that is one only because the two sides are formatted apart."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.adapters.formatter import Formatter
from bot.core.formatted_merge import merge_formatted
from bot.core.merge3 import Rule
from bot.core.resolution import Settled, ThreeWay
from bot.core.texts import Texts, texts


class FormatterMerge:
    """Merges what a formatter makes of the three Python texts; the first that succeeds decides.

    Without rules this is no guess. With rules, which settle what stays in conflict even so, it
    goes by another name.
    """

    def __init__(
        self,
        formatters: Sequence[Formatter],
        name: str = "formatter",
        rules: Sequence[Rule[str]] = (),
    ) -> None:
        self.name = name
        self._formatters = formatters
        self._rules = rules

    async def resolve(self, conflict: ThreeWay) -> Settled | None:
        """Settle a Python file of which all three texts can be formatted."""
        plain = texts(conflict) if conflict.path.endswith(".py") else None
        if plain is None:
            return None
        for formatter in self._formatters:
            formatted = await _formatted(formatter, plain)
            if formatted is None:
                continue
            result = await asyncio.to_thread(merge_formatted, plain.ours, formatted, *self._rules)
            if result is not None:
                return Settled(conflict.path, result.encode(), self.name)
        return None


async def _formatted(formatter: Formatter, plain: Texts) -> Texts | None:
    each = (formatter.format(text) for text in (plain.base, plain.ours, plain.theirs))
    base, ours, theirs = await asyncio.gather(*each)
    return None if base is None or ours is None or theirs is None else Texts(base, ours, theirs)
