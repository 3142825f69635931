"""Merge one commit's change into a tree, without a work tree and as `git cherry-pick` would."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.adapters.git.attributes import lay_out, merge_attributes
from bot.adapters.git.commit import Commit
from bot.adapters.git.merge_output import MergeOutput, parse_merge_output
from bot.adapters.git.objects import Objects
from bot.adapters.git.run import Call

NAMES_ITS_BASE = (2, 40)  # the first git whose `merge-tree` has `--merge-base`
MEMORY = 1 << 30  # bytes of address space, of which git's windows on its packs take a quarter

# Newer than any commit: otherwise the search for the merge base walks the whole history.
YEAR_2100 = b"stablehand <stablehand@localhost> 4102444800 +0000"


@dataclass(frozen=True, slots=True)
class Merged:
    """What git made of it; `ours` and `theirs` are the names in conflict markers and paths."""

    output: MergeOutput
    ours: str
    theirs: str


async def merge(objects: Objects, source: Commit, onto: Commit, paths: Collection[bytes]) -> Merged:
    """Bring what `source` changed, against its first parent or nothing, on to a commit's tree.

    `paths` are those that it changed. Where git merges others too, because the target has them
    under other names, attributes may hold there that were not laid out: then it is done again.
    """
    sides = plan(objects, source, onto)
    attributes = merge_attributes(objects, onto.tree, paths)
    output = await _merge_tree(objects, sides, attributes)
    needed = merge_attributes(objects, onto.tree, output.touched)
    if not needed.keys() <= attributes.keys():
        output = await _merge_tree(objects, sides, {**attributes, **needed})
    return Merged(output, sides[-2], sides[-1])


def plan(objects: Objects, source: Commit, onto: Commit) -> tuple[str, ...]:
    """Give the last arguments of `git merge-tree`: how the base is known, and the two commits.

    Where git cannot be told the base, a stand-in with the target's tree is written that has the
    source's parent as its own: the source's parent is then the merge base.
    """
    parent = source.parents[:1]
    if parent and objects.git.version >= NAMES_ITS_BASE:
        return f"--merge-base={parent[0]}", onto.sha, source.sha
    stand_in = objects.write("commit", _stand_in(onto.tree, parent))
    return "--allow-unrelated-histories", stand_in, source.sha


def _stand_in(tree: str, parents: tuple[str, ...]) -> bytes:
    lines = [f"tree {tree}".encode(), *(f"parent {parent}".encode() for parent in parents)]
    lines += [b"author " + YEAR_2100, b"committer " + YEAR_2100]
    return b"\n".join(lines) + b"\n\nstand-in\n"


async def _merge_tree(
    objects: Objects, sides: tuple[str, ...], attributes: Mapping[bytes, bytes]
) -> MergeOutput:
    options, call = ("--write-tree", "-z", "--messages"), Call(accept=(0, 1), memory=MEMORY)
    with ExitStack() as stack:
        if attributes:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="stablehand-")))
            lay_out(attributes, folder)
            call = replace(call, env={"GIT_WORK_TREE": "."}, cwd=folder)
        return parse_merge_output(await objects.git("merge-tree", *options, *sides, call=call))
