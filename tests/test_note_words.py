from __future__ import annotations

import pytest
from gidgethub.sansio import Event

from bot.core import config, note_text
from bot.core.commands import Command, Noted
from bot.core.defaults import DJANGO
from bot.core.model import Repository, Target
from bot.core.notes import STYLES
from bot.core.notes.django_version import VERSION_FILE
from bot.core.notes.paths import path_of
from bot.core.release_notes import Change, Files, Fix, Held, Note, Place, Shape
from handlers import translate
from tests.note_case import SENTENCE, stub

FIX = Fix("Fixed #34063 -- Fixed it. (#7)", 7, SENTENCE, moment="2022-11-08-14-00-00")
PLACE = Place(path_of("4.1.6"), exists=True, shape=Shape.BUGFIX, version="4.1.6")
TARGET = Target("stable/4.1.x", "4.1.x")
CONFIGURATION = config.parse(DJANGO)
BULLET = f"* {SENTENCE}"


def heard(body: str, action: str = "created", before: str = "") -> tuple[Command, ...]:
    """Give what a comment on a pull request asks of the note."""
    data = {
        "action": action,
        "installation": {"id": 5},
        "repository": {"id": 1, "name": "django", "owner": {"login": "django"}},
        "issue": {"number": 7, "pull_request": {"url": "x"}},
        "comment": {
            "id": 9,
            "body": body,
            "user": {"login": "ann", "type": "User"},
            "html_url": "x",
            "created_at": "2022-11-08T14:00:00Z",
            "updated_at": "2022-11-08T14:00:00Z",
        },
        "changes": {"body": {"from": before}},
        "sender": {"login": "ann", "type": "User"},
    }
    found = translate(Event(data, event="issue_comment", delivery_id="1"))
    return tuple(one for one in found if isinstance(one, Noted))


@pytest.mark.parametrize("action", ["created", "edited", "deleted"])
def test_a_comment_that_asks_of_the_note_is_told_of(action: str) -> None:
    """Written, changed or taken away: the engine reads it again."""
    repository = Repository(5, 1, "django", "django")
    assert heard("/note Fixed it.", action) == (Noted(repository, 7, 9, "ann"),)


def test_a_comment_that_asked_before_is_told_of() -> None:
    """Who edits the command away takes the sentence back; other comments ask for nothing."""
    assert heard("Never mind.", "edited", "/note Fixed it.")
    assert not heard("Never mind.", "edited", "Hello.")


def test_a_note_that_moved_says_so() -> None:
    """The version that is out is named, and the text that has to be put in is there."""
    change = Change(PLACE.path, BULLET, "under “Bugfixes”, as the last one")
    note = Note(PLACE, picked=False, changes=(change,), moved_from="4.1.5")
    said = note_text.release_note(note, TARGET)
    assert "4.1.5 is out without this fix, so the note goes to 4.1.6." in said
    assert f"Put this in, under “Bugfixes”, as the last one:\n\n```rst\n{BULLET}\n```" in said


def test_a_note_that_is_written_asks_for_nothing() -> None:
    """Our commit is named with what it wrote; what the branch has is shown as it stands."""
    change = Change(PLACE.path, BULLET, "under “Bugfixes”, as the last one")
    ours = note_text.release_note(Note(PLACE, False, (change,), commit="a" * 40), TARGET)  # noqa: FBT003 - a record
    assert f"The commit {'a' * 40} on this pull request writes it." in ours
    assert "Put this in" not in ours
    held = Held(PLACE.path, "* Other words.", same=False)
    theirs = note_text.release_note(Note(PLACE, picked=False, held=held), TARGET)
    assert "on `stable/4.1.x` has it:\n\n```rst\n* Other words.\n```" in theirs


def test_commits_and_pull_requests_are_named_as_the_project_names_them() -> None:
    """The series goes before the subject on a stable branch, and tickets are referred to."""
    assert note_text.subject(CONFIGURATION, "4.1.x", ("4.1.6",)) == (
        "[4.1.x] Added release note for 4.1.6."
    )
    assert note_text.subject(CONFIGURATION, "4.1.x", ("",)) == "[4.1.x] Added release note."
    assert note_text.moved(CONFIGURATION, "4.1.x", "4.1.5", "4.1.6") == (
        "[4.1.x] Moved release note from 4.1.5 to 4.1.6."
    )
    assert note_text.title(CONFIGURATION, "", FIX, ("4.1.6", "4.0.9", "3.2.17")) == (
        "Refs #34063 -- Added release notes for 4.1.6, 4.0.9 and 3.2.17."
    )
    assert note_text.title(CONFIGURATION, "4.1.x", Fix("It", 7), ("4.0.9",)) == (
        "[4.1.x] Added release note for 4.0.9."
    )


def test_a_sentence_is_checked_in_words() -> None:
    """What it lacks is listed with what to do; one that was mended is said to be good."""
    lacking = note_text.checked(FIX, ("It has *no* version.",), "So notes are worded.")
    assert "- It has \\*no\\* version.\n\nSo notes are worded.\n\nAnother `/note …`" in lacking
    assert "is as it should be" in note_text.checked(FIX, (), "")


def django(text: str) -> Files:
    """Give a branch whose notes of 4.1.6 are this text."""
    version = b"VERSION = (4, 1, 6, 'alpha', 0)\n"
    return {VERSION_FILE: version, PLACE.path: text.encode()}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_bullet_is_found_whoever_wrote_it(line_end: str) -> None:
    """As it was given, in other words of the same ticket, or under another heading."""
    style = STYLES["django"]
    given = django(stub("4.1.6", "4.1.5", BULLET).replace("\n", line_end))
    other = "* Mended the answer (:ticket:`34063`)."
    elsewhere = django(stub("4.1.6", "4.1.5").replace("* ...", f"Else\n====\n\n{other}"))
    missing = django(stub("4.1.6", "4.1.5"))
    found, reworded = style.holds(FIX, given), style.holds(FIX, elsewhere)
    assert found
    assert (found.same, found.path) == (True, PLACE.path)
    assert found.remarks == ("It says “several bugs” and now lists one.",)
    assert reworded
    assert (reworded.same, reworded.words) == (False, other)
    assert style.holds(FIX, missing) is None
    assert style.holds(FIX, given, "4.1.7") is None
    assert style.holds(FIX, {}) is None


def test_fragments_and_entries_are_found() -> None:
    """A fragment by its name, an entry by its number, also after a release took it in."""
    text = "[tool.towncrier]\ndirectory = 'changes'\n"
    files: Files = {"pyproject.toml": text.encode(), "changes/34063.bugfix.rst": b"Else.\n"}
    fragment = STYLES["towncrier"].holds(FIX, files)
    log = b"# Changes\n\n## Unreleased\n\n## 2.1\n\n- Fixed it. (#7)\n"
    entry = STYLES["changelog"].holds(FIX, {"CHANGELOG.md": log})
    assert fragment
    assert (fragment.words, fragment.same) == ("Else.", False)
    assert entry
    assert entry.words == "Fixed it. (#7)"
    news = Fix("gh-123083: Fix it.", 7, "Fix it.", moment="2024-08-17-17-26-25")
    style = STYLES["blurb"]
    (path,) = style.wants(news, {})
    assert style.holds(news, {path: b"Fix it.\n"}) == Held(path, "Fix it.", same=True)
    assert style.holds(news, {path: None}) is None
    assert STYLES["none"].holds(FIX, {}) is None
