from __future__ import annotations

from typing import get_args

import pytest

from bot.core.config import Configuration
from bot.core.notes import STYLES
from bot.core.resolution import ThreeWay

DJANGO = STYLES["django"]
INDEX = "docs/releases/index.txt"
ARCHIVE = "docs/releases/security.txt"
ABSENT = b"<no file>"


def settle(path: str, base: str | None, ours: str | None, theirs: str | None) -> bytes | None:
    """Settle a path on a branch of 3.2: `<no file>` deletes, None leaves it."""
    sides = [None if text is None else text.encode() for text in (base, ours, theirs)]
    settled = DJANGO.settle(ThreeWay(path, *sides), branch)
    assert settled is None or (settled.path, settled.by) == (path, "release-notes")
    if settled is None:
        return None
    return ABSENT if settled.content is None else settled.content


def branch(path: str) -> bool:
    """Tell what stable/3.2.x has."""
    return path in {f"docs/releases/{v}.txt" for v in ("3.2", "3.2.24", "3.1", "2.2", "1.10")}


def index(**series: str) -> str:
    """Write an index: `_3_2="3.2.1 3.2"` becomes a section."""
    sections = "".join(
        f"{name[1:].replace('_', '.')} release\n-----------\n.. toctree::\n   :maxdepth: 1\n\n"
        + "".join(f"   {version}\n" for version in versions.split())
        + "\n"
        for name, versions in series.items()
    )
    head = "=====\nNotes\n=====\n\nFinal releases\n==============\n\n.. _development:\n\n"
    return f"{head}{sections}Security releases\n=================\n\nAn archive.\n"


def archive(*issues: str) -> str:
    """Write an archive of issues, each a date and a number."""
    sections = "".join(
        f"{issue}\n{'-' * len(issue)}\n\nDenial of service.\n\n"
        "Versions affected\n~~~~~~~~~~~~~~~~~\n\n* Django 3.2\n\n"
        for issue in issues
    )
    return f"=======\nArchive\n=======\n\nIssues\n======\n\n{sections}".rstrip("\n") + "\n"


def test_every_style_of_the_configuration_is_there() -> None:
    """The styles have the names that the configuration takes."""
    names = get_args(Configuration.model_fields["release_notes"].annotation)
    assert {*names} == {*STYLES}


@pytest.mark.parametrize(
    ("path", "owned"),
    [
        ("docs/releases/4.1.5.txt", True),
        (INDEX, True),
        ("docs/releases/images/a.txt", False),
        ("docs/releases.txt", False),
        ("docs/releases/a.png", False),
        ("tests/docs/releases/4.1.txt", False),
    ],
)
def test_the_notes_are_the_text_files_of_one_folder(path: str, owned: bool) -> None:  # noqa: FBT001 - a table
    """Only text files right in docs/releases are release notes."""
    assert DJANGO.owns(path) is owned


def test_a_note_that_the_target_lacks_stays_away() -> None:
    """A change to a note that the branch does not have is no reason to add it."""
    assert settle("docs/releases/4.2.11.txt", "a\n", None, "b\n") == ABSENT
    assert settle("docs/releases/3.2.23.txt", "a\n", None, "b\n") == ABSENT


def test_a_new_note_comes_only_to_branches_that_know_its_series() -> None:
    """4.2.11.txt is not added to 3.2.x, 3.2.25.txt and 1.10.4.txt are."""
    for name in ("4.2.11", "4.2", "1.1.4", "4.2-beta-1"):
        assert settle(f"docs/releases/{name}.txt", None, None, "new\n") == ABSENT
    for name in ("3.2.25", "1.10.4", "3.2-beta-2", "howto"):
        assert settle(f"docs/releases/{name}.txt", None, None, "new\n") == b"new\n"


def test_a_note_that_the_fix_deletes_goes() -> None:
    """A deletion is brought over, also where the branch's file reads otherwise."""
    assert settle("docs/releases/3.2.24.txt", "a\n", "b\n", None) == ABSENT


def test_a_note_as_it_was_on_main_becomes_what_it_is_there() -> None:
    """Where the target has the file of main before the fix it gets that after the fix."""
    assert settle("docs/releases/3.2.24.txt", "a\n", "a\n", "b\n") == b"b\n"


