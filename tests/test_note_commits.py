from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.noted import Stand
from bot.core.notes.paths import INDEX, path_of
from tests.note_case import SENTENCE, NoteCase, note_case
from tests.small_case import SERIES

BULLET = "* Fixed a bug in Django 3.1 that lost the answer (:ticket:`34063`).\n"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[NoteCase]:
    """Set the scene: a project that has its notes committed."""
    async with note_case(tmp_path) as scene:
        yield scene


async def test_notes_are_committed_and_brought_to_main(scene: NoteCase) -> None:
    """Each backport has its note from the start; main and newer branches get theirs by pulls."""
    await scene.say(f"/note {SENTENCE}")
    await scene.brought()
    assert await scene.subjects("4.1.x") == [
        "[4.1.x] Fixed #34063 -- Fixed it. (#1)",
        "[4.1.x] Added release note for 4.1.5.",
    ]
    heads = {series: scene.case.head(series) for series in SERIES}
    assert BULLET in str(await scene.file(heads["4.1.x"], path_of("4.1.5")))
    assert "* ..." not in str(await scene.file(heads["4.1.x"], path_of("4.1.5")))
    assert BULLET in str(await scene.file(heads["3.2.x"], path_of("3.2.17")))
    assert "   3.2.17\n   3.2.16\n" in str(await scene.file(heads["3.2.x"], INDEX))
    assert all(scene.noted(series).stand is Stand.PROPOSED for series in SERIES)
    assert scene.backport("4.1.x").head_sha in scene.stub("4.1.x")
    main, newer = scene.forwarded("main"), scene.forwarded("stable/4.1.x")
    assert main
    assert newer
    assert main.title == "Refs #34063 -- Added release notes for 4.1.5, 4.0.9 and 3.2.17."
    assert newer.title == "[4.1.x] Refs #34063 -- Added release notes for 4.0.9 and 3.2.17."
    for version in ("4.1.5", "4.0.9", "3.2.17"):
        assert BULLET in str(await scene.file(main.head_sha, path_of(version)))
    assert "   4.0.9\n   4.0.8\n" in str(await scene.file(main.head_sha, INDEX))
    assert await scene.file(newer.head_sha, path_of("4.1.6")) is None
    assert scene.forwarded("stable/3.2.x") is None
    assert scene.shares()["main"].pull == main.number


async def test_a_note_moves_with_the_version(scene: NoteCase) -> None:
    """After 4.1.5 is out the note is for 4.1.6, there alone, and git can merge it."""
    await scene.say(f"/note {SENTENCE}")
    await scene.brought()
    await scene.released()
    head = scene.case.head("4.1.x")
    assert (await scene.subjects("4.1.x"))[1:] == ["[4.1.x] Added release note for 4.1.6."]
    assert BULLET in str(await scene.file(head, path_of("4.1.6")))
    assert BULLET not in str(await scene.file(head, path_of("4.1.5")))
    assert scene.noted("4.1.x").moved_from == "4.1.5"
    assert "4.1.5 is out without this fix, so the note goes to 4.1.6." in scene.stub("4.1.x")
    main = scene.forwarded("main")
    assert main
    assert main.title == "Refs #34063 -- Added release notes for 4.1.6, 4.0.9 and 3.2.17."
    assert BULLET in str(await scene.file(main.head_sha, path_of("4.1.6")))
    assert BULLET not in str(await scene.file(main.head_sha, path_of("4.1.5")))
    case = scene.case
    await case.github.merge(case.repository, scene.backport("4.1.x"), by="felixxm", method="rebase")
    await case.github.merge(case.repository, main, by="felixxm")
    await case.settled()
    assert scene.noted("4.1.x").stand is Stand.WRITTEN
    assert scene.shares()["main"].lacking == ()


async def test_a_moved_version_without_notes_needs_one_more_commit(scene: NoteCase) -> None:
    """Where the branch has no notes for either version our branch only goes on."""
    await scene.say(f"/note {SENTENCE}")
    await scene.brought()
    before = scene.backport("4.0.x").head_sha
    version = {"django/__init__.py": "VERSION = (4, 0, 10, 'alpha', 0)\n"}
    await scene.write("stable/4.0.x", version, "[4.0.x] Post-release version bump.")
    await scene.case.settled()
    assert (await scene.subjects("4.0.x"))[1:] == [
        "[4.0.x] Added release note for 4.0.9.",
        "[4.0.x] Moved release note from 4.0.9 to 4.0.10.",
    ]
    head = scene.backport("4.0.x").head_sha
    assert await scene.file(head, path_of("4.0.9")) is None
    assert BULLET in str(await scene.file(head, path_of("4.0.10")))
    assert "4.0.9\n" not in str(await scene.file(head, INDEX))
    assert await scene.case.repository.git.text("merge-base", before, head) == before


async def test_other_words_are_one_more_commit(scene: NoteCase) -> None:
    """A better sentence comes to every branch, and to main."""
    await scene.brought()
    assert "Fixed it (:ticket:`34063`)." in str(
        await scene.file(scene.case.head("4.1.x"), path_of("4.1.5"))
    )
    await scene.say(f"/note {SENTENCE}")
    assert (await scene.subjects("4.1.x"))[-1] == "[4.1.x] Reworded release note for 4.1.5."
    text = str(await scene.file(scene.case.head("4.1.x"), path_of("4.1.5")))
    assert BULLET in text
    assert "Fixed it" not in text
    main = scene.forwarded("main")
    assert main
    assert BULLET in str(await scene.file(main.head_sha, path_of("3.2.17")))


async def test_nothing_is_written_over_a_persons_commit(scene: NoteCase) -> None:
    """Who committed to a backport or to main's pull request keeps it, and is told the text."""
    await scene.brought()
    pull, main = scene.backport("4.1.x"), scene.forwarded("main")
    assert main
    await scene.write(pull.head, {"more.txt": "1\n"}, "[4.1.x] More.")
    await scene.write(main.head, {"more.txt": "1\n"}, "More.")
    heads = pull.head_sha, main.head_sha
    await scene.say(f"/note {SENTENCE}")
    assert (pull.head_sha, main.head_sha) == heads
    assert "commits by others" in " ".join(scene.shares()["main"].remarks)
    assert scene.noted("4.0.x").stand is Stand.PROPOSED


async def test_a_closed_pull_request_stays_closed(scene: NoteCase) -> None:
    """What a person does not want is not opened again, and said."""
    await scene.brought()
    main = scene.forwarded("main")
    assert main
    scene.case.github.close(scene.case.repository, main, by="felixxm")
    await scene.say(f"/note {SENTENCE}")
    assert scene.forwarded("main") is main
    assert main.state == "closed"
    assert "not opened again" in " ".join(scene.shares()["main"].remarks)
