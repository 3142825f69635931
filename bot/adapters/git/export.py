"""Write a commit's whole tree to disk, as a checkout in a clean clone would."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from bot.adapters.git.run import Call, Git

TIMEOUT = 300.0  # seconds: large trees on slow disks


async def export(git: Git, commit: str, into: Path) -> None:
    """Fill an empty folder; a submodule becomes an empty folder in it.

    An index of its own is used. (`git archive` would drop files marked `export-ignore` and change
    those marked `export-subst`, and is no faster.)
    """
    with TemporaryDirectory(prefix="stablehand-") as scratch:
        place = {"GIT_INDEX_FILE": f"{scratch}/index", "GIT_WORK_TREE": "."}
        call = Call(env=place, timeout=TIMEOUT, cwd=into)
        await git("read-tree", f"{commit}^{{commit}}", call=call)
        await git("checkout-index", "--all", "--quiet", call=call)
