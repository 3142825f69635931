"""What fell into an outage is asked for again, by the real service."""

from __future__ import annotations

from pathlib import Path

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
