"""Versions of Django: the next one of a branch, the one before, and the series they belong to."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

VERSION_FILE = "django/__init__.py"
YEARS = 2028
"""From this number on versions are of a year (`2028.1`), and a series has one number."""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What the next release of a branch is called; `first` tells that it opens its series."""

    version: str
    first: bool = False


def upcoming(module: bytes | None) -> Upcoming | None:
    """Read `VERSION` in a branch's `django/__init__.py`; None where nothing can be read."""
    version = _version_tuple(module or b"")
    numbers: list[int] = []
    for part in version:
        if not isinstance(part, int):
            break
        numbers.append(part)
    if len(numbers) < 2 or len(version) == len(numbers):  # noqa: PLR2004 - X.Y at least
        return None
    if version[len(numbers)] == "final":
        numbers[-1] += 1
    elif numbers[-1] == 0:
        return Upcoming(_joined(_feature(numbers)), first=True)
    return Upcoming(_joined(numbers))


def _version_tuple(module: bytes) -> tuple[object, ...]:
    try:
        body = ast.parse(module).body
    except (SyntaxError, ValueError):
        return ()
    for node in body:
        names = [t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)]
        if isinstance(node, ast.Assign) and "VERSION" in names:
            try:
                value = ast.literal_eval(node.value)
            except ValueError:
                return ()
            return value if isinstance(value, tuple) else ()
    return ()


def series_of(version: str) -> str:
    """Give the series of a version: 4.1.5 → 4.1, 4.1 → 4.1, 2028.1 → 2028."""
    found = numbers(version)
    return _joined(found[:1] if found[:1] >= (YEARS,) else found[:2])


def previous(version: str) -> str:
    """Give the version that came before: 4.1.6 → 4.1.5, 4.1.1 → 4.1, 2028.1 → 2028.0."""
    *head, last = numbers(version)
    return _joined(_feature([*head, last - 1]))


def following(version: str) -> str:
    """Give the version that comes after a bugfix release: 4.1.5 → 4.1.6."""
    *head, last = numbers(version)
    return _joined([*head, last + 1])


def numbers(version: str) -> tuple[int, ...]:
    """Give the numbers of a version, by which versions compare."""
    return tuple(map(int, re.findall(r"\d+", version)))


def _feature(parts: list[int]) -> list[int]:
    """Leave the zero of 4.1.0 out, as Django does."""
    return parts[:-1] if parts[-1] == 0 and len(parts) > 2 else parts  # noqa: PLR2004 - X.Y.Z


def _joined(parts: list[int] | tuple[int, ...]) -> str:
    return ".".join(map(str, parts))
