"""Releases and what leads to them, as a repository shows it: the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Step(StrEnum):
    """The steps of a bugfix release that leave a trace in the repository, in their usual order."""

    DATED = "dated"  # the notes lose “Expected”
    MAN_PAGE = "man_page"
    BUMPED = "bumped"  # the version becomes final
    TAGGED = "tagged"
    POST_BUMPED = "post_bumped"
    STUBBED = "stubbed"  # the notes of the version after it begin


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step that was seen, and the commit (40 hex digits) that shows it."""

    step: Step
    sha: str


@dataclass(frozen=True, slots=True)
class Release:
    """A release tag: its name, its version (`4.1.6`), the commit it names, and when that was."""

    tag: str
    version: str
    sha: str
    at: datetime
