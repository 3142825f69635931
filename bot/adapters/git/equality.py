"""Compare a backport's whole change with main's, whoever committed to its branch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bot.adapters.git.commit import Commit
from bot.adapters.git.objects import MissingObjectError, Objects
from bot.adapters.git.run import Call, Git
from bot.adapters.proc import OutputTooLargeError
from bot.core.equality import TOO_LARGE, Equality
from bot.core.interdiff import compare as compare_patches
from bot.core.patch import FileChange, parse

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
MOST_BYTES = 4 << 20  # of one patch: more would hold everything else up
SETTINGS = (
    *("-c", "core.quotePath=false"),
    # Larger files are compared by name alone: git holds them in memory several times over.
    *("-c", "core.bigFileThreshold=2m"),
)
OPTIONS = ("-r", "--patch", "--full-index", "--find-renames", "--no-prefix", "--no-ext-diff")

Step = tuple[str, str]  # before and after


async def compare(
    objects: Objects, sources: Sequence[str], backport_base: str, backport_head: str
) -> Equality:
    """Compare what the sources (oldest first) changed with `base...head`, as GitHub counts it.

    Both are taken as a whole where the sources follow upon one another, else commit by commit.
    A commit that is not in the repository raises MissingObjectError.
    """
    git, commits = objects.git, [_commit(objects, sha) for sha in sources]
    fork = await git.line("merge-base", backport_base, backport_head)
    if _are_one_line(commits):
        main, backport = [(_before(commits[0]), sources[-1])], [(fork, backport_head)]
    else:
        main = [(_before(commit), commit.sha) for commit in commits]
        backport = await _steps(objects, fork, backport_head)
    try:
        return compare_patches(await _change(git, main), await _change(git, backport))
    except OutputTooLargeError:
        return TOO_LARGE


def _commit(objects: Objects, sha: str) -> Commit:
    commit = objects.commit(sha)
    if commit is None:
        raise MissingObjectError(sha)
    return commit


def _before(commit: Commit) -> str:
    return commit.parents[0] if commit.parents else EMPTY_TREE


def _are_one_line(commits: Sequence[Commit]) -> bool:
    return all(after.parents[:1] == (before.sha,) for before, after in pairwise(commits))


async def _steps(objects: Objects, fork: str, head: str) -> list[Step]:
    listed = await objects.git.line("rev-list", "--reverse", "--no-merges", head, f"^{fork}")
    return [(_before(_commit(objects, sha)), sha) for sha in listed.split()]


async def _change(git: Git, steps: Sequence[Step]) -> tuple[FileChange, ...]:
    patches = [await _patch(git, *step) for step in steps]
    return parse(b"".join(patches))


async def _patch(git: Git, before: str, after: str) -> bytes:
    call = Call(limit=MOST_BYTES)
    return (await git(*SETTINGS, "diff-tree", *OPTIONS, before, after, call=call)).out
