"""Changelogs with a section of what is not released, drawn as five projects draw theirs.

The forms (headings, marks, references, spacing) are those of psf/black CHANGES.md,
hynek/structlog CHANGELOG.md, pallets/click CHANGES.rst, birnbaum/rfvis CHANGELOG.md and the
example of keepachangelog.com; the entries are shortened.
"""

from __future__ import annotations

import pytest

from bot.core.notes import STYLES
from bot.core.notes.changelog_text import bullets, sections, unreleased
from bot.core.release_notes import Fix, Shape, Written

STYLE = STYLES["changelog"]

BLACK = """\
# Change Log

## Unreleased

### Highlights

- Python 3.13 is supported (#4436)

### Stable style

<!-- Changes that affect Black's stable style -->

### Preview style

<!-- Changes that affect Black's preview style -->

## 24.8.0

### Stable style

- Fix crash when `# fmt: off` is used before a closing parenthesis or bracket. (#4363)
"""

STRUCTLOG = """\
# Changelog

<!-- changelog follows -->

## [Unreleased](https://github.com/hynek/structlog/compare/22.1.0...HEAD)

### Added

- String interpolation:

  ```pycon
  # Unreleased
  >>> log.info("Hello %s!", "World")
  ```

  [#454](https://github.com/hynek/structlog/pull/454)


### Fixed

- The timestamps in the default configuration now use the correct separator (`:`) for seconds.


## [22.1.0](https://github.com/hynek/structlog/compare/21.5.0...22.1.0) - 2022-07-20
"""

CLICK = """\
.. currentmodule:: click

Version 8.0
-----------

Unreleased

-   Drop support for Python 2 and 3.5.
-   Adds a repr to Command, showing the command name for friendlier
    debugging. :issue:`1267`, :pr:`1295`

    -   A finer point.


Version 7.1.2
-------------

Released 2020-04-27

-   Revert applying shell quoting. :issue:`1514`
"""

RFVIS = """\
# Changelog
All notable changes to this project will be documented in this file.

## [Unreleased]
### Added
- Implemented Python API

## [0.2.1] - 2017-06-20
### Fixed
- Fixed packaging and a few minor bugs
"""

KEEP = """\
# Changelog

## [Unreleased]

### Added

- v1.1 German Translation

### Fixed

- Fix typos in recent changes.

## [1.1.1] - 2023-03-05

### Added

- Arabic translation (#444).
"""

SENTENCE = "Fix a crash where an empty line came first."


def write(text: str, kind: str = "", number: int = 77, path: str = "CHANGELOG.md") -> Written:
    """Write a note into a changelog."""
    return STYLE.write(Fix("Fix it", number, SENTENCE, kind), {path: text.encode()})


@pytest.mark.parametrize(
    ("text", "kind", "before", "added"),
    [
        (
            BLACK,
            "Stable style",
            "<!-- Changes that affect Black's stable style -->\n\n",
            f"- {SENTENCE} (#77)\n",
        ),
        (
            STRUCTLOG,
            "",
            "separator (`:`) for seconds.\n",
            f"- {SENTENCE}\n  [#77](https://github.com/hynek/structlog/pull/77)\n",
        ),
        (
            CLICK,
            "",
            "    -   A finer point.\n",
            f"-   {SENTENCE} :pr:`77`\n",
        ),
        (
            RFVIS,
            "",
            "- Implemented Python API\n\n### Fixed\n",
            f"- {SENTENCE}\n",
        ),
        (
            KEEP,
            "",
            "- Fix typos in recent changes.\n",
            f"- {SENTENCE} (#77)\n",
        ),
    ],
)
def test_an_entry_is_drawn_like_its_neighbours(
    text: str, kind: str, before: str, added: str
) -> None:
    """Place, mark, indentation and reference are those of the project; all else stays."""
    written = write(text, kind)
    (content,) = written.files.values()
    made = content.decode()
    assert before + added in made
    lines = [line for line in made.splitlines() if line not in added and line != "### Fixed"]
    assert [line for line in lines if line] == [
        line for line in text.splitlines() if line and line != "### Fixed"
    ]
    assert STYLE.write(Fix("Fix it", 77, SENTENCE, kind), {"CHANGELOG.md": content}).files == {}


