from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.notes import STYLES
from bot.core.notes.django_version import VERSION_FILE
from bot.core.notes.paths import INDEX, path_of
from bot.core.release_notes import Files, Fix, Shape, Written

DJANGO = STYLES["django"]
FIX = Fix("Fixed #34063 -- Fixed it.", 16210, "Fixed a bug in Django 3.1 that lost it.")
BULLET = "* Fixed a bug in Django 3.1 that lost it (:ticket:`34063`).\n"
OTHER = "* Fixed a regression in Django 4.1 that crashed it (:ticket:`34205`).\n"
LIST = b"===\nAll\n===\n\n4.1 release\n-----------\n\n.. toctree::\n\n   4.1.4\n   4.1\n"


HEADING = "Bugfixes\n========\n\n"


def notes(version: str, body: str, intro: str = "fixes several bugs") -> bytes:
    """Write a notes file."""
    title = f"Django {version} release notes"
    rule = "=" * len(title)
    head = f"{rule}\n{title}\n{rule}\n\n*Expected January 2, 2023*\n\nDjango {version} {intro}.\n"
    return f"{head}\n{body}".encode()


def branch(version: str = "(4, 1, 5, 'alpha', 0)", **texts: bytes | None) -> Files:
    """Give the files of a branch; of notes by version, with `_` for the dots."""
    files = {path_of(name.removeprefix("v").replace("_", ".")): t for name, t in texts.items()}
    return {VERSION_FILE: f"VERSION = {version}\n".encode(), INDEX: LIST, **files}


def write(files: Files, version: str = "", fix: Fix = FIX) -> Written:
    """Write the note, having read what the style wants and no more."""
    read: dict[str, bytes | None] = {}
    while missing := [path for path in DJANGO.wants(fix, read, version) if path not in read]:
        read |= {path: files.get(path) for path in missing}
    return DJANGO.write(fix, read, version)


def test_the_placeholder_gives_way_to_the_first_bullet() -> None:
    """The `* ...` of the stub is replaced, and nothing else in the file changes."""
    stub = notes("4.1.5", "Bugfixes\n========\n\n* ...\n")
    written = write(branch(v4_1_5=stub))
    assert written.files[path_of("4.1.5")] == stub.replace(b"* ...\n", BULLET.encode())
    assert [change.path for change in written.changes] == [path_of("4.1.5"), INDEX]
    assert written.remarks == (
        "`docs/releases/4.1.5.txt`: It says “several bugs” and now lists one.",
    )


def test_a_further_bullet_is_the_last() -> None:
    """Order is kept: a new bullet follows those that stand there, a blank line apart."""
    there = notes("4.1.5", f"Bugfixes\n========\n\n{OTHER}", "fixes a bug")
    written = write(branch(v4_1_5=there))
    assert written.files[path_of("4.1.5")] == there + b"\n" + BULLET.encode()
    assert written.remarks == ("`docs/releases/4.1.5.txt`: It says “a bug” and now lists 2.",)


def test_a_bullet_stays_in_its_section() -> None:
    """What follows the bug fixes keeps its place."""
    body = f"Bugfixes\n========\n\n{OTHER}\nOther\n=====\n\n* Thing.\n"
    written = write(branch(v4_1_5=notes("4.1.5", body)))
    expected = body.replace(OTHER, f"{OTHER}\n{BULLET}")
    assert written.files[path_of("4.1.5")] == notes("4.1.5", expected)


def test_a_missing_file_is_made_from_the_stub_and_listed() -> None:
    """The file has title, day to be filled in, and bullet; the index lists it newest first."""
    written = write(branch(v4_1_5=None))
    made = written.files[path_of("4.1.5")].decode()
    rule = "=" * len("Django 4.1.5 release notes")
    assert made == (
        f"{rule}\nDjango 4.1.5 release notes\n{rule}\n\n*Expected Month D, YYYY*\n\n"
        f"Django 4.1.5 fixes a bug in 4.1.4.\n\nBugfixes\n========\n\n{BULLET}"
    )
    assert written.files[INDEX] == LIST.replace(b"   4.1.4\n", b"   4.1.5\n   4.1.4\n")
    assert written.remarks == ("`docs/releases/4.1.5.txt`: Its day is still to be filled in.",)


def test_a_security_release_gets_a_section_for_bugs() -> None:
    """Where security issues stand alone, bug fixes come after them, and the intro is flagged."""
    body = "CVE-2023-1: A hole\n==================\n\nIt was one.\n"
    files = branch(v4_1_5=notes("4.1.5", body, "fixes a security issue in 4.1.4"))
    place = DJANGO.place(FIX, files)
    written = write(files)
    assert place
    assert place.shape is Shape.SECURITY
    assert written.files[path_of("4.1.5")].endswith(f"\nBugfixes\n========\n\n{BULLET}".encode())
    assert "says nothing of the bugs" in written.remarks[0]


