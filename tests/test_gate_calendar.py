"""A phase ends, and what it let in is judged again, though nobody touched it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.core import gate_text
from devkit.timed_service import REPAIR
from tests.vote_scene import VoteScene, vote_scene
from tests.waiting import until

_LAST_DAY, _DAY_AFTER = datetime(2023, 4, 30, 10, tzinfo=UTC), datetime(2023, 5, 1, 10, tzinfo=UTC)


def conclusions(scene: VoteScene) -> list[str]:
    """Give how the policy check stands on each head where there is one."""
    found = [one.fields for one in scene.repository.checks.values()]
    return [str(one["conclusion"]) for one in found if one["name"] == gate_text.NAME]


async def test_a_crash_is_let_in_until_the_phase_ends(tmp_path: Path) -> None:
    """The check is green on the last day of the phase and turns red on the day after."""
    often = {REPAIR: "*/2 * * * * *"}
    async with vote_scene(tmp_path, now=_LAST_DAY, environment=often) as scene:
        github, repository = scene.github, scene.repository
        base, subject = repository.branch("stable/2.x"), "[2.x] Fixed #7 -- It."
        await github.push(repository, {"refs/heads/by-hand": base}, by="ann")
        message = f"{subject}\n\nBackport of {scene.fix} from main."
        files = {"a.txt": "1\ntwo\n3\n"}
        await github.commit(repository, "by-hand", files, message=message, by="ann")
        text = f"{subject}\nFix class: crash"
        await github.open_pull(repository, "by-hand", "stable/2.x", by="ann", text=text)
        await until(lambda: conclusions(scene) == ["success"])
        scene.service.clock.set(_DAY_AFTER)
        await until(lambda: conclusions(scene) == ["failure"])
