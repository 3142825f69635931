"""Fragments of towncrier and blurb, with examples from pytest, aiohttp and CPython.

Names and texts are as they stand in those projects' repositories: pytest-dev/pytest `changelog/`,
aio-libs/aiohttp `CHANGES/`, python/cpython `Misc/NEWS.d/next/`.
"""

from __future__ import annotations

import pytest

from bot.core.notes import STYLES, blurb, towncrier
from bot.core.release_notes import Files, Fix, Shape

TOWNCRIER, BLURB = STYLES["towncrier"], STYLES["blurb"]


def types(*names: str) -> str:
    """Write towncrier's table of types."""
    return "".join(f'[[tool.towncrier.type]]\ndirectory = "{name}"\n' for name in names)


PYTEST: Files = {
    "pyproject.toml": (
        '[tool.towncrier]\npackage = "pytest"\npackage_dir = "src"\ndirectory = "changelog/"\n'
        'filename = "doc/en/changelog.rst"\n'
        + types("breaking", "deprecation", "feature", "improvement", "bugfix", "doc", "trivial")
    ).encode()
}
AIOHTTP: Files = {
    "pyproject.toml": (
        '[tool.towncrier]\npackage = "aiohttp"\nfilename = "CHANGES.rst"\ndirectory = "CHANGES/"\n'
        + types("bugfix", "feature", "deprecation", "breaking", "doc", "packaging", "misc")
    ).encode()
}


@pytest.mark.parametrize(
    ("files", "fix", "path"),
    [
        (PYTEST, Fix("Fix #10811: avoid double imports (#10998)", 10998), "10811.bugfix.rst"),
        (PYTEST, Fix("Typed options", 10551, kind="improvement"), "10551.improvement.rst"),
        (PYTEST, Fix("Catch OSError (#10169)", 10169), "10169.bugfix.rst"),
        (AIOHTTP, Fix("Revert closing sockets (#10656)", 10656), "10656.bugfix.rst"),
        (AIOHTTP, Fix("Replace guess_type (#10102)", 10102, kind="misc"), "10102.misc.rst"),
    ],
)
def test_a_fragment_is_named_as_in_its_project(files: Files, fix: Fix, path: str) -> None:
    """Folder, types and suffix are those of the project, the number the issue's or the pull's."""
    place = TOWNCRIER.place(fix, files)
    folder = "changelog" if files is PYTEST else "CHANGES"
    assert place
    assert (place.path, place.exists, place.shape) == (f"{folder}/{path}", False, Shape.FRAGMENT)


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("changelog/10811.bugfix.rst", ("10811", "bugfix")),
        ("changelog/10551.improvement.2.rst", ("10551", "improvement")),
        ("changelog/+error-later.feature.rst", ("+error-later", "feature")),
        ("changelog/10094#note.improvement.rst", ("10094#note", "improvement")),
        ("changelog/README.rst", None),
        ("changelog/_template.rst", None),
        ("changelog/.gitignore", None),
    ],
)
def test_pytests_fragments_are_recognised(path: str, read: tuple[str, str] | None) -> None:
    """A pick that brings one needs no other; templates and the like are none."""
    known = towncrier.setup(PYTEST)
    name = path.removeprefix("changelog/")
    assert known
    assert towncrier.fragment(name, known.types) == read
    place = TOWNCRIER.place(Fix("x", 1), PYTEST)
    assert place
    assert TOWNCRIER.picked(place, [path, "src/a.py"], PYTEST) == (path if read else None)


def test_aiohttps_fragments_without_a_suffix_are_recognised() -> None:
    """`10366.packaging` is a fragment as well; one in another folder is not."""
    place = TOWNCRIER.place(Fix("x", 1), AIOHTTP)
    assert place
    assert TOWNCRIER.picked(place, ["CHANGES/10366.packaging"], AIOHTTP)
    assert TOWNCRIER.picked(place, ["docs/10366.packaging"], AIOHTTP) is None


def test_a_fragment_holds_the_sentence_alone() -> None:
    """What towncrier adds is left to it, and the full stop is there."""
    fix = Fix("Reverted it (#10656)", 10656, "- Reverted explicitly closing sockets")
    written = TOWNCRIER.write(fix, AIOHTTP)
    assert dict(written.files) == {
        "CHANGES/10656.bugfix.rst": b"Reverted explicitly closing sockets.\n"
    }
    assert written.changes[0].where == ""
    said = " ".join(TOWNCRIER.check(Fix("x", 7, "- Closed #7")))
    for remark in ("begins with a bullet", "names its own number", "does not end with"):
        assert remark in said


@pytest.mark.parametrize(
    ("files", "fix", "why"),
    [
        ({}, Fix("x", 1, "X."), "configures towncrier"),
        ({"pyproject.toml": b"[tool.towncrier"}, Fix("x", 1, "X."), "configures towncrier"),
        ({"pyproject.toml": b"tool = 3"}, Fix("x", 1, "X."), "configures towncrier"),
        (PYTEST, Fix("x", 1, "X.", "bug"), "There is no type `bug`"),
        ({**PYTEST, "changelog/1.bugfix.rst": b"X.\n"}, Fix("x", 1, "X."), "is there already"),
    ],
)
def test_why_no_fragment_is_written(files: Files, fix: Fix, why: str) -> None:
    """Nothing is guessed, and nothing that stands there is overwritten."""
    written = TOWNCRIER.write(fix, files)
    assert dict(written.files) == {}
    assert why in written.remarks[0]


