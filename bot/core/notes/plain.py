"""What most styles have in common: their notes are files that git may merge like any other."""

from __future__ import annotations

from collections.abc import Callable

from bot.core.notes.sentences import one_line, told
from bot.core.release_notes import Fix
from bot.core.resolution import Settled, ThreeWay


class PlainNotes:
    """The part of a style that moves notes: nothing is settled, nothing renamed."""

    def owns(self, path: str) -> bool:
        """Own no path, whatever it is."""
        del path
        return False

    def settle(self, change: ThreeWay, has: Callable[[str], bool]) -> Settled | None:
        """Settle nothing."""
        del change, has
        return None

    def subject(self, subject: bytes, has: Callable[[str], bool]) -> bytes:
        """Leave the subject as it is."""
        del has
        return subject

    def suggest(self, fix: Fix) -> str:
        """Take the words of the subject."""
        return one_line(told(fix.subject)).rstrip(".") + "."
