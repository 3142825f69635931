"""blurb, CPython's way: each note is a file below `Misc/NEWS.d/next`, sorted by section.

Its name holds the moment, the issue and six characters made of the text, so that no two collide.
Source: blurb's documentation and CPython's Misc/NEWS.d.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection

from bot.core.notes.plain import PlainNotes
from bot.core.notes.sentences import general_remarks, one_line, wrapped
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

FOLDER = "Misc/NEWS.d/next"
SECTIONS = (
    *("Security", "Core and Builtins", "Library", "Documentation", "Tests", "Build", "Windows"),
    *("macOS", "IDLE", "Tools/Demos", "C API"),
)
_USUAL = "Library"
_WIDTH = 79
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_NAME = re.compile(
    rf"{re.escape(FOLDER)}/(?P<section>[^/]+)/(?P<moment>\d{{4}}[-\d]*)"
    r"\.(?P<issue>(?:gh-issue|bpo)-\d+)\.(?P<nonce>[^./]+)\.rst"
)


def parsed(path: str) -> tuple[str, str] | None:
    """Read a path: the section and the issue (`gh-issue-123083`), None where it is no note."""
    found = _NAME.fullmatch(path)
    if not found:
        return None
    folders = {_folder(section): section for section in SECTIONS}
    return folders.get(_folder(found["section"]), found["section"]), found["issue"]


def nonce(text: str) -> str:
    """Give the six characters that blurb makes of a text."""
    bits = int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:5]) >> 4
    return "".join(_ALPHABET[bits >> shift & 63] for shift in range(30, -6, -6))


def _folder(section: str) -> str:
    return section.replace("/", "-").replace(" ", "_")


class BlurbNotes(PlainNotes):
    """News entries as `blurb add` makes them."""

    wording = (
        f"An entry is text without a bullet. It goes below `{FOLDER}`, into one of: "
        f"{', '.join(SECTIONS)}."
    )

    def wants(self, fix: Fix, files: Files, version: str = "") -> Collection[str]:
        """Name the file that the note would be."""
        del files, version
        return (_path(fix),) if _issue(fix) else ()

    def place(self, fix: Fix, files: Files) -> Place | None:
        """Give the file in its section; None where the fix names no issue."""
        if not _issue(fix):
            return None
        return Place(_path(fix), files.get(_path(fix)) is not None, Shape.FRAGMENT)

    def picked(self, place: Place, changed: Collection[str], files: Files) -> str | None:
        """Take any entry that the pick brings."""
        del place, files
        return next((path for path in sorted(changed) if parsed(path)), None)

    def check(self, fix: Fix) -> tuple[str, ...]:
        """Check the sentence, and that it leaves to blurb what blurb adds."""
        text = one_line(fix.sentence)
        remarks = {
            "It begins with a bullet; an entry has none.": text.startswith(("- ", "* ")),
            "It names its own issue; that is in the file's name.": (
                text.startswith(("gh-", "bpo-", "#"))
            ),
            "It does not end with a full stop; one is added.": text and not text.endswith("."),
        }
        named = tuple(remark for remark, holds in remarks.items() if holds)
        return general_remarks(fix, _WIDTH) + named

    def holds(self, fix: Fix, files: Files, version: str = "") -> Held | None:
        """Find the entry with these words; another wording is another file."""
        del version
        content = files.get(_path(fix)) if _issue(fix) else None
        return held(_path(fix), content, _text(fix)) if content is not None else None

    def write(self, fix: Fix, files: Files, version: str = "") -> Written:
        """Make the entry, once."""
        del version
        place = self.place(fix, files)
        if place is None:
            return refused("The fix names no issue (`gh-N`), which an entry needs.")
        if fix.kind and fix.kind not in SECTIONS:
            return refused(f"There is no section “{fix.kind}”; there are {', '.join(SECTIONS)}.")
        if place.exists:
            return refused(f"`{place.path}` has this note already.")
        text = _text(fix)
        return Written({place.path: text.encode()}, (Change(place.path, text),), ())


def _issue(fix: Fix) -> str:
    found = re.search(r"\b(gh|bpo)-(?:issue-)?(\d+)", fix.subject)
    return f"{'gh-issue' if found[1] == 'gh' else 'bpo'}-{found[2]}" if found else ""


def _path(fix: Fix) -> str:
    section = _folder(fix.kind or _USUAL)
    return f"{FOLDER}/{section}/{fix.moment}.{_issue(fix)}.{nonce(_text(fix))}.rst"


def _text(fix: Fix) -> str:
    sentence = one_line(fix.sentence).removeprefix("- ").removeprefix("* ").rstrip(".")
    return "\n".join(wrapped(f"{sentence}.", _WIDTH)) + "\n"
