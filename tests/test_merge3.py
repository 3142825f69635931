from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.diff import changes
from bot.core.merge3 import merge, regions

FEW = st.lists(st.sampled_from("abcd"), max_size=12)
"""Texts of lines that come again and again, where much can be matched with much."""

EDITS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2), st.integers(0, 3)), max_size=3)
"""Each: where, how many lines go, how many come."""


def edited(base: list[str], edits: list[tuple[int, int, int]], side: str) -> list[str]:
    """Change a text; the lines that come are new, but some are the same on both sides."""
    text = list(base)
    for number, (place, gone, new) in enumerate(edits):
        who = side if new % 2 else "both"
        text[place : place + gone] = [f"{who} {number} {place} {i}\n" for i in range(new)]
    return text


def by_git(base: list[str], ours: list[str], theirs: list[str]) -> list[str] | None:
    """Merge with git."""
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for place, text in zip(places, (ours, base, theirs), strict=True):
            place.write_text("".join(text))
        command = ["git", "merge-file", "-p", "-q", *map(str, places)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.splitlines(keepends=True) if done.returncode == 0 else None


@given(FEW, FEW)
def test_changes_lead_from_one_to_the_other(before: list[str], after: list[str]) -> None:
    """The changes, made in order, turn the one into the other, and what is between is equal."""
    made: list[str] = []
    done = new_done = 0
    for change in changes(before, after):
        assert before[done : change.start] == after[new_done : change.new_start]
        assert change.start - done > 0 or not made
        made += before[done : change.start] + after[change.new_start : change.new_end]
        done, new_done = change.end, change.new_end
    assert before[done:] == after[new_done:]
    assert [*made, *before[done:]] == after


def test_changes_stand_low() -> None:
    """What was added among equal lines counts as added below them."""
    assert changes("abcabc", "abcabcabc") == [(6, 6, 6, 9)]
    assert changes("aab", "ab") == [(1, 2, 1, 1)]


def test_much_that_differs_is_one_change() -> None:
    """Two long stretches with hardly anything in common cost no more than a moment."""
    before = [f"{i % 7}" for i in range(2000)]
    after = [f"{i * i % 11 + 7}" for i in range(2000)]
    assert changes(before, after) == [(0, 2000, 0, 2000)]


@given(FEW, FEW)
def test_an_unchanged_side_takes_the_other(base: list[str], changed: list[str]) -> None:
    """Where one side is the base, or both sides are one, the merge is the other side."""
    assert merge(base, changed, base) == changed
    assert merge(base, base, changed) == changed
    assert merge(base, changed, changed) == changed


@given(FEW, FEW, FEW)
def test_sides_have_equal_rights(base: list[str], ours: list[str], theirs: list[str]) -> None:
    """Changing places gives the same merge, or a conflict in both cases."""
    assert merge(base, ours, theirs) == merge(base, theirs, ours)


@given(FEW, FEW, FEW)
def test_regions_lose_nothing(base: list[str], ours: list[str], theirs: list[str]) -> None:
    """Put together, the regions are the three texts."""
    for touching in (False, True):
        found = regions(base, ours, theirs, touching=touching)
        assert [line for region in found for line in region.base] == base
        assert [line for region in found for line in region.ours] == ours
        assert [line for region in found for line in region.theirs] == theirs


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9), EDITS, EDITS)
def test_merges_are_those_of_git(
    length: int, ours: list[tuple[int, int, int]], theirs: list[tuple[int, int, int]]
) -> None:
    """Of texts whose lines differ, git makes the same merge, and has a conflict where we have."""
    base = [f"line {i}\n" for i in range(length)]
    sides = edited(base, ours, "ours"), edited(base, theirs, "theirs")
    assert merge(base, *sides) == by_git(base, *sides)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        ("abc", "aBc", "abC", "aBC"),
        ("abc", "abXc", "abC", "abXC"),
        ("abc", "aBc", "abXc", "aBXc"),
        ("abc", "abXc", "abYc", None),
        ("abcd", "aXd", "abCd", None),
    ],
)
def test_touching_changes(base: str, ours: str, theirs: str, merged: str | None) -> None:
    """With `touching` neighbours may change apart, but not one place both ways."""
    parts = [region.merged for region in regions(base, ours, theirs, touching=True)]
    made = "".join("".join(part) for part in parts if part is not None)
    assert (None if None in parts else made) == merged


def test_rules_get_what_both_changed() -> None:
    """The first rule that settles a region decides; without one the merge fails."""
    sides = "abc", "aBc", "aXc"
    assert merge(*sides) is None
    assert merge(*sides, [lambda _: None, lambda region: region.theirs, lambda _: "no"]) == [*"aXc"]
