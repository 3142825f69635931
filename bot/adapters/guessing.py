"""The guesses as resolvers: by region, and only for kinds of text on which they were measured."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.adapters.formatter import Formatter
from bot.adapters.formatter_merge import FormatterMerge
from bot.core.guesses.adjacent import adjacent
from bot.core.guesses.import_sets import import_sets, items
from bot.core.guesses.tokens import tokens
from bot.core.merge3 import Rule, merge
from bot.core.resolution import Resolver, Settled, ThreeWay
from bot.core.texts import Texts, lines, texts

PYTHON = (".py",)
PROSE = (".txt", ".rst")
RELEASE_NOTES = "releases"  # made anew for each branch; merged by line they came out wrong


@dataclass(slots=True)
class Guess:
    """Merges texts of some kinds, cut into parts, with rules for what both sides changed."""

    name: str
    kinds: tuple[str, ...]
    rules: Sequence[Rule[str]]
    cut: Callable[[str], list[str]] = lines

    async def resolve(self, conflict: ThreeWay) -> Settled | None:
        """Settle a file if the rules settle every region; Python has to parse afterwards."""
        path = PurePosixPath(conflict.path)
        plain = texts(conflict) if path.suffix in self.kinds else None
        if plain is None or (path.suffix in PROSE and RELEASE_NOTES in path.parts):
            return None
        merged = await asyncio.to_thread(self._merged, plain)
        if merged is None or (path.suffix in PYTHON and not _parses(merged)):
            return None
        return Settled(conflict.path, merged.encode(), self.name)

    def _merged(self, plain: Texts) -> str | None:
        sides = (plain.base, plain.ours, plain.theirs)
        base, ours, theirs = (self.cut(side) for side in sides)
        merged = merge(base, ours, theirs, self.rules)
        return None if merged is None else "".join(merged)


def guesses(formatters: Sequence[Formatter], *, same_python: bool) -> tuple[Resolver, ...]:
    """Give the guesses in their order; none where source and target differ in Python's major.

    Each may use those before it, so that one file may need several and goes by the last. Their
    results are to pass the gate.
    """
    if not same_python:
        return ()
    both = (*PYTHON, *PROSE)
    return (
        Guess("adjacent", both, (adjacent,)),
        FormatterMerge(formatters, "adjacent", (adjacent,)),
        Guess("imports", PYTHON, (adjacent, import_sets), items),
        Guess("tokens", both, (adjacent, import_sets, tokens), items),
    )


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
