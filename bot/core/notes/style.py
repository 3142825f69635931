"""What a project's way of writing release notes has to answer when a fix goes to another branch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bot.core.resolution import Settled, ThreeWay

RULE = "release-notes"
"""The name under which every style settles a path."""


class NotesStyle(Protocol):
    """One way of writing release notes.

    `has` tells whether the target's tree holds a path.
    """

    def owns(self, path: str) -> bool:
        """Tell whether a path is a release note of this style."""

    def settle(self, change: ThreeWay, has: Callable[[str], bool]) -> Settled | None:
        """Give an owned path's content for the target, None where no rule can vouch for it.

        Asked for every owned path that the source commit touches, also where git merges it
        cleanly, for clean and right are two things here.
        """

    def subject(self, subject: bytes, has: Callable[[str], bool]) -> bytes:
        """Take out of a commit's subject the versions whose notes the target does not have."""