def test_main_and_newer_branches_keep_older_notes() -> None:
    """For another series' version its own file is written, listed where that series stands."""
    written = write(branch("(4, 2, 0, 'alpha', 0)", v4_1_4=b"x"), "4.1.5")
    assert set(written.files) == {path_of("4.1.5"), INDEX}


@pytest.mark.parametrize(
    ("files", "version", "why"),
    [
        (branch(v4_1_5=notes("4.1.5", f"Bugfixes\n========\n\n{BULLET}")), "", "has this note"),
        (branch(v4_1_4=notes("4.1.4", f"Bugfixes\n========\n\n{BULLET}")), "", "4.1.4.txt` has"),
        (
            branch(v4_1_5=notes("4.1.5", f"Bugfixes\n========\n\n{BULLET.replace('lost', 'ate')}")),
            "",
            "has a note of this ticket already",
        ),
        (branch("(4, 1, 5, 'final', 0)"), "4.1.5", "4.1.5 is out; the note belongs in 4.1.6"),
        (branch("(4, 2, 0, 'alpha', 0)", v4_1_6=b"x"), "4.1.5", "4.1.5 is out: there is a"),
        (branch("(4, 2, 0, 'alpha', 0)"), "", "4.2 is not out yet"),
        (branch("get_version()"), "", "no `VERSION` that can be read"),
        (branch("(4, 0, 9, 'alpha', 0)"), "", "has no list of 4.0 for 4.0.9"),
        (branch(v4_1_5=notes("4.1.5", "Notes\n=====\n\n* A.\n")), "", "no heading “Bugfixes”"),
        (
            branch(v4_1_5=notes("4.1.5", f"{HEADING}<<<<<<< a\n{OTHER}=======\n>>>>>>> b\n")),
            "",
            "holds conflict markers",
        ),
        (branch(v4_1_5=notes("4.1.5", "Bugfixes\r\n========\n\n* ...\n")), "", "mixes two kinds"),
    ],
)  # fmt: skip
def test_what_cannot_or_need_not_be_written_is_said(files: Files, version: str, why: str) -> None:
    """Nothing is written twice, into a released version, or where a person has to look first."""
    written = write(files, version)
    assert dict(written.files) == {}
    assert written.changes == ()
    assert any(why in remark for remark in written.remarks)


def test_line_ends_are_kept() -> None:
    """A file with carriage returns gets a bullet with carriage returns."""
    stub = notes("4.1.5", f"Bugfixes\n========\n\n{OTHER}").replace(b"\n", b"\r\n")
    written = write(branch(v4_1_5=stub))
    assert written.files[path_of("4.1.5")] == stub + b"\r\n" + BULLET.replace("\n", "\r\n").encode()


def test_of_two_placeholders_one_is_replaced_and_the_other_told() -> None:
    """The first gives way, and the remark says that another is left."""
    written = write(branch(v4_1_5=notes("4.1.5", "Bugfixes\n========\n\n* ...\n\n* ...\n")))
    assert written.files[path_of("4.1.5")].count(b"* ...") == 1
    assert any("Another `* ...` is left" in remark for remark in written.remarks)


def test_versions_of_two_parts() -> None:
    """`2028.1` follows 2028.0, in a series of one number."""
    index = LIST.replace(b"4.1 release\n-----------", b"2028 release\n------------")
    index = index.replace(b"   4.1.4\n   4.1\n", b"   2028.0\n")
    written = write({**branch("(2028, 1, 'alpha', 0)"), INDEX: index})
    assert b"Django 2028.1 fixes a bug in 2028.0." in written.files[path_of("2028.1")]
    assert b"   2028.1\n   2028.0\n" in written.files[INDEX]


def test_a_version_that_cannot_have_brought_the_bug_is_told() -> None:
    """A note for 4.1 that blames 4.2 is written, and flagged."""
    blames = Fix(FIX.subject, 1, "Fixed a bug in Django 4.2 that lost it.")
    assert "It says that Django 4.2 brought the bug" in write(branch(), fix=blames).remarks[-1]


@given(st.text(max_size=200).filter(lambda text: text.strip(" .\r\n\t")))
def test_whatever_a_person_says_stays_one_bullet(sentence: str) -> None:
    """No sentence makes a second bullet or a heading, and writing it again does nothing."""
    files = dict(branch(v4_1_5=notes("4.1.5", f"Bugfixes\n========\n\n{OTHER}")))
    fix = Fix("Fixed #34063 -- Fixed it.", 1, sentence)
    written = write(files, fix=fix)
    added = written.changes[0].added
    assert added.startswith("* ")
    assert all(line.startswith("  ") for line in added.split("\n")[1:])
    assert dict(write({**files, **written.files}, fix=fix).files) == {}
