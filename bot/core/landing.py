"""How a fix came to its target branch, by whatever hand: the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Way(StrEnum):
    """By what a backport was recognised, from the surest to the least sure."""

    PULL = "pull"  # GitHub says that its pull request was merged
    MENTION = "mention"  # its message names the source commit
    PATCH = "patch"  # it changes the same
    TICKET = "ticket"  # the same author worked on the same ticket at the same time


@dataclass(frozen=True, slots=True)
class Landing:
    """A backport that stands on its branch, or stood there until it was reverted.

    `sha` is the last of its commits, in full. `by` is who committed it: a login where GitHub knows
    one, else a name. `differs` says as Markdown how it differs from what we proposed, empty where
    it does not. `reverted_by` is the commit that took it back, empty as long as none did. `at` is
    when it was committed.
    """

    sha: str
    way: Way
    by: str = ""
    differs: str = ""
    reverted_by: str = ""
    at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Tell whether the branch holds the fix now."""
        return not self.reverted_by
