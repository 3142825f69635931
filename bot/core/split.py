"""Which files of a change are tests, which code and which documentation, told by their paths."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.core.counts import quantity

NEUTRAL_TESTS = (
    "tests/",
    "test/",
    "**/tests/",
    "**/test_*.py",
    "**/*_test.py",
    "**/conftest.py",
    "spec/",
    "__tests__/",
)
"""What holds tests where nothing is configured, in most languages and projects."""

_NEVER_NEUTRAL = ("src/**/testing/",)  # what a package gives to other people's tests
_DOCS = ("docs/", "doc/", "*.md", "*.rst", "AUTHORS", "CHANGES*", "NEWS*", "LICENSE*")


LINK = 0o120000


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs between two commits.

    `content` is None where the change deletes it. `mode` is git's: 0o100644, 0o100755, or
    `LINK`, whose content is the link's target.
    """

    path: str
    mode: int
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Split:
    """The changes of a backport in three parts; tests are applied first, then all the rest."""

    tests: tuple[FileChange, ...] = ()
    code: tuple[FileChange, ...] = ()
    docs: tuple[FileChange, ...] = ()

    def __str__(self) -> str:
        """Count the files of each part, so that a wrong guess is seen."""
        parts = ((self.tests, "test file"), (self.code, "code file"), (self.docs, "docs file"))
        return ", ".join(quantity(len(files), noun) for files, noun in parts)


def split(changes: Iterable[FileChange], test_paths: tuple[str, ...]) -> Split:
    """Sort changes by their paths.

    `test_paths` are folders (`tests/`) and globs, from the top of the tree; `**` stands for any
    folders, and what lies below a match is matched too. Without any, `NEUTRAL_TESTS` say what a
    test is. What is neither test nor documentation is code.
    """
    tests: list[FileChange] = []
    code: list[FileChange] = []
    docs: list[FileChange] = []
    for change in changes:
        if is_test(change.path, test_paths):
            tests.append(change)
        else:
            (docs if is_docs(change.path) else code).append(change)
    return Split(tuple(tests), tuple(code), tuple(docs))


def is_test(path: str, test_paths: tuple[str, ...]) -> bool:
    """Tell whether a path belongs to the tests."""
    if test_paths:
        return matches(test_paths, path)
    return matches(NEUTRAL_TESTS, path) and not matches(_NEVER_NEUTRAL, path)


def is_docs(path: str) -> bool:
    """Tell whether a path belongs to the documentation."""
    return matches(_DOCS, path)


def matches(patterns: tuple[str, ...], path: str) -> bool:
    """Tell whether one of some patterns matches a path, or a folder above it."""
    return any(_matches(pattern.strip("/").split("/"), path.split("/")) for pattern in patterns)


def _matches(pattern: list[str], parts: list[str]) -> bool:
    """Match a path, or a folder above it, in time that no pattern can make long."""
    places = _skipping(pattern, {0}) - {len(pattern)}
    for part in parts:
        stay = {place for place in places if pattern[place] == "**"}
        step = {place + 1 for place in places if fnmatchcase(part, pattern[place])}
        places = _skipping(pattern, stay | step)
        if len(pattern) in places:
            return True
    return False


def _skipping(pattern: list[str], places: set[int]) -> set[int]:
    """Add the places that are reached where `**` stands for no folder at all."""
    for place, part in enumerate(pattern):
        if place in places and part == "**":
            places.add(place + 1)
    return places
