"""Write a commit's whole tree to disk, as a checkout in a clean clone would."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from bot.adapters.git.run import Call, Git, GitFailedError
from bot.core.errors import UserError

TIMEOUT = 300.0  # seconds: large trees on slow disks
# Git does not say why it could not write; in a folder that is ours alone it is want of room.
_FULL = ("unable to write file", "No space left on device", "Disk quota exceeded")


async def export(git: Git, commit: str, into: Path) -> None:
    """Fill an empty folder; a submodule becomes an empty folder in it. No room is a UserError.

    An index of its own is used. (`git archive` would drop files marked `export-ignore` and change
    those marked `export-subst`, and is no faster.)
    """
    with TemporaryDirectory(prefix="stablehand-") as scratch:
        place = {"GIT_INDEX_FILE": f"{scratch}/index", "GIT_WORK_TREE": "."}
        call = Call(env=place, timeout=TIMEOUT, cwd=into)
        await git("read-tree", f"{commit}^{{commit}}", call=call)
        try:
            await git("checkout-index", "--all", "--quiet", call=call)
        except GitFailedError as error:
            if not any(words in str(error) for words in _FULL):
                raise
            raise UserError(
                "there is no room for the tree of this commit; whoever runs Stablehand must make "
                "some, in memory or under the data folder"
            ) from None
