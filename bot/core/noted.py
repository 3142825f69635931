"""How far the release note of one target is, and what other branches get of it: the facts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core.release_notes import Note


class Stand(StrEnum):
    """Where a note is, from the least to the most."""

    STUCK = "stuck"  # as things are it cannot be written
    OFFERED = "offered"  # a comment has its text; a person has to put it in
    PROPOSED = "proposed"  # the backport's pull request has it
    WRITTEN = "written"  # its branch has it


@dataclass(frozen=True, slots=True)
class Noted:
    """The release note of one target.

    `version` is the release that it is for, empty where files carry none; `opened_for` the one that
    it was for at first. `commit` is ours that wrote it on the head branch, and `on` the commit
    before the first of these; both are empty where we wrote none. `remarks` are what a person has
    to look at, without markup. `said` is the digest of the comment on the backport.
    """

    path: str
    version: str
    stand: Stand
    exists: bool = True
    opened_for: str = ""
    commit: str = ""
    on: str = ""
    remarks: tuple[str, ...] = ()
    said: str = ""

    @property
    def moved_from(self) -> str:
        """Give the version that the note was for before, empty where it did not move."""
        return self.opened_for if self.opened_for != self.version else ""


@dataclass(frozen=True, slots=True)
class Share:
    """Notes of other series that a branch keeps too: main, or a newer stable branch.

    `lacking` are the versions whose note is not there yet, `pull` the pull request that brings
    them, `head` the commit that it was last brought to, `remarks` why some cannot be brought.
    """

    branch: str
    lacking: tuple[str, ...] = ()
    pull: int | None = None
    head: str = ""
    remarks: tuple[str, ...] = ()


def of(note: Note, said: str, on: str = "") -> Noted:
    """Describe a note that is shown by the comment `said`; `on` is what a commit of ours is on."""
    return Noted(
        path=note.place.path,
        version=note.place.version,
        stand=_stand(note),
        exists=note.place.exists,
        opened_for=note.place.version,
        commit=note.commit,
        on=on if note.commit else "",
        remarks=note.remarks,
        said=digest(said),
    )


def digest(text: str) -> str:
    """Give what tells a text from others, short."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _stand(note: Note) -> Stand:
    if note.held:
        return Stand.WRITTEN
    if note.picked or note.commit:
        return Stand.PROPOSED
    return Stand.OFFERED if note.changes else Stand.STUCK


def after(old: Noted | None, new: Noted | None) -> Noted | None:
    """Take a newer state over, and keep what is only known from before."""
    if old is None or new is None:
        return new
    kept = replace(new, opened_for=old.opened_for or new.opened_for)
    return kept if kept.commit else replace(kept, commit=old.commit, on=old.on)


def line(noted: Noted) -> str:
    """Give the note in one line for the checklist, as Markdown without a table's bars."""
    marks = {Stand.STUCK: "❌", Stand.OFFERED: "☐", Stand.PROPOSED: "☑", Stand.WRITTEN: "✅"}
    where = {Stand.PROPOSED: " is in the pull request", Stand.STUCK: ": a person has to write it"}
    said = where.get(noted.stand, "")
    if noted.stand is Stand.OFFERED and not noted.exists:
        said = " (to be made)"
    moved = f"; {noted.moved_from} is out, so it moved" if noted.moved_from else ""
    return f"{marks[noted.stand]} `{noted.path}`{said}{moved}"
