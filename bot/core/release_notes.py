"""What is known of a release note, whatever the project's way of writing it: the facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Files = Mapping[str, bytes | None]
"""Files of one branch by their paths, as far as they were read; None is one that is not there."""


class Shape(StrEnum):
    """What kind of file or section a note goes into."""

    BUGFIX = "bugfix"
    SECURITY = "security"
    FIRST = "first of a series"
    FRAGMENT = "fragment"
    UNRELEASED = "unreleased section"


@dataclass(frozen=True, slots=True)
class Fix:
    """What a note tells.

    `subject` is that of the source commit, or the pull request's title; `number` the source pull
    request. `sentence` is a person's, empty as long as nobody gave one. `kind` is where the project
    sorts it in (a type, a section, a heading), empty for its usual place of bug fixes.
    `regression` is the version that brought the bug, where the commit names it. `moment`
    (`2024-08-17-17-26-25`) is part of file names in some styles.
    """

    subject: str
    number: int
    sentence: str = ""
    kind: str = ""
    regression: str = ""
    moment: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the note of a fix goes on one branch; `version` is empty where no file carries one."""

    path: str
    exists: bool
    shape: Shape
    version: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a note does to one file: `added` are its new lines, `where` says in words where.

    `where` is empty for a file that is new; `added` is all of it then.
    """

    path: str
    added: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A note in its files: whole new contents by path, the same as changes, what to look at.

    Without files the remarks say why nothing can or need be written.
    """

    files: Mapping[str, bytes]
    changes: tuple[Change, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A note that stands in a file already, in `words`; `same` tells that they are as given.

    `remarks` are what a releaser has to look at in that file.
    """

    path: str
    words: str
    same: bool
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """The note of one target as it is shown: `picked` tells that the pick itself writes it.

    `commit` is ours that writes it, empty where a person has to; `moved_from` is the version that
    it was for before, and is out. `held` is a note that the branch itself has.
    """

    place: Place
    picked: bool
    changes: tuple[Change, ...] = ()
    remarks: tuple[str, ...] = ()
    wording: str = ""
    commit: str = ""
    moved_from: str = ""
    held: Held | None = None


def held(path: str, content: bytes, wanted: str) -> Held:
    """Describe a file that is one note: as it stands, beside the text that it would get."""
    words, given = (" ".join(text.split()) for text in (content.decode(errors="replace"), wanted))
    return Held(path, words, words == given)


def refused(*why: str) -> Written:
    """Write nothing, and say why."""
    return Written({}, (), why)
