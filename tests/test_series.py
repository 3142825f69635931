from __future__ import annotations

import pytest

from bot.core import series


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        ("stable/4.1.x", "4.1.x"),
        ("origin/stable/4.1.x", "4.1.x"),
        ("refs/remotes/upstream/stable/4.1.x", "4.1.x"),
        ("refs/heads/stable/2028.x", "2028.x"),
        ("4.1.4", "4.1.x"),
        ("refs/tags/v3.2.16", "3.2.x"),
        ("2028.1", "2028.x"),
        ("v3-1-test", "v3-1-test"),
        ("feature/thing", "thing"),
    ],
)
def test_the_series_of_a_revision(revision: str, expected: str) -> None:
    """A branch, a remote branch and a tag of one series give the same name."""
    assert series.of_revision("stable/{series}", revision) == expected


def test_numbers_compare_as_numbers() -> None:
    """`4.10.x` is newer than `4.9.x`, and a year newer than both."""
    names = ["4.9.x", "2028.x", "4.10.x", "3.2.x"]
    ordered = sorted(names, key=series.age_key, reverse=True)
    assert ordered == ["2028.x", "4.10.x", "4.9.x", "3.2.x"]
