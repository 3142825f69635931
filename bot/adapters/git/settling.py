"""Let rules settle what git could not merge, and the release notes whatever git made of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.adapters.git.conflicts import CONTENTS, DELETED
from bot.adapters.git.merge import Merged
from bot.adapters.git.objects import Objects
from bot.adapters.git.sizes import LARGEST, largest
from bot.adapters.git.tree_edits import rewrite
from bot.adapters.git.trees import Change, Entry, changes, find, find_all, holds
from bot.core.model import Resolution
from bot.core.notes.style import RULE, NotesSettler
from bot.core.resolution import Resolver, Settled, ThreeWay

SETTLED_BY_RULES = {CONTENTS, DELETED}  # others put names into the tree that nobody gave

_Sides = tuple[Entry | None, Entry | None, Entry | None]


@dataclass(frozen=True, slots=True)
class Settlers:
    """Who may settle what: resolvers in their order, and the project's style of release notes.

    The resolvers are asked for where there is a conflict, which most picks do not have.
    """

    resolvers: Callable[[], Sequence[Resolver]] = tuple
    notes: NotesSettler | None = None


NOBODY = Settlers()


@dataclass(slots=True)
class Settling:
    """One merge while rules work on it; `left` is what still is in conflict.

    A path is touched only where it is in conflict or is a release note.
    """

    objects: Objects
    merged: Merged
    onto_tree: str
    left: dict[bytes, list[str]] = field(init=False)
    resolved: list[Resolution] = field(default_factory=list)
    _edits: dict[bytes, Entry | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.left = self.merged.output.conflicts()

    def tree(self) -> str:
        """Write the merged tree with all that was settled, and give its name."""
        return rewrite(self.objects, self.merged.output.tree, self._edits)

    async def ask(self, named: Callable[[], Sequence[Resolver]]) -> None:
        """Ask the resolvers in order for each path in conflict that a rule may settle."""
        resolvers = named() if self.left else ()
        for path in list(self.left):
            stages = self.merged.output.stages.get(path, {})
            sides = stages.get(1), stages.get(2), stages.get(3)
            three_way = self._three_way(path, sides) if self._may_be_settled(path) else None
            settled = await _first(resolvers, three_way) if three_way else None
            if settled:
                self._settle(path, settled, sides)

    def tend(self, notes: NotesSettler, touched: Mapping[bytes, Change]) -> None:
        """Have every release note that the commit touches settled, clean or not."""
        for path, (old, new) in touched.items():
            if _owned(notes, path) and self._may_be_settled(path) and self._has_room_for(path):
                sides = old, find(self.objects, self.onto_tree, path), new
                three_way = self._three_way(path, sides)
                settled = notes.settle(three_way, self._has) if three_way else None
                if settled:
                    self._settle(path, settled, sides)
        for path, ours in self._strays(notes, touched):
            self._put(path, ours, RULE)

    def _strays(
        self, notes: NotesSettler, touched: Mapping[bytes, Change]
    ) -> Iterator[tuple[bytes, Entry | None]]:
        """Give the notes that git took for renamed ones: no note is another's new name."""
        merged = changes(self.objects, self.onto_tree, self.merged.output.tree)
        for path in sorted({*merged, *self.left} - set(touched)):
            if _owned(notes, path) and self._may_be_settled(path):
                yield path, find(self.objects, self.onto_tree, path)

    def _has(self, path: str) -> bool:
        return holds(self.objects, self.onto_tree, path)

    def _may_be_settled(self, path: bytes) -> bool:
        return SETTLED_BY_RULES.issuperset(self.left.get(path, ()))

    def _has_room_for(self, path: bytes) -> bool:
        """Tell whether a file may stand under a path: none above it, no folder there."""
        names = path.split(b"/")
        above = [b"/".join(names[:depth]) for depth in range(1, len(names))]
        found = find_all(self.objects, self.merged.output.tree, [*above, path])
        there = found.pop(path)
        is_free = there is None or not there.is_folder
        return is_free and all(entry is None or entry.is_folder for entry in found.values())

    def _three_way(self, path: bytes, sides: _Sides) -> ThreeWay | None:
        """Read the three versions; None where they are no plain files of a size to be read."""
        there = [side for side in sides if side is not None]
        if not all(side.is_file for side in there) or largest(self.objects, sides) > LARGEST:
            return None
        try:
            name = path.decode()
        except UnicodeDecodeError:
            return None
        base, ours, theirs = (self.objects.data(side.sha) if side else None for side in sides)
        return ThreeWay(name, base, ours, theirs) if there else None

    def _settle(self, path: bytes, settled: Settled, sides: _Sides) -> None:
        entry = None
        if settled.content is not None:
            entry = Entry(_mode(sides), self.objects.write("blob", settled.content))
        self._put(path, entry, settled.by)

    def _put(self, path: bytes, entry: Entry | None, by: str) -> None:
        in_conflict = self.left.pop(path, None) is not None
        if in_conflict or entry != find(self.objects, self.merged.output.tree, path):
            self._edits[path] = entry
            self.resolved.append(Resolution(path.decode(errors="backslashreplace"), by))


async def _first(resolvers: Sequence[Resolver], conflict: ThreeWay) -> Settled | None:
    for resolver in resolvers:
        settled = await resolver.resolve(conflict)
        if settled:
            return settled
    return None


def _owned(notes: NotesSettler, path: bytes) -> bool:
    return notes.owns(os.fsdecode(path))


def _mode(sides: _Sides) -> bytes:
    """Give the target's mode, or the source's where that commit changed it or brings the file."""
    base, ours, theirs = sides
    if theirs is None or (ours is not None and (base is None or base.mode == theirs.mode)):
        return ours.mode if ours is not None else b"100644"
    return theirs.mode
