"""Merging Python texts as if all were formatted alike, and keeping ours as it is elsewhere."""

from __future__ import annotations

from bot.core.code_meaning import same_text
from bot.core.merge3 import Rule, merge
from bot.core.realign import realign
from bot.core.texts import Texts, lines


def merge_formatted(ours: str, formatted: Texts, *rules: Rule[str]) -> str | None:
    """Merge the formatted texts and carry the change on to ours; None where that fails.

    What is given has the syntax tree and the comments of the merged text.
    """
    base_lines, our_lines, their_lines = formatted.lines
    merged = merge(base_lines, our_lines, their_lines, rules)
    if merged is None:
        return None
    result = "".join(realign(lines(ours), our_lines, merged))
    return result if same_text(result, "".join(merged)) else None
