"""What a project's way of writing release notes has to answer: moving notes, and writing them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from bot.core.release_notes import Files, Fix, Held, Place, Written
from bot.core.resolution import Settled, ThreeWay

RULE = "release-notes"
"""The name under which every style settles a path."""


class NotesSettler(Protocol):
    """What a pick asks of a style; `has` tells whether the target's tree holds a path."""

    def owns(self, path: str) -> bool:
        """Tell whether a path is a release note of this style that has to be settled."""

    def settle(self, change: ThreeWay, has: Callable[[str], bool]) -> Settled | None:
        """Give an owned path's content for the target, None where no rule can vouch for it.

        Asked for every owned path that the source commit touches, also where git merges it
        cleanly, for clean and right are two things here.
        """

    def subject(self, subject: bytes, has: Callable[[str], bool]) -> bytes:
        """Take out of a commit's subject the versions whose notes the target does not have."""


class NotesStyle(NotesSettler, Protocol):
    """One way of writing release notes.

    `files` holds what was read of a branch; `wants` is asked again and again, until it names no
    file that is not read yet.
    """

    wording: str
    """How the project words its notes, for people; a Markdown sentence, empty if there is no way.
    """

    def wants(self, fix: Fix, files: Files, version: str = "") -> Collection[str]:
        """Name the files to read before `place` and `write`, given those that were."""

    def place(self, fix: Fix, files: Files) -> Place | None:
        """Say where the branch's own note goes, None where there is none to write or to find."""

    def picked(self, place: Place, changed: Collection[str], files: Files) -> str | None:
        """Give the path among those which a pick changed that is the fix's note already."""

    def suggest(self, fix: Fix) -> str:
        """Word the sentence as far as it is known, in the project's way."""

    def check(self, fix: Fix) -> tuple[str, ...]:
        """Say what is not as it should be in a person's sentence, one remark for each thing."""

    def holds(self, fix: Fix, files: Files, version: str = "") -> Held | None:
        """Find the fix's note where it would be written, also where somebody worded it anew."""

    def write(self, fix: Fix, files: Files, version: str = "") -> Written:
        """Put the fix's sentence where it belongs; never twice, never into what is released.

        `version` is that of the note, where it differs from the branch's own next one: main and
        newer branches keep the notes of older series too.
        """