def test_a_note_that_both_reworded_is_left() -> None:
    """A sentence that both sides changed is nobody's but a person's."""
    assert settle("docs/releases/3.2.24.txt", "a bug\n", "bugs\n", "no bug\n") is None


def test_the_index_gets_the_versions_of_its_own_series() -> None:
    """Entries go to their sections, newest first; sections of newer series are not added."""
    base = index(_4_2="4.2.10 4.2", _3_2="3.2.24 3.2.23 3.2", _2_2="2.2")
    theirs = index(_4_2="4.2.11 4.2.10 4.2", _3_2="3.2.25 3.2.24 3.2.23 3.2", _2_2="2.2.1 2.2")
    ours = index(_3_2="3.2.24 3.2", _2_2="2.2")
    assert settle(INDEX, base, ours, theirs) == (
        index(_3_2="3.2.25 3.2.24 3.2", _2_2="2.2.1 2.2").encode()
    )


def test_the_index_keeps_its_order_by_number() -> None:
    """A version goes before the first older one, and 10 is newer than 9."""
    base, theirs = index(_3_2="3.2.9 3.2"), index(_3_2="3.2.10 3.2.9 3.2")
    ours = index(_3_2="3.2.11 3.2.9 3.2")
    assert settle(INDEX, base, ours, theirs) == index(_3_2="3.2.11 3.2.10 3.2.9 3.2").encode()


def test_a_version_taken_off_the_index_is_taken_off_where_it_stands() -> None:
    """An entry that the fix takes away goes; one of a series that the branch lacks is no matter."""
    base, ours = index(_4_2="4.2.1 4.2", _3_2="3.2.1 3.2"), index(_3_2="3.2.2 3.2.1 3.2")
    assert settle(INDEX, base, ours, index(_4_2="4.2", _3_2="3.2")) == (
        index(_3_2="3.2.2 3.2").encode()
    )
    gone = index(_4_2="4.2", _3_2="3.2.1 3.2")
    assert settle(INDEX, base, ours, gone) == ours.encode()


def test_a_series_that_the_target_has_gets_its_section() -> None:
    """A new section stands among the others by its number, and main's new one stays on main."""
    base, theirs = index(_2_2="2.2"), index(_4_2="4.2", _3_2="3.2", _2_2="2.2")
    assert settle(INDEX, base, index(_2_2="2.2"), theirs) == index(_3_2="3.2", _2_2="2.2").encode()


def test_words_about_the_index_change_beside_its_sections() -> None:
    """A change outside of the sections is brought over, sections of newer series are not."""
    base, ours = index(_4_2="4.2", _3_2="3.2"), index(_3_2="3.2")
    theirs = base.replace("An archive.", "The archive.")
    assert settle(INDEX, base, ours, theirs) == ours.replace("An arch", "The arch").encode()


def test_a_section_that_both_rewrote_is_left() -> None:
    """An index section with changes beyond its versions on both sides is a person's."""
    base, ours = index(_3_2="3.2"), index(_3_2="3.2.1 3.2")
    assert settle(INDEX, base, ours, base.replace("maxdepth: 1", "maxdepth: 2")) is None


FIRST, SECOND = "May 3, 2007 - CVE-2007-1", "April 6, 2021 - :cve:`2021-0`"
THIRD, FOURTH = "June 2, 2021 - :cve:`2021-200`", "June 2, 2021 - :cve:`2021-30`"


def test_an_issue_comes_first_where_the_newest_come_first() -> None:
    """On a branch whose archive descends as main's does, new issues stand as on main."""
    base, theirs = archive(SECOND, FIRST), archive(FOURTH, THIRD, SECOND, FIRST)
    ours = base.replace("Issues\n", "Our issues\n")
    assert settle(ARCHIVE, base, ours, theirs) == (
        theirs.replace("Issues\n", "Our issues\n").encode()
    )


def test_an_issue_comes_last_where_the_oldest_come_first() -> None:
    """On a branch whose archive ascends, new issues go to its end, those of one day by number."""
    base, theirs = archive(SECOND, FIRST), archive(FOURTH, THIRD, SECOND, FIRST)
    assert settle(ARCHIVE, base, archive(FIRST, SECOND), theirs) == (
        archive(FIRST, SECOND, FOURTH, THIRD).encode()
    )
    assert settle(ARCHIVE, base, archive(FIRST, SECOND) + "\n", theirs) == (
        archive(FIRST, SECOND, FOURTH, THIRD).encode()
    )


