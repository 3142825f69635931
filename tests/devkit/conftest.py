"""A running local GitHub with one repository, a client that speaks for the App, and an inbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from devkit.github import AppRegistration, LocalGitHub
from devkit.github.client import AppClient
from devkit.github.inbox import Inbox, open_inbox
from devkit.github.state import Pull, Repository

REGISTRATION = AppRegistration.create()


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    """Receive webhooks."""
    async with open_inbox() as inbox:
        yield inbox


@pytest.fixture
async def github(tmp_path: Path, inbox: Inbox) -> AsyncIterator[LocalGitHub]:
    """Run a local GitHub that sends its webhooks to the inbox."""
    running = await LocalGitHub.start(tmp_path, app=REGISTRATION, webhook_url=inbox.url)
    yield running
    await running.stop()


@pytest.fixture
async def django(github: LocalGitHub) -> Repository:
    """Give a repository with `main`, a stable branch at the same commit, and a fix branch."""
    repository = await github.add_repository("django", "django")
    files = {"a.txt": "1\n", ".github/workflows/ci.yml": "on: push\n"}
    sha = await github.commit(repository, "main", files, message="Begun")
    await github.push(repository, {"refs/heads/stable/4.1.x": sha}, by="felixxm")
    await github.commit(repository, "fix", {"a.txt": "2\n"}, message="Fixed #1 -- It.")
    return repository


@pytest.fixture
async def pull(github: LocalGitHub, django: Repository) -> Pull:
    """Give an open pull request from the fix branch."""
    return await github.open_pull(django, "fix", "main", by="someone", text="Fixed #1 -- It.")


@pytest.fixture
async def client(github: LocalGitHub, django: Repository) -> AsyncIterator[AppClient]:
    """Give a client that is logged in, with no request counted yet."""
    async with aiohttp.ClientSession() as session:
        client = AppClient(github, session)
        await client.log_in(django.owner.login)
        github.reset_counts()
        yield client
