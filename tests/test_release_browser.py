"""The releaser's pages in a real browser, where the machine has one."""

from __future__ import annotations

import asyncio
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from justhtml import JustHTML

from devkit.service import running_service
from tests.recorded_vote import recorded_vote
from tests.release_case import IN, WAITING
from tests.test_release_pages import HERE, Told

_BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or ""
_ALONE = (
    *("--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
    *("--no-sandbox", "--enable-logging=stderr", "--virtual-time-budget=2000"),
)
_PATIENCE = 120.0  # seconds


async def browse(url: str, profile: Path, *wanted: str) -> tuple[str, str]:
    """Open a page; give what the browser made of it, and what it complained of."""
    command = (_BROWSER, *_ALONE, f"--user-data-dir={profile}", *wanted, url)
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    async with asyncio.timeout(_PATIENCE):
        out, err = await process.communicate()
    return out.decode(), "\n".join(line for line in err.decode().splitlines() if "CONSOLE" in line)


@pytest.mark.skipif(not _BROWSER, reason="no chromium on this machine")
async def test_a_browser_shows_the_page_of_a_version(tmp_path: Path) -> None:
    """It applies our style, which the policy of the page names, and has nothing to complain of."""
    async with recorded_vote(tmp_path) as case:
        told = Told(case, tmp_path / "data")
        await told.keep(WAITING, IN)
        async with running_service(case.github, told.data) as service:
            url, profile = f"{service.url}{HERE}/4.1.6", tmp_path / "profile"
            shown, complaints = await browse(url, profile, "--dump-dom")
            picture = tmp_path / "page.png"
            await browse(url, profile, f"--screenshot={picture}", "--window-size=1000,1200")
    texts = [node.to_text() for node in JustHTML(shown, sanitize=False).query("caption")]
    assert (texts, complaints) == (["Not in yet", "In the branch"], "")
    assert picture.read_bytes().startswith(b"\x89PNG")
