"""A pick as far as it goes: git's markers in the files in conflict, fit for a person to go on."""

from __future__ import annotations

from bot.adapters.git.conflicts import CONTENTS
from bot.adapters.git.markers import Names
from bot.adapters.git.objects import Objects
from bot.adapters.git.settling import Settling
from bot.adapters.git.tree_edits import rewrite
from bot.adapters.git.trees import Entry, find


def partial_tree(objects: Objects, settling: Settling, names: Names) -> str:
    """Write the tree of a conflict, its sides named as `git cherry-pick` names them."""
    tree = settling.tree()
    edits: dict[bytes, Entry | None] = {}
    for path, kinds in settling.left.items():
        entry = find(objects, tree, path)
        if entry is None:
            continue
        if CONTENTS in kinds and entry.is_file:
            marked = names.in_words(objects.data(entry.sha))
            entry = Entry(entry.mode, objects.write("blob", marked))
        edits |= {path: None, names.named_path(path): entry}
    return rewrite(objects, tree, edits)
