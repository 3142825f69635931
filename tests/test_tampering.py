"""What other hands do to the bot's own records is seen, undone and told, and never believed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core import vote_record
from bot.engine import register
from devkit.github.state import Comment
from tests.test_replay import bot, settings
from tests.vote_scene import SEATS, VoteScene, vote_scene
from tests.waiting import until

WEEK = timedelta(days=7)


@pytest.fixture
async def decided(tmp_path: Path) -> AsyncIterator[VoteScene]:
    """Tell the story up to its backports: asked, voted on, accepted."""
    async with vote_scene(tmp_path) as scene:
        await scene.opened()
        for seat in SEATS:
            await scene.vote(seat, "+1")
        scene.service.clock.forward(WEEK)
        await scene.told("### Accepted")
        await until(lambda: len(scene.repository.pulls) == 3)
        yield scene


def record(scene: VoteScene, kind: str) -> Comment:
    """Find the comment that holds a record of this kind."""
    return next(
        one for one in scene.pull.comments.values() if f"<!-- stablehand:{kind}=" in one.body
    )


async def test_a_changed_decision_is_written_anew(decided: VoteScene) -> None:
    """A decision that somebody edits, twice, holds its record again; one comment names them."""
    comment = record(decided, vote_record.DECISION)
    for text in ("Refused.", comment.body.replace("Accepted", "Refused")):
        decided.github.edit_comment(
            decided.repository, decided.pull, comment, text, by="maintainer"
        )
        await until(lambda: "### Accepted" in comment.body)
        assert "Refused" not in comment.body
    said = await decided.told("maintainer changed [the comment of a decision]")
    assert decided.said().count(said) == 1
    assert '"event": "tampered"' in decided.service.log.read_text()


async def test_the_lost_database_comes_back_equal(decided: VoteScene) -> None:
    """Without the database all is restored from GitHub alone, and the backports are known."""
    database = decided.service.data / "stablehand.sqlite"
    await until(lambda: bool(decided.records.pulls))
    await decided.service.stop()
    async with register.opened(f"sqlite:///{database}"):
        before = await register.everything(decided.repository.id)
    assert len(before[0]) == len(before[1]) == 1
    for file in database.parent.glob("stablehand.sqlite*"):
        file.unlink()
    given = settings(decided.github, decided.service.data)
    ran = await bot("rebuild", "acme/tool", "--json", environment=given)
    assert ran.code == 0, ran.out + ran.err
    (said,) = json.loads(ran.out)
    assert said["ballots"] == len(SEATS)
    assert [backport["series"] for backport in said["backports"]] == ["2.x", "1.x"]
    async with register.opened(f"sqlite:///{database}"):
        assert await register.everything(decided.repository.id) == before
    ran = await bot("explain", f"acme/tool#{decided.pull.number}", environment=given)
    assert ran.code == 0, ran.out + ran.err
