"""Bring commits on to another commit, one after the other, and write the results down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.adapters.git.bulk import advice
from bot.adapters.git.commit import Commit, rewritten
from bot.adapters.git.conflicts import explain
from bot.adapters.git.markers import Names
from bot.adapters.git.merge import merge
from bot.adapters.git.objects import Objects
from bot.adapters.git.partial import partial_tree
from bot.adapters.git.presence import is_there
from bot.adapters.git.settling import NOBODY, Settlers, Settling
from bot.adapters.git.sizes import too_large
from bot.adapters.git.trees import changes, holds
from bot.core.model import Conflict, Outcome, Pick, Recipe, Resolution

NOT_FOR_TARGET = "What it changes has no place on the target: its rules left nothing of it."


async def pick(
    objects: Objects,
    commits: Sequence[str],
    onto: str,
    recipe: Recipe,
    settlers: Settlers = NOBODY,
) -> Pick:
    """Pick commits (full object names, oldest first) on to a commit.

    The result of the same call is always the same commit. A commit that the target has already is
    left out; so is one that changes nothing there.
    """
    target, *found = objects.commits([onto, *commits])
    if target is None:
        return Pick(Outcome.MISSING, detail=f"Commit {onto} is not in the repository.")
    sources = []
    for sha, source in zip(commits, found, strict=True):
        if source is None or not all(objects.commits(source.parents[:1])):
            what = f"Commit {sha}" if source is None else f"The parent of commit {sha}"
            return _nothing(f"{what} is not in the repository.")
        sources.append(source)
    changing = [source for source in sources if source.tree != _tree_before(objects, source)]
    if not changing:
        return _nothing("The commits change no file." if commits else "No commit was given.")
    wanted = [source for source in changing if not await is_there(objects, source.sha, onto)]
    return await _Picking(objects, recipe, settlers, target).bring(wanted)


def _nothing(detail: str) -> Pick:
    return Pick(Outcome.NOTHING_TO_PICK, detail=detail)


def _tree_before(objects: Objects, source: Commit) -> str | None:
    """Give the tree that a commit changed; a merge is taken against its first parent."""
    parent = objects.commit(source.parents[0]) if source.parents else None
    return parent.tree if parent else None


@dataclass(slots=True)
class _Picking:
    """A pick on its way: `tip` is the target with the commits that were brought so far."""

    objects: Objects
    recipe: Recipe
    settlers: Settlers
    tip: Commit
    resolved: tuple[Resolution, ...] = ()

    async def bring(self, sources: Sequence[Commit]) -> Pick:
        target = self.tip
        for source in sources:
            conflict = await self._bring_one(source)
            if conflict is not None:
                return conflict
        if self.tip is not target:
            return Pick(Outcome.PICKED, self.tip.tree, self.tip.sha, resolved=self.resolved)
        detail = NOT_FOR_TARGET if self.resolved else "The target has this change already."
        return Pick(
            Outcome.ALREADY_THERE, target.tree, target.sha, resolved=self.resolved, detail=detail
        )

    async def _bring_one(self, source: Commit) -> Pick | None:
        """Put one commit on the tip; give what stands against it, if anything does."""
        touched = changes(self.objects, _tree_before(self.objects, source), source.tree)
        if heavy := too_large(self.objects, touched, self.tip.tree):
            return self._conflict(source, heavy)
        merged = await merge(self.objects, source, self.tip, touched)
        settling = Settling(self.objects, merged, self.tip.tree)
        if self.settlers.notes:
            settling.tend(self.settlers.notes, touched)
        if instead := await advice(self.objects, merged, settling.left):
            return self._refused(source, len(settling.left), instead)
        await settling.ask(self.settlers.resolvers)
        self.resolved += tuple(settling.resolved)
        if settling.left:
            return self._partial(source, settling)
        tree = settling.tree()
        if tree != self.tip.tree:
            self.tip = self._written(source, tree)
        return None

    def _partial(self, source: Commit, settling: Settling) -> Pick:
        names = Names.of(settling.merged, source)
        conflicts = explain(self.objects, settling.merged, settling.left, names)
        partial = self._written(source, partial_tree(self.objects, settling, names))
        return replace(self._conflict(source, conflicts), partial=partial.sha)

    def _refused(self, source: Commit, files: int, instead: str) -> Pick:
        """Name no file: it is not by files that such a conflict is settled."""
        detail = f"Commit {source.sha[:10]} conflicts in {files} files. {instead}"
        return Pick(Outcome.CONFLICT, resolved=self.resolved, detail=detail)

    def _conflict(self, source: Commit, conflicts: tuple[Conflict, ...]) -> Pick:
        files = "1 file" if len(conflicts) == 1 else f"{len(conflicts)} files"
        detail = f"Commit {source.sha[:10]} conflicts in {files}."
        return Pick(Outcome.CONFLICT, conflicts=conflicts, resolved=self.resolved, detail=detail)

    def _written(self, source: Commit, tree: str) -> Commit:
        notes, onto = self.settlers.notes, self.tip
        if notes:
            message = source.message.lstrip(b"\r\n")
            subject, feed, rest = message.partition(b"\n")
            subject = notes.subject(subject, lambda path: holds(self.objects, onto.tree, path))
            source = replace(source, message=subject + feed + rest)
        return self.objects.write_commit(rewritten(source, tree, onto.sha, self.recipe))
