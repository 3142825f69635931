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

    def pick_on_a_branch(self, commit: str, onto: str) -> bool:
        """Make a branch, pick there, word the message anew, go back, delete the branch.

        These are the commands by which cherry_picker brings a commit to one branch (as read in
        python/cherry-picker@8d25dbc), without its fetch, its push and its two dozen calls that
        keep its state in git's configuration.
        """
        name = f"backport-{commit[:7]}"
        git(self._kept, "checkout", "-b", name, onto)
        clean = _picked(self._kept, "-x", commit)
        if clean:
            self._word_anew(commit)
        else:
            git(self._kept, "cherry-pick", "--abort")
        git(self._kept, "checkout", "--quiet", "--detach", self._stands_on)
        git(self._kept, "branch", "-D", name)
        return clean

    def _word_anew(self, commit: str) -> None:
        message = git(self._kept, "show", "-s", "--format=%B", commit)
        author = git(self._kept, "log", "-1", "--format=%aN <%ae>", commit)
        words = ["git", "interpret-trailers", "--trailer", f"Co-authored-by: {author}"]
        done = subprocess.run(
            words, env=environment(), input=message, capture_output=True, text=True, check=True
        )
        git(self._kept, "commit", "--amend", "-m", f"[x] {done.stdout}")


def _picked(folder: Path, *words: str) -> bool:
    command = ["git", "-C", str(folder), "cherry-pick", *words]
    done = subprocess.run(command, env=environment(), capture_output=True, check=False)
    return done.returncode == 0
