"""Merging Python texts as if all were formatted alike, and keeping ours as it is elsewhere."""

from __future__ import annotations

import ast

from bot.core.lexemes import comments
from bot.core.merge3 import Rule, merge
from bot.core.realign import realign
from bot.core.texts import Texts, lines

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def merge_formatted(ours: str, formatted: Texts, *rules: Rule[str]) -> str | None:
    """Merge the formatted texts and carry the change on to ours; None where that fails.

    What is given has the syntax tree and the comments of the merged text.
    """
    base_lines, our_lines, their_lines = formatted.lines
    merged = merge(base_lines, our_lines, their_lines, rules)
    if merged is None:
        return None
    result = "".join(realign(lines(ours), our_lines, merged))
    return result if _same(result, "".join(merged)) else None


def _same(one: str, other: str) -> bool:
    try:
        return _meaning(one) == _meaning(other) and comments(one) == comments(other)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _meaning(text: str) -> str:
    """Write down the syntax tree, docstrings without the white space that formatters change."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and (docstring := ast.get_docstring(node)) is not None:
            words = " ".join(docstring.split())
            node.body[0] = ast.Expr(ast.Constant(words))
    return ast.dump(tree)
