from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from bot.adapters.logs import LogFolder
from bot.web.logs import LogPages

DAY = 86_400
Client = TestClient[web.Request, web.Application]


@pytest.fixture
def folder(tmp_path: Path) -> LogFolder:
    """Give a folder of logs that does not exist yet."""
    return LogFolder(tmp_path / "logs", "https://bot.example", 30)


@pytest.fixture
async def client(folder: LogFolder, aiohttp_client: AiohttpClient) -> Client:
    """Give a client of a service that shows the logs."""
    application = web.Application()
    application.router.add_get("/logs/{token}", LogPages(folder.find).show)
    return await aiohttp_client(application)


def token(url: str) -> str:
    """Give the name of a log from its address."""
    return url.rpartition("/")[2]


async def test_a_log_is_read_at_its_address(folder: LogFolder, client: Client) -> None:
    """What was written is shown as plain text that no browser runs, keeps or passes on."""
    log = folder.begin()
    log.write("base", "5 passed <script>alert(1)</script> \udcff\n")
    log.write("green", "8 passed\n\n")
    assert log.url == f"https://bot.example/logs/{token(log.url)}"
    async with client.get(f"/logs/{token(log.url)}") as answer:
        assert answer.status == 200
        text = await answer.text()
    assert text == (
        "===== base\n\n5 passed <script>alert(1)</script> ?\n\n===== green\n\n8 passed\n\n"
    )
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "name",
    [
        "x" * 22,
        "%2e%2e%2fservice.log",
        "..%2f..%2fetc%2fpasswd",
        "x",
        "x" * 5000,
        "%00" * 22,
        "%ff",
    ],
)
async def test_no_other_file_is_shown(folder: LogFolder, client: Client, name: str) -> None:
    """A name that no log has leads to nothing, whatever stands in it."""
    folder.begin().write("base", "text")
    (folder.folder.parent / "service.log").write_text("secret")
    async with client.get(f"/logs/{name}") as answer:
        assert answer.status == 404
        assert "secret" not in await answer.text()


def test_a_name_cannot_be_guessed(folder: LogFolder) -> None:
    """Each name has 128 random bits, and the folder is nobody else's to list."""
    names = {token(folder.begin().url) for _ in range(100)}
    assert len(names) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", name) for name in names)
    assert folder.folder.stat().st_mode & 0o077 == 0


def test_old_logs_are_swept(folder: LogFolder) -> None:
    """A log goes when nobody wrote to it for longer than it is kept; sweeping nothing is fine."""
    assert folder.sweep() == 0
    old, new = folder.begin(), folder.begin()
    for log, days in ((old, 31), (new, 29)):
        log.write("base", "text")
        os.utime(log.path, (0, time.time() - days * DAY))
    assert folder.sweep() == 1
    assert folder.find(token(old.url)) is None
    assert folder.find(token(new.url)) == new.path


def test_without_an_address_there_is_no_link(tmp_path: Path) -> None:
    """A log is kept all the same, for who may read the disk."""
    log = LogFolder(tmp_path, "", 30).begin()
    log.write("base", "text")
    assert log.url == ""
    assert "text" in log.path.read_text()


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """Where there is no folder to write to, writing is in vain but no error."""
    (tmp_path / "logs").write_text("no folder")
    log = LogFolder(tmp_path / "logs", "", 30).begin()
    log.write("base", "text")
    assert LogFolder(tmp_path / "logs", "", 30).sweep() == 0