@pytest.mark.parametrize(
    ("text", "title", "entries"),
    [
        (BLACK, "Unreleased", 1),
        (STRUCTLOG, "[Unreleased](https://github.com/hynek/structlog/compare/22.1.0...HEAD)", 2),
        (CLICK, "Version 8.0", 2),
        (RFVIS, "[Unreleased]", 1),
        (KEEP, "[Unreleased]", 2),
    ],
)
def test_what_is_unreleased_is_found(text: str, title: str, entries: int) -> None:
    """Section and entries are read as people read them; code is not taken for headings."""
    lines = text.split("\n")
    (found,) = unreleased(lines, sections(lines))
    assert found.title == title
    assert len(bullets(lines, found.start, found.end)) == entries


def test_a_heading_for_fixes_is_opened_where_headings_are_of_that_kind() -> None:
    """An empty section gets one as soon as released ones have such headings."""
    empty = "# Changelog\n\n## [Unreleased]\n\n## [1.0]\n\n### Added\n\n- X.\n"
    (content,) = write(empty).files.values()
    assert f"## [Unreleased]\n\n### Fixed\n\n- {SENTENCE}\n\n## [1.0]" in content.decode()


def test_entries_apart_stay_apart() -> None:
    """Where blank lines stand between entries one stands before the new one."""
    text = "Changes\n=======\n\nUnreleased\n----------\n\n* A.\n\n* B.\n\n1.0\n---\n"
    (content,) = write(text, path="CHANGES.rst").files.values()
    assert f"* B.\n\n* {SENTENCE}\n\n1.0\n" in content.decode()


@pytest.mark.parametrize(
    ("text", "number", "why"),
    [
        (BLACK, 77, "say under which heading it goes: “Highlights”, “Stable style”"),
        (KEEP.replace("[Unreleased]", "[1.2]"), 77, "has no section “Unreleased”"),
        (KEEP.replace("[1.1.1]", "Unreleased"), 77, "has 2 sections “Unreleased”"),
        (KEEP.replace("changes.", "changes. (#77)"), 77, "has this note already"),
        (KEEP.replace("- Fix typos in recent changes.", f"- {SENTENCE}"), 0, "has this note"),
        (KEEP.replace("- v1", "<<<<<<< a\n- v1\n=======\n>>>>>>> b"), 77, "conflict markers"),
        (KEEP.replace("\n", "\r\n", 1), 77, "mixes two kinds of line ends"),
        (KEEP + "\r", 77, "mixes two kinds of line ends"),
    ],
)
def test_why_no_entry_is_written(text: str, number: int, why: str) -> None:
    """Nothing is written twice, into a released section, or where it is not plain where."""
    written = write(text, number=number)
    assert written.files == {}
    assert why in written.remarks[0]


def test_line_ends_are_kept() -> None:
    """A file with carriage returns is one afterwards."""
    (content,) = write(KEEP.replace("\n", "\r\n")).files.values()
    assert content.count(b"\n") == content.count(b"\r\n")


def test_the_first_changelog_that_is_there_is_taken() -> None:
    """Several names are usual; without any there is nothing to write into."""
    files = {"CHANGES.rst": CLICK.encode(), "CHANGELOG.md": None}
    place = STYLE.place(Fix("x", 1), files)
    assert place
    assert (place.path, place.shape) == ("CHANGES.rst", Shape.UNRELEASED)
    assert STYLE.picked(place, ["CHANGES.rst"], files) == "CHANGES.rst"
    assert STYLE.place(Fix("x", 1), {}) is None
    assert "There is no changelog" in STYLE.write(Fix("x", 1, SENTENCE), {}).remarks[0]
    assert "is not UTF-8" in STYLE.write(Fix("x", 1), {"CHANGES.md": b"\xff"}).remarks[0]
    assert any("bullet" in one for one in STYLE.check(Fix("x", 1, "- Fix it.")))