@pytest.mark.parametrize(
    ("table", "setup"),
    [
        ('package = "a"', towncrier.Setup("a/newsfragments", towncrier._TYPES, ".rst")),
        ("", towncrier.Setup("newsfragments", towncrier._TYPES, ".rst")),
        (
            'filename = "N.md"\ndirectory = "news"\n[tool.towncrier.type.fixed]\n',
            towncrier.Setup("news", ("fixed",), ".md"),
        ),
    ],
)
def test_other_ways_to_configure_towncrier(table: str, setup: towncrier.Setup) -> None:
    """Folder and types have towncrier's own defaults; types may be a table of tables."""
    files = {"towncrier.toml": f"[tool.towncrier]\n{table}".encode(), "pyproject.toml": b"x"}
    assert towncrier.setup(files) == setup
    assert set(TOWNCRIER.wants(Fix("x", 1), {})) == {"towncrier.toml", "pyproject.toml"}


NEXT = "Misc/NEWS.d/next"
CPYTHON = [
    (
        f"{NEXT}/Core_and_Builtins/2024-07-13-09-51-44.gh-issue-121609.jWsE5t.rst",
        ("Core and Builtins", "gh-issue-121609"),
    ),
    (
        f"{NEXT}/Core_and_Builtins/2024-08-17-17-26-25.gh-issue-123083.9xWLJ-.rst",
        ("Core and Builtins", "gh-issue-123083"),
    ),
    (
        f"{NEXT}/C_API/2025-01-16-12-47-01.gh-issue-128911.mHVJ4x.rst",
        ("C API", "gh-issue-128911"),
    ),
    (f"{NEXT}/Build/2017-09-14-19-38-19.bpo-31474.0s_mpD.rst", ("Build", "bpo-31474")),
    (
        f"{NEXT}/Documentation/2017-10-23-13-41-12.bpo-25041.iAo2gW.rst",
        ("Documentation", "bpo-25041"),
    ),
]


@pytest.mark.parametrize(("path", "read"), CPYTHON)
def test_cpythons_entries_are_recognised(path: str, read: tuple[str, str]) -> None:
    """A pick that brings one needs no other."""
    place = BLURB.place(Fix("gh-1: x", 1), {})
    assert blurb.parsed(path) == read
    assert place
    assert BLURB.picked(place, ["Lib/x.py", path], {}) == path


@pytest.mark.parametrize(
    ("fix", "path"),
    [
        (
            Fix(
                "gh-121609: Fix pasting (#121759)", 121759,
                "Fix paste of characters containing unicode character joiner in the PyREPL",
                "Core and Builtins", moment="2024-07-13-09-51-44",
            ),
            "Core_and_Builtins/2024-07-13-09-51-44.gh-issue-121609.",
        ),
        (
            Fix("[3.12] gh-123083: Fix it (GH-1)", 1, "Fix a use-after-free.", moment="2024-08-17"),
            "Library/2024-08-17.gh-issue-123083.",
        ),
        (
            Fix("gh-128911: Add it", 1, "Add it.", "C API", moment="2025-01-16"),
            "C_API/2025-01-16.gh-issue-128911.",
        ),
        (
            Fix("bpo-31474: Fix warnings", 1, "Fix warnings.", "Build", moment="2017-09-14"),
            "Build/2017-09-14.bpo-31474.",
        ),
        (
            Fix("gh-25041: Say it", 1, "Document it.", "Tools/Demos", moment="2017-10-23"),
            "Tools-Demos/2017-10-23.gh-issue-25041.",
        ),
    ],
)  # fmt: skip
def test_an_entry_is_named_as_in_cpython(fix: Fix, path: str) -> None:
    """Section, moment, issue and six characters of the text make the name."""
    written = BLURB.write(fix, dict.fromkeys(BLURB.wants(fix, {})))
    ((made, content),) = written.files.items()
    assert made.startswith(f"{NEXT}/{path}")
    assert content == f"{fix.sentence.rstrip('.')}.\n".encode()
    assert blurb.parsed(made)
    assert BLURB.write(fix, {made: content}).remarks == (f"`{made}` has this note already.",)


def test_the_six_characters_are_blurbs() -> None:
    """The text of CPython's entry on issue 121609 gives the six characters in its name."""
    text = "Fix paste of characters containing unicode character joiner in the PyREPL\n"
    assert blurb.nonce(text) == "jWsE5t"


def test_why_no_entry_is_written() -> None:
    """An issue and a known section are needed."""
    assert "names no issue" in BLURB.write(Fix("Fix it", 1, "X."), {}).remarks[0]
    assert BLURB.place(Fix("Fix it", 1), {}) is None
    assert BLURB.wants(Fix("Fix it", 1), {}) == ()
    assert "no section “Lib”" in BLURB.write(Fix("gh-1: x", 1, "X.", "Lib"), {}).remarks[0]
    said = " ".join(BLURB.check(Fix("gh-1: x", 1, "- gh-1: fix")))
    assert "begins with a bullet" in said
    assert "does not end with" in said
    assert "names its own issue" in " ".join(BLURB.check(Fix("gh-1: x", 1, "gh-1: Fix.")))


def test_no_notes_at_all() -> None:
    """The style `none` wants nothing, finds nothing and writes nothing."""
    none, fix = STYLES["none"], Fix("x", 1, "X.")
    assert none.wants(fix, {}) == ()
    assert none.place(fix, {}) is None
    assert none.write(fix, {}).remarks == ("This project is configured to have no release notes.",)
