"""towncrier: each note is a small file of its own, `changelog/10811.bugfix.rst`.

A fragment belongs to the next release of whatever branch holds it, so it has no version.
Source: towncrier's documentation, and how pytest and aiohttp use it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.notes.plain import PlainNotes
from bot.core.notes.sentences import general_remarks, one_line, tickets
from bot.core.release_notes import (
    Change,
    Files,
    Fix,
    Held,
    Place,
    Shape,
    Written,
    held,
    refused,
)

_CONFIGURATIONS = ("towncrier.toml", "pyproject.toml")
_TYPES = ("feature", "bugfix", "doc", "removal", "misc")
_FIXES = ("bugfix", "fixed", "fix")
_WIDTH = 200  # of a word; lines are not wrapped, towncrier does that


@dataclass(frozen=True, slots=True)
class Setup:
    """Where a project keeps its fragments, of which types, and how their names end."""

    folder: str
    types: tuple[str, ...]
    suffix: str


def setup(files: Files) -> Setup | None:
    """Read the project's configuration, None where it has none that can be read."""
    for path in _CONFIGURATIONS:
        table = _table(files.get(path))
        if table is not None:
            below = "/".join(filter(None, (table.get("package_dir"), table.get("package"))))
            folder = table.get("directory") or f"{below}/newsfragments".lstrip("/")
            suffix = ".md" if str(table.get("filename", "")).endswith(".md") else ".rst"
            return Setup(str(folder).rstrip("/"), _types(table.get("type")), suffix)
    return None


def _table(content: bytes | None) -> Mapping[str, Any] | None:
    try:
        tool = tomllib.loads((content or b"").decode()).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
    table = tool.get("towncrier") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _types(table: object) -> tuple[str, ...]:
    """Give the types' names: of a list of tables, of a table of tables, or towncrier's own."""
    if isinstance(table, list):
        named = (one.get("directory") or str(one.get("name")).lower() for one in table)
        return tuple(named) or _TYPES
    return tuple(table) if isinstance(table, dict) else _TYPES


def fragment(name: str, types: Collection[str]) -> tuple[str, str] | None:
    """Read a file's name: the issue and the type, None where it is no fragment.

    `+word.feature.rst` is of no issue; `10551.feature.2.rst` is a second one of the same type.
    """
    parts = name.split(".")
    for i, part in enumerate(parts[1:], start=1):
        if part in types and parts[0]:
            return ".".join(parts[:i]), part
    return None


class TowncrierNotes(PlainNotes):
    """News fragments."""

    wording = "A fragment is one or two sentences; towncrier adds bullet, number and version."

    def wants(self, fix: Fix, files: Files, version: str = "") -> Collection[str]:
        """Name the configuration files, then the fragment."""
        del version
        place = self.place(fix, files)
        return (*_CONFIGURATIONS, *((place.path,) if place else ()))

    def place(self, fix: Fix, files: Files) -> Place | None:
        """Give the fragment named after the issue and the type."""
        known = setup(files)
        if known is None:
            return None
        path = f"{known.folder}/{_issue(fix)}.{_type(fix, known)}{known.suffix}"
        return Place(path, files.get(path) is not None, Shape.FRAGMENT)

    def picked(self, place: Place, changed: Collection[str], files: Files) -> str | None:
        """Take any fragment that the pick brings; its type and number are its author's choice."""
        del place
        known = setup(files)
        for path in sorted(changed) if known else ():
            folder, _, name = path.rpartition("/")
            if known and folder == known.folder and fragment(name, known.types):
                return path
        return None

    def check(self, fix: Fix) -> tuple[str, ...]:
        """Check the sentence, and that it leaves to towncrier what towncrier adds."""
        text = one_line(fix.sentence)
        general = general_remarks(fix, _WIDTH)
        remarks = {
            "It begins with a bullet; towncrier adds one.": text.startswith(("- ", "* ")),
            "It names its own number; towncrier adds that.": (
                re.search(rf"#{_issue(fix)}\b", text) is not None
            ),
            "It does not end with a full stop; one is added.": text and not text.endswith("."),
        }
        return general + tuple(remark for remark, holds in remarks.items() if holds)

    def holds(self, fix: Fix, files: Files, version: str = "") -> Held | None:
        """Find the fragment of the issue, whatever it says."""
        del version
        place = self.place(fix, files)
        content = files.get(place.path) if place else None
        return held(place.path, content, _text(fix)) if place and content is not None else None

    def write(self, fix: Fix, files: Files, version: str = "") -> Written:
        """Make the fragment; one that stands there is left alone."""
        del version
        known, place = setup(files), self.place(fix, files)
        if known is None or place is None:
            return refused("Neither `towncrier.toml` nor `pyproject.toml` configures towncrier.")
        if _type(fix, known) not in known.types:
            return refused(f"There is no type `{fix.kind}`; there are {', '.join(known.types)}.")
        if place.exists:
            return refused(f"`{place.path}` is there already.")
        text = _text(fix)
        return Written({place.path: text.encode()}, (Change(place.path, text),), ())


def _text(fix: Fix) -> str:
    return one_line(fix.sentence).removeprefix("- ").removeprefix("* ").rstrip(".") + ".\n"


def _issue(fix: Fix) -> str:
    """Give the first issue that the subject names, or the number of the pull request."""
    return next(iter(tickets(fix.subject)), str(fix.number))


def _type(fix: Fix, known: Setup) -> str:
    usual = next((name for name in _FIXES if name in known.types), known.types[0])
    return fix.kind or usual
