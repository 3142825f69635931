from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core import note_request, noted
from bot.core.note_request import NoteRequest
from bot.core.notes import STYLES
from bot.core.notes.django_version import following, previous, series_of, upcoming
from bot.core.notes.django_words import bullet, newer_than, suggestion
from bot.core.release_notes import Change, Fix, Held, Note, Place, Shape

FIX = Fix(
    "Fixed #34063 -- Fixed reading request body with async request factory and client.", 16210
)
GOOD = "Fixed a bug in Django 3.1 where the body could not be read (:ticket:`34063`)."


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ('VERSION = (4, 1, 5, "alpha", 0)', "4.1.5"),
        ("VERSION = (3, 2, 16, 'final', 0)", "3.2.17"),
        ('VERSION = (4, 2, 0, "final", 0)', "4.2.1"),
        ('VERSION = (2028, 1, "alpha", 0)', "2028.1"),
        ('VERSION = (2028, 0, "final", 0)', "2028.1"),
        ("VERSION = get_version()", None),
        ("VERSION = (4, 1", None),
        ('__version__ = "4.1"', None),
        ("VERSION = (4,)", None),
    ],
)
def test_the_next_version_comes_from_the_branch_itself(module: str, expected: str | None) -> None:
    """Numbers of any length, either quotes, and None for what cannot be read."""
    found = upcoming(f"import os\n\n{module}\n".encode())
    assert (found.version if found else None) == expected


@pytest.mark.parametrize(
    ("module", "series"),
    [('VERSION = (4, 2, 0, "alpha", 1)', "4.2"), ('VERSION = (2028, 0, "rc", 1)', "2028.0")],
)
def test_a_pre_release_opens_its_series(module: str, series: str) -> None:
    """A branch whose first release is still to come is told apart."""
    found = upcoming(module.encode())
    assert found
    assert (found.version, found.first) == (series, True)


@pytest.mark.parametrize(
    ("version", "series", "before", "after"),
    [
        ("4.1.6", "4.1", "4.1.5", "4.1.7"),
        ("4.2.1", "4.2", "4.2", "4.2.2"),
        ("3.2.10", "3.2", "3.2.9", "3.2.11"),
        ("2028.1", "2028", "2028.0", "2028.2"),
    ],
)
def test_versions_have_neighbours(version: str, series: str, before: str, after: str) -> None:
    """4.2.1 follows 4.2, and from 2028 on a series has one number."""
    assert (series_of(version), previous(version), following(version)) == (series, before, after)


def test_a_bullet_in_djangos_form() -> None:
    """The bullet names the ticket by its role, wrapped at 79 columns with a hanging indent."""
    lines = bullet(replace(FIX, sentence=suggestion(FIX)))
    assert lines == (
        b"* Fixed reading request body with async request factory and client",
        b"  (:ticket:`34063`).",
    )


def test_several_tickets_and_none() -> None:
    """Every ticket of the subject is named; a sentence that names its own keeps it."""
    two = Fix("Fixed #35344, Refs #34838 -- Did x.", 1, "Did x.")
    assert bullet(two) == (b"* Did x (:ticket:`35344`, :ticket:`34838`).",)
    assert bullet(Fix("Corrected a typo.", 1, "Corrected it")) == (b"* Corrected it.",)
    assert bullet(replace(two, sentence="Y (:ticket:`7`)")) == (b"* Y (:ticket:`7`).",)


def test_what_is_known_of_a_regression_is_said() -> None:
    """A version that brought the bug makes the project's own opening, with a gap for a person."""
    known = suggestion(replace(FIX, regression="4.1"))
    assert known == "Fixed a regression in Django 4.1 that …"
    assert any("gap" in one for one in STYLES["django"].check(replace(FIX, sentence=known)))


