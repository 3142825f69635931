"""Merge one commit's change into a tree, without a work tree and as `git cherry-pick` would."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.adapters.git.attributes import lay_out, merge_attributes
from bot.adapters.git.commit import Commit
from bot.adapters.git.merge_output import MergeOutput, parse_merge_output
from bot.adapters.git.objects import write_commit
from bot.adapters.git.run import Call, Git

# Newer than any commit: otherwise the search for the merge base walks the whole history.
YEAR_2100 = b"stablehand <stablehand@localhost> 4102444800 +0000"


@dataclass(frozen=True, slots=True)
class Merged:
    """What git made of it; `ours` and `theirs` are the names in conflict markers and paths."""

    output: MergeOutput
    ours: str
    theirs: str


async def merge(git: Git, source: Commit, target_tree: str) -> Merged:
    """Bring what `source` changed, against its first parent or nothing, on to a tree.

    Git merges two commits, so a stand-in with the target's tree is written that has the source's
    parent as its own: the source's parent is then the merge base.
    """
    ours = await write_commit(git, _stand_in(target_tree, source.parents[:1]))
    output = await _merge_tree(git, ours, source.sha)
    attributes = await merge_attributes(git, target_tree, output.touched)
    if attributes:
        with TemporaryDirectory(prefix="stablehand-") as folder:
            lay_out(attributes, folder)
            output = await _merge_tree(git, ours, source.sha, Path(folder))
    return Merged(output, ours, source.sha)


def _stand_in(tree: str, parents: tuple[str, ...]) -> bytes:
    lines = [f"tree {tree}".encode(), *(f"parent {parent}".encode() for parent in parents)]
    lines += [b"author " + YEAR_2100, b"committer " + YEAR_2100]
    return b"\n".join(lines) + b"\n\nstand-in\n"


async def _merge_tree(
    git: Git, ours: str, theirs: str, work_tree: Path | None = None
) -> MergeOutput:
    options = ("--write-tree", "-z", "--messages", "--allow-unrelated-histories")
    env = {"GIT_WORK_TREE": "."} if work_tree else {}
    call = Call(accept=(0, 1), env=env, cwd=work_tree)
    return parse_merge_output(await git("merge-tree", *options, ours, theirs, call=call))
