"""The style of a project that writes no release notes, or wants no help with them."""

from __future__ import annotations

from collections.abc import Collection

from bot.core.notes.plain import PlainNotes
from bot.core.release_notes import Files, Fix, Held, Place, Written, refused


class NoNotes(PlainNotes):
    """No note anywhere."""

    wording = ""

    def wants(self, fix: Fix, files: Files, version: str = "") -> Collection[str]:
        """Read nothing."""
        del fix, files, version
        return ()

    def place(self, fix: Fix, files: Files) -> Place | None:
        """Give no place."""
        del fix, files
        return None

    def picked(self, place: Place, changed: Collection[str], files: Files) -> str | None:
        """Find no note."""
        del place, changed, files
        return None

    def check(self, fix: Fix) -> tuple[str, ...]:
        """Say that a sentence is of no use."""
        del fix
        return ("This project is configured to have no release notes.",)

    def holds(self, fix: Fix, files: Files, version: str = "") -> Held | None:
        """Find no note."""
        del fix, files, version
        return None

    def write(self, fix: Fix, files: Files, version: str = "") -> Written:
        """Write nothing."""
        del files, version
        return refused(*self.check(fix))
