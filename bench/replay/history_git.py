"""Plain git on a clone that is only read."""

from __future__ import annotations

import subprocess
from pathlib import Path

from devkit.history import environment


def ask(clone: Path, *arguments: str, stdin: str = "") -> str:
    """Run git and give what it prints; bytes that are no UTF-8 are replaced.

    Raises subprocess.CalledProcessError where git fails.
    """
    command = ["git", "-C", str(clone), *arguments]
    done = subprocess.run(
        command, env=environment(), input=stdin.encode(), capture_output=True, check=True
    )
    return done.stdout.decode(errors="replace")
