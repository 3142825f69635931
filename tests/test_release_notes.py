from __future__ import annotations

import pytest

from bot.core import release_notes

FIX = "Fixed #34063 -- Fixed reading request body with async request factory and client."


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ('VERSION = (4, 1, 5, "alpha", 0)', "4.1.5"),
        ("VERSION = (3, 2, 16, 'final', 0)", "3.2.17"),
        ('VERSION = (4, 2, 0, "alpha", 1)', None),
        ('VERSION = (4, 2, 0, "final", 0)', "4.2.1"),
        ('VERSION = (2028, 1, "alpha", 0)', "2028.1"),
        ('VERSION = (2028, 0, "final", 0)', "2028.1"),
        ("VERSION = get_version()", None),
        ("VERSION = (4, 1", None),
        ('__version__ = "4.1"', None),
    ],
)
def test_the_next_version_comes_from_the_branch_itself(module: str, expected: str | None) -> None:
    """Numbers of any length, either quotes, and None for what has no bugfix release."""
    assert release_notes.next_version(f"import os\n\n{module}\n") == expected


def test_a_bullet_in_djangos_form() -> None:
    """The bullet names the ticket by its role, wrapped at 79 columns with a hanging indent."""
    note = release_notes.draft("4.1.5", FIX, exists=True, picked=False)
    assert note.bullet == (
        "* Fixed reading request body with async request factory and client\n  (:ticket:`34063`)."
    )
    assert note.path == "docs/releases/4.1.5.txt"


def test_a_file_that_has_to_be_made() -> None:
    """The whole file has the title between lines of its own length, and the version before."""
    text = release_notes.draft("4.0.9", FIX, exists=False, picked=False).text
    title, over, under = "Django 4.0.9 release notes", *[text.splitlines()[i] for i in (0, 2)]
    assert text.splitlines()[1] == title
    assert over == under == "=" * len(title)
    assert "Django 4.0.9 fixes a bug in 4.0.8." in text
    assert text.endswith("(:ticket:`34063`).\n")


def test_several_tickets_and_none() -> None:
    """Every ticket of the subject is named; a subject without one stands alone."""
    two = release_notes.draft(
        "5.0.1", "Fixed #35344, Refs #34838 -- Did x.", exists=True, picked=False
    )
    assert two.bullet == "* Did x (:ticket:`35344`, :ticket:`34838`)."
    none = release_notes.draft("5.0.1", "Corrected a typo.", exists=True, picked=False)
    assert none.bullet == "* Corrected a typo."


def test_the_first_patch_release_follows_the_feature_release() -> None:
    """4.2.1 fixes something in 4.2, which is not called 4.2.0."""
    text = release_notes.draft("4.2.1", FIX, exists=False, picked=False).text
    assert "fixes a bug in 4.2." in text
