from __future__ import annotations

import pytest

from bot.core.notes import three_way
from bot.core.notes.blocks import parse, render

HEAD = "4.1.5\n=====\n\nFixes several bugs.\n\nBugfixes\n========\n"


def merged(base: str | None, ours: str, theirs: str) -> str | None:
    """Merge three texts."""
    was = None if base is None else parse(base.encode())
    text = three_way.merge(was, parse(ours.encode()), parse(theirs.encode()))
    return None if text is None else render(text).decode()


def note(*entries: str) -> str:
    """Write a note with these entries."""
    return "\n".join([HEAD, *(f"{entry}\n" for entry in entries)])


def test_bullets_of_both_sides_stay_the_targets_first() -> None:
    """Where both add a bullet at one place, the target's comes first and none is lost."""
    result = merged(note("* A"), note("* A", "* Ours"), note("* A", "* Theirs\n  goes on"))
    assert result == note("* A", "* Ours", "* Theirs\n  goes on")


@pytest.mark.parametrize("placeholder", ["* ...", "..."])
def test_a_real_entry_takes_the_placeholders_place(placeholder: str) -> None:
    """The first bullet replaces the placeholder, also where the target has one of its own."""
    assert merged(note(placeholder), note(placeholder), note("* A")) == note("* A")
    assert merged(note(placeholder), note("* Ours"), note("* A")) == note("* Ours", "* A")


def test_what_the_target_has_is_not_added_again() -> None:
    """A bullet that the target has at that place stays one bullet."""
    assert merged(note("* A"), note("* A", "* B"), note("* A", "* B", "* C")) == note(
        "* A", "* B", "* C"
    )


def test_an_addition_stands_by_a_bullet_that_the_target_words_otherwise() -> None:
    """A bullet is added after one that the target has changed, or does not have at all."""
    assert merged(note("* A"), note("* a"), note("* A", "* B")) == note("* a", "* B")
    assert merged(note("* Z", "* A"), note("* Z"), note("* Z", "* A", "* B")) == note("* Z", "* B")


def test_a_change_meets_an_addition_of_the_targets() -> None:
    """A bullet that the fix rewords is reworded where the target has added another after it."""
    assert merged(note("* A"), note("* A", "* Ours"), note("* a")) == note("* a", "* Ours")


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        (note("* A"), note("* B"), note("* C")),
        (note("* A"), note("* A", "Ours leans on A."), note("* A", "* B")),
        (note("* A"), note("* A", "More\n----", "* Ours"), note("* A", "* Theirs")),
        (None, HEAD, HEAD.replace("several bugs", "a bug")),
    ],
    ids=["both reword", "a paragraph", "another section", "added differently"],
)
def test_what_two_sides_made_of_one_thing_is_for_a_person(
    base: str | None, ours: str, theirs: str
) -> None:
    """Nothing is chosen where both changed it, or where its place gives it its meaning."""
    assert merged(base, ours, theirs) is None


def test_a_note_that_both_added_is_merged_by_what_they_share() -> None:
    """Two new files with the same frame become one with the bullets of both."""
    assert merged(None, note("* A"), note("* B")) == note("* A", "* B")


def test_the_distance_between_blocks_follows_who_changed_it() -> None:
    """Blank lines are those of the side that changed them; a file's end is its last block's."""
    loose = note("* A").replace("\n\nBugfixes", "\n\n\nBugfixes")
    assert merged(note("* A"), note("* A", "* B"), loose) == loose + "\n* B\n"
    assert merged(note("* A"), loose, note("* A", "* B")) == loose + "\n* B\n"
    assert merged(note("* A"), note("* A") + "\n", note("* A", "* B")) == note("* A", "* B")


def test_texts_too_unlike_to_compare_are_for_a_person() -> None:
    """Beyond a few thousand differing blocks nothing is searched, so nothing is vouched for."""
    base, ours, theirs = (
        "\n\n".join(f"{who} {i}" for i in range(2100)) for who in ("base", "ours", "theirs")
    )
    assert merged(base, ours, theirs) is None
