"""What a Python text means, however it is formatted."""

from __future__ import annotations

import ast

from bot.core.lexemes import comments

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def same_code(one: str | bytes, other: str | bytes) -> bool:
    """Tell whether two texts have the same syntax tree; False where one does not parse.

    The white space in docstrings does not count, since formatters change it.
    """
    try:
        return _meaning(one) == _meaning(other)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def same_text(one: str, other: str) -> bool:
    """Tell whether two texts have the same comments as well, in the same order."""
    return same_code(one, other) and comments(one) == comments(other)


def _meaning(text: str | bytes) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and (docstring := ast.get_docstring(node)) is not None:
            words = " ".join(docstring.split())
            node.body[0] = ast.Expr(ast.Constant(words))
    return ast.dump(tree)