@pytest.mark.parametrize(
    ("sentence", "remark"),
    [
        (GOOD, None),
        ("", "no sentence"),
        (GOOD.removesuffix("."), "does not end with a full stop"),
        (GOOD.replace(" (:ticket:`34063`)", ""), "has no ticket role; that of the fix"),
        (GOOD.replace("34063", "34205"), "names ticket 34205; the fix names 34063"),
        (GOOD.replace(" (:ticket:`34063`)", " #34063"), "written as `#N`"),
        (GOOD.replace("read (", "read. ("), "stands before the ticket"),
        (GOOD.replace("Fixed a bug", "There was a bug"), "does not begin as notes do"),
        (GOOD.replace(" in Django 3.1", ""), "names no version"),
        (GOOD.replace("F", "f", 1), "begins with a small letter"),
        (GOOD.replace("body", "``body`"), "Back-ticks do not come in pairs"),
        (GOOD.replace("body", "b" * 90), "longer than 79 columns"),
        (GOOD.replace("where the", "where\nthe"), "has line breaks"),
    ],
)
def test_a_persons_sentence_is_checked(sentence: str, remark: str | None) -> None:
    """Each thing that is not as Django words it is said by itself, and a good one passes."""
    said = STYLES["django"].check(replace(FIX, sentence=sentence))
    assert said == () if remark is None else any(remark in one for one in said)


def test_a_fix_without_ticket_is_said() -> None:
    """Where neither the fix nor the sentence names a ticket there is none to add."""
    said = STYLES["django"].check(Fix("Corrected a typo.", 1, "Fixed a crash."))
    assert any("the fix names no ticket" in one for one in said)


@pytest.mark.parametrize(("version", "newer"), [("4.0.9", "4.1.2"), ("4.1.6", "")])
def test_a_bug_cannot_be_older_than_what_brought_it(version: str, newer: str) -> None:
    """A note for 4.0 that blames 4.1 is in the wrong branch, or names the wrong version."""
    assert newer_than(Fix("x", 1, "Fixed a bug in Django 4.1.2."), version) == newer


def test_one_line_for_the_checklist() -> None:
    """The line names the file, and whether it has to be made or is written already."""
    place = Place("docs/releases/4.0.9.txt", exists=False, shape=Shape.BUGFIX)
    there = replace(place, exists=True)
    text = (Change("docs/releases/4.0.9.txt", "* It."),)
    offered, picked = Note(there, picked=False, changes=text), Note(there, picked=True)
    missing = Note(place, picked=False, changes=text)
    stuck = Note(there, picked=False, remarks=("It has conflict markers.",))
    held = Note(there, picked=False, held=Held(there.path, "It.", same=True))
    assert noted.line(noted.of(missing, "")) == "☐ `docs/releases/4.0.9.txt` (to be made)"
    assert noted.line(noted.of(offered, "")) == "☐ `docs/releases/4.0.9.txt`"
    assert noted.line(noted.of(picked, "")).endswith("is in the pull request")
    assert noted.line(noted.of(stuck, "")).startswith("❌")
    assert noted.line(noted.of(held, "")) == "✅ `docs/releases/4.0.9.txt`"
    moved = replace(noted.of(offered, ""), version="4.0.9", opened_for="4.0.8")
    assert noted.line(moved).endswith("4.0.8 is out, so it moved")


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        ("/note Fixed x.", NoteRequest("Fixed x.")),
        ("Hello\n\n  /note  Fixed x\nand y.\n\nBye", NoteRequest("Fixed x\nand y.")),
        ("/note [C API] Fix x.\r\n/note Fix y.", NoteRequest("Fix y.")),
        ("/note [C API] Fix x.", NoteRequest("Fix x.", "C API")),
        ("/note The first\n/backport retry", NoteRequest("The first")),
        ("/note Fixed x.\n\n/note commit", NoteRequest("Fixed x.", commit=True)),
        ("/note [C API] /note Commit.", NoteRequest("/note Commit.", "C API")),
        ("> /note quoted", None),
        ("```\n/note code\n```", None),
        ("/notes x", None),
        ("/note-taking is fun", None),
        ("/note", NoteRequest(strange=True)),
        ("/note help", NoteRequest(strange=True)),
        ("/note commit 4.1", NoteRequest(strange=True)),
        ("/note [C API]", NoteRequest(strange=True)),
    ],
)
def test_a_sentence_is_read_from_a_comment(body: str, request_: NoteRequest | None) -> None:
    """The last one counts, to the next blank line or command; other people's words do not."""
    assert note_request.read(body) == request_
