"""A commit of our own: files written on top of a commit, without any work tree."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime

from bot.adapters.git.objects import MissingObjectError, Objects
from bot.adapters.git.tree_edits import rewrite
from bot.adapters.git.trees import Entry, find_all

PLAIN = b"100644"

Files = Mapping[str, bytes | None]
"""Path → content; None deletes the file."""


def write(objects: Objects, base: str, files: Files, message: str, signature: str) -> str:
    """Write one commit on `base` and give its name; where nothing changes, that is `base`.

    `signature` is author and committer as git writes them, with the date. A file that is there
    keeps its mode.
    """
    parent = objects.commit(base)
    if parent is None:
        raise MissingObjectError(base)
    tree = rewrite(objects, parent.tree, _edits(objects, parent.tree, files))
    if tree == parent.tree:
        return base
    head = f"tree {tree}\nparent {base}\nauthor {signature}\ncommitter {signature}\n\n"
    return objects.write("commit", f"{head}{message.strip()}\n".encode())


def signature(person: str, at: datetime) -> str:
    """Give `Name <email>` at a moment as git writes it, in UTC."""
    return f"{person} {int(at.timestamp())} +0000"


def _edits(objects: Objects, tree: str, files: Files) -> dict[bytes, Entry | None]:
    there = find_all(objects, tree, [os.fsencode(path) for path in files])
    return {
        path: None if content is None else Entry(_mode(there[path]), objects.write("blob", content))
        for path, content in ((os.fsencode(name), content) for name, content in files.items())
    }


def _mode(there: Entry | None) -> bytes:
    return there.mode if there is not None and there.is_file else PLAIN
