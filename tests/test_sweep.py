"""What fell into an outage is asked for again, and old things are put in order."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.git.mirror import GitMirrors, Home
from bot.adapters.git.run import Git
from bot.adapters.logs import LogFolder
from bot.engine import durable, sweep, world
from bot.engine.runtime import Options
from bot.engine.world import World
from devkit.github import running_github
from devkit.service import Service
from tests.waiting import until


async def test_a_delivery_lost_in_an_outage_is_made_up(tmp_path: Path) -> None:
    """A label set while the service is down has its effect soon after the next start."""
    async with running_github(tmp_path / "github") as github:
        repository = await github.add_repository("acme", "tool")
        await github.commit(repository, "main", {"a": "1\n"}, message="Begun.")
        await github.commit(repository, "fix", {"a": "2\n"}, message="Fixed it.")
        pull = await github.open_pull(repository, "fix", "main", by="ann")
        service = Service(github, tmp_path / "data")
        github.label(repository, pull, "council exception", by="ann")
        await github.webhooks.idle()
        assert {one.status_code for one in github.webhooks.deliveries} != {202}
        await service.start()
        try:
            await until(lambda: bool(pull.comments))
        finally:
            await service.stop()
        (comment,) = pull.comments.values()
        assert "has no `.github/stablehand.toml`" in comment.body


async def test_mirrors_are_kept_in_order_each_night(tmp_path: Path, database_url: str) -> None:
    """The nightly work goes through mirrors and logs: a killed git's lock and an old log go."""
    place = tmp_path / "mirrors" / "acme" / "tool.git"
    await Git(None)("init", "--bare", "--quiet", str(place))
    (place / "packed-refs.lock").touch()
    mirrors = GitMirrors(Home(tmp_path, "http://127.0.0.1:9", "Bot <bot@bot.test>"))
    logs = LogFolder(tmp_path / "logs", "", 30)
    log = logs.begin()
    log.write("green", "1 passed")
    os.utime(log.path, (0, 0))
    nobody: Any = None  # the nightly work needs no more of the world
    world.install(World(nobody, mirrors, nobody, nobody, nobody, logs, nobody, nobody, nobody))
    options = Options(
        database_url=database_url,
        executor_name="test",
        queues=durable.ALL_QUEUES,
        on_bug=lambda error: pytest.fail(str(error)),
        poll_seconds=0.05,
    )
    async with durable.running(options):
        await durable.spawn(sweep.tidy, "tidy", None, queue="deliveries")
        await until(lambda: not (place / "packed-refs.lock").exists() and not log.path.exists())
