"""The follow-up of an exception: whether the policy shall change, where that is talked over."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Where it is talked over; `url` is empty as long as a person has to post the ready text.

    `repository` (`owner/name`) and `issue` name an issue, and are empty and 0 for anything else.
    `said` is the digest of the text that we wrote there last, empty where we wrote none.
    """

    url: str = ""
    repository: str = ""
    issue: int = 0
    closed: bool = False
    said: str = ""


def named(url: str, source_url: str) -> FollowUp:
    """Take an address down; an issue or pull request on the GitHub of the source is watched."""
    site = "/".join(source_url.split("/")[:3])
    number = r"/([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d{1,9})(?:[/#?].*)?"
    place = re.fullmatch(re.escape(site) + number, url)
    return FollowUp(url, place.group(1), int(place.group(2))) if place else FollowUp(url)


def digest(text: str) -> str:
    """Give that by which the text of an issue is known again, whatever its line ends."""
    return hashlib.sha256("\n".join(text.split()).encode()).hexdigest()
