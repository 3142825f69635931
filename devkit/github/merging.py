"""The three ways in which GitHub merges a pull request, done in git without a work tree."""

from __future__ import annotations

from dataclasses import replace

from devkit.github.bare import Bare, GitCommit, GitFailed, Person


class MergeConflict(Exception):  # noqa: N818 - reads as what happened
    """The branches do not merge cleanly."""


class StillDraft(Exception):  # noqa: N818 - the same
    """A draft is not merged."""


async def merged_tree(git: Bare, ours: str, theirs: str) -> str:
    """Give the tree of a clean merge of two commits, or raise `MergeConflict`."""
    try:
        return (await git.text("merge-tree", "--write-tree", ours, theirs)).splitlines()[0]
    except GitFailed as error:
        raise MergeConflict(str(error)) from error


async def merge(git: Bare, base: str, head: str, message: str, by: Person) -> str:
    """Join two branches by a commit with two parents and give its sha."""
    tree = await merged_tree(git, base, head)
    return await git.write_commit(tree, (base, head), message, (by, by))


async def squash(git: Bare, base: str, head: str, message: str, by: Person) -> str:
    """Put all of a branch into one commit, authored by who wrote its first commit."""
    tree = await merged_tree(git, base, head)
    commits = await git.commits(f"{base}..{head}")
    author = replace(commits[0].author, date=by.date) if commits else by
    return await git.write_commit(tree, (base,), message, (author, by))


async def rebase(git: Bare, base: str, head: str, by: Person) -> str:
    """Put each commit of a branch on top of another and give the sha of the last."""
    tip = base
    for commit in await git.commits("--no-merges", f"{base}..{head}"):
        tip = await _carried(git, commit, tip, by)
    return tip


async def _carried(git: Bare, commit: GitCommit, onto: str, by: Person) -> str:
    """Carry one commit over: a stand-in child of its parent makes that parent the merge base."""
    standing = await git.text("rev-parse", f"{onto}^{{tree}}")
    stand_in = await git.write_commit(standing, commit.parents, "stand-in", (by, by))
    tree = await merged_tree(git, stand_in, commit.sha)
    return await git.write_commit(tree, (onto,), commit.message, (commit.author, by))
