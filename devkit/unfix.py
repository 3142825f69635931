"""The fix of Django's ticket 34063, taken out again from a tree that has it."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace

from devkit.sdists import File

PATHS = ("django/test/client.py", "tests/test_client/tests.py", "tests/test_client/views.py")
"""The files that the fix touches."""

_TESTS = frozenset({"test_post_data", "test_body_read_on_get_data", "test_request_limited_read"})
_CLIENT_EDITS = (
    (r"import LimitedStream, ", "import ", 1),
    (r" *# Wrap FakePayload [^\n]*\n", "", 2),
    (r"\(\s*([^\n]+), LimitedStream\((\w+), len\(\2\)\)\s*\)", r"(\1, \2)", 2),
)
_VIEW_EDITS = ((r" *# Used by test_body_read_on_get_data\.\n[^\n]*\n", "", 1),)


def unfix(tree: Mapping[str, File]) -> dict[str, File]:
    """Give the files of `PATHS` as they were before the fix.

    Raises ValueError where the tree does not hold the fix as it was released in Django 4.2.
    """
    client, tests, views = (tree[path] for path in PATHS)
    before = (
        _edit(client.data.decode(), _CLIENT_EDITS),
        _without_methods(tests.data.decode()),
        _edit(views.data.decode(), _VIEW_EDITS),
    )
    return {
        path: replace(tree[path], data=text.encode())
        for path, text in zip(PATHS, before, strict=True)
    }


def _edit(text: str, edits: tuple[tuple[str, str, int], ...]) -> str:
    for pattern, replacement, times in edits:
        text, count = re.subn(pattern, replacement, text)
        if count != times:
            raise ValueError(f"{pattern!r} was found {count} times, not {times}")
    return text


def _without_methods(text: str) -> str:
    """Take out the fix's coroutine tests, each with the blank line before it."""
    lines = text.splitlines(keepends=True)
    methods = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.AsyncFunctionDef) and node.name in _TESTS
    ]
    if len(methods) != len(_TESTS):
        raise ValueError(f"{len(methods)} tests of the fix were found, not {len(_TESTS)}")
    for method in sorted(methods, key=lambda node: node.lineno, reverse=True):
        del lines[method.lineno - 2 : method.end_lineno]
    return "".join(lines)
