"""Bring commits on to another commit, one after the other, and write the results down."""

from __future__ import annotations

from collections.abc import Sequence

from bot.adapters.git.commit import Commit, rewritten
from bot.adapters.git.conflicts import explain
from bot.adapters.git.merge import merge
from bot.adapters.git.objects import read_commits, write_commit
from bot.adapters.git.presence import is_there
from bot.adapters.git.run import Git
from bot.core.model import Conflict, Outcome, Pick, Recipe


async def pick(git: Git, commits: Sequence[str], onto: str, recipe: Recipe) -> Pick:
    """Pick commits (full object names, oldest first) on to a commit.

    The result of the same call is always the same commit. A commit that the target has already is
    left out; so is one that changes nothing there.
    """
    target, *found = await read_commits(git, [onto, *commits])
    if target is None:
        return Pick(Outcome.MISSING, detail=f"Commit {onto} is not in the repository.")
    sources = [source for source in found if source is not None]
    if len(sources) < len(commits):
        absent = next(sha for sha, source in zip(commits, found, strict=True) if source is None)
        return _nothing(f"Commit {absent} is not in the repository.")
    changing = await _without_empty(git, sources)
    if not changing:
        return _nothing("The commits change no file." if commits else "No commit was given.")
    wanted = [source for source in changing if not await is_there(git, source.sha, onto)]
    return await _apply(git, wanted, target, recipe)


async def _apply(git: Git, sources: Sequence[Commit], target: Commit, recipe: Recipe) -> Pick:
    tip, tree = target.sha, target.tree
    for source in sources:
        merged = await merge(git, source, tree)
        if not merged.output.clean:
            return _conflict(source, await explain(git, merged))
        if merged.output.tree != tree:
            tree = merged.output.tree
            tip = await write_commit(git, rewritten(source, tree, tip, recipe))
    if tip == target.sha:
        detail = "The target has this change already."
        return Pick(Outcome.ALREADY_THERE, tree, tip, detail=detail)
    return Pick(Outcome.PICKED, tree, tip)


async def _without_empty(git: Git, sources: Sequence[Commit]) -> list[Commit]:
    first_parents = [parent for source in sources for parent in source.parents[:1]]
    parents = await read_commits(git, first_parents)
    trees = {parent.sha: parent.tree for parent in parents if parent is not None}
    return [source for source in sources if source.tree not in map(trees.get, source.parents[:1])]


def _nothing(detail: str) -> Pick:
    return Pick(Outcome.NOTHING_TO_PICK, detail=detail)


def _conflict(source: Commit, conflicts: tuple[Conflict, ...]) -> Pick:
    files = "1 file" if len(conflicts) == 1 else f"{len(conflicts)} files"
    detail = f"Commit {source.sha[:10]} conflicts in {files}."
    return Pick(Outcome.CONFLICT, conflicts=conflicts, detail=detail)
