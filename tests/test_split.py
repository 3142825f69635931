from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.split import FileChange, Split, is_test, split

PARTS = st.sampled_from(
    ["tests", "test", "src", "testing", "docs", "a", "test_a.py", "b.rst", "**"]
)
PATHS = st.lists(PARTS, min_size=1, max_size=5).map("/".join)


def change(path: str) -> FileChange:
    """Give some change of a file."""
    return FileChange(path, 0o100644, b"x")


def test_the_fix_of_the_async_client_is_split_by_djangos_folder() -> None:
    """`django/test/client.py` is code though its path says test; a view of the tests is a test."""
    paths = ("django/test/client.py", "tests/test_client/tests.py", "tests/test_client/views.py")
    parts = split(map(change, (*paths, "docs/releases/4.1.4.txt", "AUTHORS")), ("tests/",))
    assert [one.path for one in parts.code] == ["django/test/client.py"]
    assert [one.path for one in parts.tests] == list(paths[1:])
    assert [one.path for one in parts.docs] == ["docs/releases/4.1.4.txt", "AUTHORS"]
    assert str(parts) == "2 test files, 1 code file, 2 docs files"


@pytest.mark.parametrize(
    "path",
    [
        "tests/a.html",
        "test/unit/a.js",
        "packages/x/tests/data.json",
        "pkg/test_a.py",
        "pkg/a_test.py",
        "conftest.py",
        "pkg/conftest.py",
        "spec/a_spec.rb",
        "__tests__/a.ts",
    ],
)
def test_what_is_a_test_where_nothing_is_configured(path: str) -> None:
    """The usual places of many languages are tests."""
    assert is_test(path, ())


@pytest.mark.parametrize(
    "path",
    [
        "django/test/client.py",
        "src/pkg/testing/tests/a.py",
        "contest.py",
        "pkg/spec/a.py",
        "tests.md",
    ],
)
def test_what_is_no_test_where_nothing_is_configured(path: str) -> None:
    """A package that helps others to test is code, and so is what only sounds like a test."""
    assert not is_test(path, ())


@pytest.mark.parametrize(
    ("pattern", "path", "is_one"),
    [
        ("tests/", "tests/a/b.py", True),
        ("tests", "tests/a/b.py", True),
        ("tests/", "pkg/tests/a.py", False),
        ("tests/", "tests_of_mine/a.py", False),
        ("packages/*/tests/", "packages/x/tests/a.py", True),
        ("packages/*/tests/", "packages/x/y/tests/a.py", False),
        ("**/check_*.py", "check_a.py", True),
        ("**/check_*.py", "a/b/check_a.py", True),
        ("a/**/z.py", "a/z.py", True),
        ("a/**/z.py", "a/b/c/z.py", True),
        ("**", "any/thing", True),
        ("tests/*.py", "tests/a/b.py", False),
    ],
)
def test_a_configured_path_is_a_folder_or_a_glob(pattern: str, path: str, *, is_one: bool) -> None:
    """Folders take all below them, one star no slash, two stars any folders."""
    assert is_test(path, (pattern,)) is is_one


@given(st.lists(PATHS, unique=True, max_size=8), st.lists(PATHS, max_size=3))
def test_every_change_is_in_exactly_one_part(paths: list[str], configured: list[str]) -> None:
    """Nothing of a backport is lost or applied twice, whatever is configured."""
    parts = split(map(change, paths), tuple(configured))
    sorted_in = [one.path for one in (*parts.tests, *parts.code, *parts.docs)]
    assert sorted(sorted_in) == sorted(paths)


@given(PATHS)
def test_a_path_is_matched_by_itself(path: str) -> None:
    """A file's own path, taken as a pattern, matches it."""
    assert is_test(path, (path,))


def test_many_stars_take_no_time() -> None:
    """A pattern that makes a backtracking matcher run for ever is answered at once."""
    pattern, path = "/".join(["**", "a"] * 12) + "/z", "/".join(["a"] * 200)
    assert not is_test(path, (pattern,))
    assert split((), (pattern,)) == Split()
