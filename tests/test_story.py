"""The whole path on real Django trees, the service as its own process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from devkit import django, scenario
from devkit.github import running_github
from devkit.service import running_service


async def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something has come about."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


async def test_one_label(tmp_path: Path) -> None:
    source = django.build(django.CACHE, tmp_path / "django.git")
    async with running_github(tmp_path / "github") as github:
        case = await scenario.merged_fix(github, source)
        async with running_service(github, tmp_path / "data") as service:
            github.label(case.repository, case.pull, scenario.LABEL, by=scenario.MERGER)
            try:
                await until(lambda: len(case.repository.checks) == 2 and all(c.fields["status"] == "completed" for c in case.repository.checks.values()))
                await asyncio.sleep(2)
            finally:
                print(service.log.read_text()[-6000:])
                print(*github.calls, sep="\n")
                print(github.git_operations)
                for p in case.repository.pulls.values():
                    print(p.number, p.title, p.head, p.base)
                    for c in p.comments.values(): print(c.body)
                for c in case.repository.checks.values(): print(c)
