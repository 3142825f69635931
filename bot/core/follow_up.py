"""The follow-up of an exception: whether the policy shall change, where that is talked over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Where it is talked over; `url` is empty as long as a person has to post the ready text.

    `repository` (`owner/name`) and `issue` name an issue, and are empty and 0 for anything else.
    """

    url: str = ""
    repository: str = ""
    issue: int = 0
    closed: bool = False
