"""Local mode called as people call it, in repositories that are looked at before and after."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core import defaults
from devkit.django import STABLE, DjangoRepository
from devkit.history import environment, git

ROOT = Path(__file__).parents[1]
PROOF_ALONE = re.sub(r"regression = \[[^\]]*\]", "regression = []", defaults.DJANGO)
"""Django's configuration without the wider set of tests, which takes most of the time."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """How one call of local mode ended."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> Json:
        """Read the one JSON object that was printed."""
        answer: Json = json.loads(self.out)
        return answer

    @property
    def targets(self) -> dict[str, Json]:
        """Give the targets by what was asked for."""
        return {target["onto"]: target for target in self.answer["targets"]}


def bot(*arguments: str | Path, env: Mapping[str, str] | None = None) -> Ran:
    """Run `python -m bot` as a process of its own."""
    known = {**environment(), "XDG_CACHE_HOME": str(ROOT / ".cache"), "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-m", "bot", *map(str, arguments)],
        cwd=ROOT,
        env={**known, **(env or {})},
        capture_output=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def clone_of(source: DjangoRepository, folder: Path) -> Path:
    """Clone, with the stable branches as remote branches and the releases as tags.

    Only the folders that the fix touches are checked out, which saves seconds.
    """
    options = ("--quiet", "--shared", "--sparse")
    git(source.git_dir, "clone", *options, str(source.git_dir), str(folder))
    git(folder, "sparse-checkout", "set", "django/test", "tests/test_client")
    for branch, tag in STABLE.items():
        git(folder, "tag", "--no-sign", tag, f"origin/{branch}")
    git(folder, "config", "user.name", "A merger")
    git(folder, "config", "user.email", "merger@example.org")
    return folder


def fingerprint(*folders: Path) -> dict[str, object]:
    """Give content, time and mode of everything below some folders, git's own files included."""
    paths = [path for folder in folders for path in (folder, *sorted(folder.rglob("*")))]
    return {
        str(path): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            path.lstat().st_mtime_ns,
            path.lstat().st_mode,
        )
        for path in paths
    }


def refs(repository: Path) -> dict[str, str]:
    """Give every ref and what it points at, HEAD too."""
    shown = git(repository, "for-each-ref", "--format=%(refname) %(objectname)")
    named = dict(line.split(" ") for line in shown.splitlines())
    return {**named, "HEAD": git(repository, "rev-parse", "--symbolic-full-name", "HEAD")}
