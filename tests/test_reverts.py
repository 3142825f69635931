from __future__ import annotations

import itertools
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.git.reverts import reverts_since
from bot.adapters.git.run import Git
from bot.core.reverts import Revert, read, reverting
from devkit import history
from devkit.history import Commit

FIX, FIRST, SECOND, THIRD = ("f" * 40, "1" * 40, "2" * 40, "3" * 40)
WHO = "Some Body <somebody@example.org> 1667865600 +0000"


def test_what_a_message_takes_back() -> None:
    """Git's own words at the beginning of a line count, quoted ones do not."""
    assert read(FIRST, f'Reverted "It."\n\nThis reverts commit {FIX}.') == Revert(FIRST, (FIX,))
    assert read(FIRST, f"> This reverts commit {FIX}.") is None
    assert read(FIRST, "Refs #7 -- Something else.") is None


def test_short_names_count() -> None:
    """A message may name the commit in short."""
    revert = Revert(FIRST, (FIX[:10],))
    assert reverting([FIX], [revert]) == revert
    assert reverting([SECOND], [revert]) is None


@given(st.integers(min_value=1, max_value=9))
def test_a_revert_of_a_revert_brings_back(length: int) -> None:
    """Of a chain of reverts, each of the last, an odd number takes the commit back."""
    names = [FIX, *(f"{number:040x}" for number in range(length))]
    chain = [Revert(new, (old,)) for old, new in itertools.pairwise(names)]
    assert (reverting([FIX], chain) is not None) is (length % 2 == 1)


async def test_reverts_are_found_on_a_branch(tmp_path: Path) -> None:
    """Those after a commit are given oldest first, others are not."""
    place = tmp_path / "it.git"
    history.create(place)
    commits = [Commit("main", None, WHO, WHO, "Fixed it.\n", {})]
    history.write(place, commits)
    git = Git(place)
    fix = await git.line("rev-parse", "main")
    for message in (f"This reverts commit {fix}.", "Nothing.", f"This reverts commit {FIRST}."):
        tree = await git.line("rev-parse", "main^{tree}")
        sha = await git.line(
            *("-c", "user.name=a", "-c", "user.email=a@example.org"),
            *("commit-tree", "-p", "main", "-m", message, tree),
        )
        await git("update-ref", "refs/heads/main", sha)
    found = await reverts_since(git, fix, "main")
    assert [one.undoes for one in found] == [(fix,), (FIRST,)]
