from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.vote_scene import vote_scene
from tests.waiting import until

DAY = timedelta(days=1)


async def test_a_vote_from_the_request_to_the_backports(tmp_path: Path) -> None:
    """Asked, voted on, accepted after a week: the label is set, the pull requests are open."""
    async with vote_scene(tmp_path) as scene:
        opened = await scene.opened()
        assert "open until 2023-01-06 10:00 UTC" in opened
        for seat in ("seat1", "seat2", "seat3", "seat4"):
            await scene.vote(seat, "+1")
        scene.service.clock.forward(DAY * 5)
        await scene.told("Still to vote: @seat5")
        scene.service.clock.forward(DAY * 2)
        await scene.told("### Accepted: exception 7")
        await until(lambda: len(scene.repository.pulls) == 3)
        assert scene.pull.labels == ["council exception"]
        await until(lambda: bool(scene.records.pulls))
        (filed,) = scene.records.pulls.values()
        assert "exceptions/7.toml" in await scene.records.git.text(
            "ls-tree", "-r", "--name-only", filed.head_sha
        )
        await until(lambda: ": accepted" in scene.said()[0])
