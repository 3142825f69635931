from __future__ import annotations

from pathlib import Path

from bot.core import note_text
from bot.core.comments import COMMAND
from bot.core.noted import Stand
from bot.core.notes.paths import path_of
from tests.note_case import SENTENCE, NoteCase, note_case, stub
from tests.small_case import MERGER, said

OTHER = "* Mended the answer that Django 3.1 lost (:ticket:`34063`)."


def replies(scene: NoteCase, kind: str) -> list[str]:
    """Give the comments of a kind on the source pull request."""
    return [comment.body for comment in said(scene.case.pull, kind)]


async def test_a_sentence_is_heard_at_any_time(tmp_path: Path) -> None:
    """It is answered, checked in one comment, and is on every backport; an outsider's is not."""
    async with note_case(tmp_path, "comment") as scene:
        await scene.brought()
        assert "* Fixed it (:ticket:`34063`)." in scene.stub("4.1.x")
        await scene.say("/note Buy this thing!", by="mallory")
        assert "Buy" not in scene.stub("4.1.x")
        assert len(replies(scene, COMMAND)) == 1
        await scene.say("/note help")
        assert len(replies(scene, note_text.HELP)) == 1
        await scene.say("/note Fixed a bug that lost the answer.")
        (checked,) = replies(scene, note_text.WORDS)
        assert "It names no version that brought the bug" in checked
        await scene.say(f"/note {SENTENCE}")
        (checked,) = replies(scene, note_text.WORDS)
        assert "is as it should be" in checked
        assert f"* {SENTENCE}" in scene.stub("3.2.x")
        assert scene.noted("4.1.x").stand is Stand.OFFERED
        assert await scene.subjects("4.1.x") == ["[4.1.x] Fixed #34063 -- Fixed it. (#1)"]
        assert scene.forwarded("main") is None
        await scene.say("/note commit")
        assert (await scene.subjects("4.1.x"))[1:] == ["[4.1.x] Added release note for 4.1.5."]
        assert scene.forwarded("main")


async def test_a_note_is_followed_to_its_branch(tmp_path: Path) -> None:
    """It moves with the version, is missed where the fix came without it, and may be reworded."""
    async with note_case(tmp_path, "comment") as scene:
        await scene.say(f"/note {SENTENCE}")
        await scene.brought()
        await scene.released()
        assert "### Release note for 4.1.6\n" in scene.stub("4.1.x")
        assert "4.1.5 is out without this fix" in scene.stub("4.1.x")
        assert "4.1.5 is out, so it moved" in scene.case.row("4.1.x").note
        pull, case = scene.backport("4.1.x"), scene.case
        await case.github.merge(case.repository, pull, by=MERGER, method="rebase")
        await case.settled()
        assert "The fix is in, its note is not." in scene.stub("4.1.x")
        text = {path_of("4.1.6"): stub("4.1.6", "4.1.5", OTHER)}
        await scene.write("stable/4.1.x", text, "[4.1.x] Added a note.")
        await case.settled()
        noted = scene.noted("4.1.x")
        assert noted.stand is Stand.WRITTEN
        assert any("reads otherwise" in remark for remark in noted.remarks)
        assert any("now lists one" in remark for remark in noted.remarks)
        assert OTHER in scene.stub("4.1.x")
