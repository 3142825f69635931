"""Cherry-picking the way other tools do it: plain git in a work tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

from devkit.history import environment, git


class WorkTrees:
    """A clone with a work tree that is kept, in which plain git picks."""

    def __init__(self, repository: Path, folder: Path) -> None:
        self._kept = folder / "kept"
        self._own = folder / "own"
        git(repository, "clone", "--quiet", "--shared", str(repository), str(self._kept))
        git(self._kept, "config", "user.name", "Bench")
        git(self._kept, "config", "user.email", "bench@localhost")
        git(self._kept, "config", "gc.auto", "0")
        self._stands_on = git(self._kept, "rev-parse", "HEAD")

    def clear(self) -> None:
        """Take the kept work tree back to before its last pick."""
        git(self._kept, "reset", "--quiet", "--hard", self._stands_on)

    def pick(self, commit: str, onto: str) -> bool:
        """Pick in the kept work tree, which stands on the target, and tell whether it was clean."""
        if onto != self._stands_on:
            raise RuntimeError(f"the kept work tree stands on {self._stands_on}, not on {onto}")
        return _picked(self._kept, commit)

    def switch_and_pick(self, commit: str, onto: str) -> bool:
        """Pick in the kept work tree after bringing it to the target."""
        git(self._kept, "checkout", "--quiet", "--force", "--detach", onto)
        self._stands_on = onto
        return _picked(self._kept, commit)

    def pick_in_own_tree(self, commit: str, onto: str) -> bool:
        """Make a work tree for this one pick, and remove it."""
        git(self._kept, "worktree", "add", "--quiet", "--detach", str(self._own), onto)
        clean = _picked(self._own, commit)
        git(self._kept, "worktree", "remove", "--force", str(self._own))
        return clean


def _picked(folder: Path, commit: str) -> bool:
    command = ["git", "-C", str(folder), "cherry-pick", commit]
    done = subprocess.run(command, env=environment(), capture_output=True, check=False)
    return done.returncode == 0
