"""A git that stands where it was not built for, as Heroku's apt buildpack puts it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bot.adapters.git.run import Git


async def test_a_moved_git_finds_its_own_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs of git are found beside a git that was moved together with them."""
    programs = tmp_path / "usr/lib/git-core"
    programs.mkdir(parents=True)
    (tmp_path / "usr/bin").mkdir()
    shutil.copy(shutil.which("git") or "", tmp_path / "usr/bin/git")
    (programs / "git-whereabouts").write_text("#!/bin/sh\necho beside\n")
    (programs / "git-whereabouts").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/usr/bin{os.pathsep}{os.defpath}")
    assert await Git(None).line("whereabouts") == "beside"
