"""Tell how like two versions of a file are, and what kind of file a path is."""

from __future__ import annotations

import ast
import re
import warnings
from enum import StrEnum
from pathlib import PurePosixPath


class Likeness(StrEnum):
    """How like a pick is to what a person committed, at its worst path."""

    SAME_TREE = "same tree"
    SAME_MEANING = "same AST or words"
    DIFFERENT = "different"


class Kind(StrEnum):
    """What a path holds; a difference matters most in code, then in tests."""

    CODE = "code"
    TESTS = "tests"
    NOTES = "release notes"
    DOCS = "docs"
    OTHER = "other"


CODE = {".py", ".pyx", ".pxd", ".pyi", ".c", ".h", ".js", ".html"}
DOCS = {".txt", ".rst", ".md"}
NOTES = {"releases", "changelog", "changes", "whatsnew"}


def same_meaning(path: str, one: bytes, other: bytes) -> bool:
    """Tell whether Python has the same syntax tree, and any other text the same words."""
    if one == other:
        return True
    if b"\0" in one + other:
        return False
    if path.endswith(".py"):
        trees = _tree(one), _tree(other)
        return None not in trees and trees[0] == trees[1]
    return one.split() == other.split()


def kind(path: str) -> Kind:
    """Give the kind of a path by its folders and its suffix."""
    place = PurePosixPath(path.lower())
    folders = set(place.parts[:-1])
    if place.suffix in CODE:
        tested = folders & {"tests", "test", "testing"} or re.match(r"test_|tests\.", place.name)
        return Kind.TESTS if tested else Kind.CODE
    if folders & NOTES or place.stem in NOTES:
        return Kind.NOTES
    return Kind.DOCS if place.suffix in DOCS or "docs" in folders else Kind.OTHER


def _tree(source: bytes) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what old code holds, as Python reads it today
        try:
            return ast.dump(ast.parse(source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