def test_an_older_issue_goes_between() -> None:
    """An issue that is added late stands where its date puts it."""
    base, theirs = archive(THIRD, FIRST), archive(THIRD, SECOND, FIRST)
    assert settle(ARCHIVE, base, archive(FIRST, THIRD), theirs) == (
        archive(FIRST, SECOND, THIRD).encode()
    )


def test_a_correction_finds_its_issue_in_any_order() -> None:
    """A change within one issue is made where the target has it, and nowhere if it has it not."""
    base = archive(THIRD, FIRST)
    theirs = base.replace("Denial", "Danger", 1)
    assert settle(ARCHIVE, base, archive(FIRST, THIRD), theirs) == (
        archive(FIRST, THIRD).replace("Denial", "Danger").replace("Danger", "Denial", 1).encode()
    )
    assert settle(ARCHIVE, base, archive(FIRST), theirs) == archive(FIRST).encode()


def test_an_issue_that_both_added_differently_is_left() -> None:
    """Two accounts of one issue are a person's to bring together."""
    base, theirs = archive(FIRST), archive(THIRD, FIRST)
    assert settle(ARCHIVE, base, theirs, theirs.replace("Denial", "Danger", 1)) is None
    assert settle(ARCHIVE, theirs, theirs.replace("Denial", "Danger", 1), base) is None


def test_an_archive_of_mixed_headings_is_merged_by_paragraph() -> None:
    """Where headings do not tell what a section is, only what git could do too is done."""
    base = archive(FIRST, SECOND).replace("-" * len(SECOND), "~" * len(SECOND))
    ours = base.replace("An", "The").replace("Archive", "Our own")
    theirs = base + "\n" + archive(THIRD).partition("Issues\n======\n\n")[2]
    assert settle(ARCHIVE, base, ours, theirs) == theirs.replace("Archive", "Our own").encode()


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        (
            "Added stub release notes for 4.2.1, 4.1.9 and 3.2.19.",
            "Added stub release notes for 3.2.19.",
        ),
        (
            "Added stub release notes and release date for 4.1.4, 3.2.13, and 2.2.28.",
            "Added stub release notes for 3.2.13 and 2.2.28.",
        ),
        (
            "Set date and added stub release notes for 4.1.6, 4.0.9, and 3.2.17.",
            "Added stub release notes for 3.2.17.",
        ),
        (
            "Added release dates for 4.0.1, 3.2.9, 3.1.2, and 2.2.3.",
            "Added release dates for 3.2.9, 3.1.2, and 2.2.3.",
        ),
        ("Added release dates for 4.0.1, 3.2.9.", "Added release date for 3.2.9."),
        ("Added release date for 4.0.1/3.2.9 releases.", "Added release date for 3.2.9 release."),
        ("Fixed typo in docs/releases/4.0/3.2.txt.", "Fixed typo in docs/releases/3.2.txt."),
        (
            "Refs #1 -- Removed a name from 3.2.8 and 4.0.1 release notes.",
            "Refs #1 -- Removed a name from 3.2.8 release notes.",
        ),
    ],
)
def test_a_subject_names_the_releases_that_the_branch_knows(subject: str, told: str) -> None:
    """Versions of other branches go from a list, and with them what was said of them only."""
    assert DJANGO.subject(subject.encode(), branch) == told.encode()


@pytest.mark.parametrize(
    "subject",
    [
        "Added release dates for 3.2.9 and 2.2.3.",
        "Added release dates for 4.0.1 and 4.1.3.",
        "Fixed #31784 -- Fixed crash when sending emails on Python 3.2.11+, 3.7.8+, and 3.8.4+.",
        "Fixed #1 -- Documented releases in Python 3.2, 3.7.",
        "Fixed #2 -- Detected GDAL in 4.1 and 3.2.",
        "Added release date for 4.1.3.",
        "caf\xe9",
    ],
)
def test_other_subjects_stay(subject: str) -> None:
    """Versions of something else, of known series only, or of none known are left as they are."""
    assert DJANGO.subject(subject.encode("latin-1"), branch) == subject.encode("latin-1")
