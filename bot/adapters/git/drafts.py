"""What a draft with conflict markers needs: which are left, and what a person made of it whole."""

from __future__ import annotations

import os
import re

from bot.adapters.git.commit import Commit
from bot.adapters.git.objects import MissingObjectError, Objects
from bot.adapters.git.trees import changes
from bot.core.model import Conflict

_MARKED = re.compile(rb"^<{7,} .*?^>{7,} ", re.MULTILINE | re.DOTALL)
_LARGEST = 4 << 20  # bytes; in a larger file nobody resolves markers by hand


def unresolved(objects: Objects, base: str, head: str) -> tuple[Conflict, ...]:
    """Give the files between two commits in which conflict markers stand.

    A marker that the base has too is part of the file.
    """
    found = []
    differing = changes(objects, _commit(objects, base).tree, _commit(objects, head).tree)
    for path, (old, new) in differing.items():
        if new is None or not new.is_file or objects.size(new.sha) > _LARGEST:
            continue
        text = objects.data(new.sha)
        before = objects.data(old.sha) if old and old.is_file else b""
        hunks = tuple(_lines(text, match) for match in _MARKED.finditer(text))
        if hunks and not _MARKED.search(before):
            count = "1 hunk" if len(hunks) == 1 else f"{len(hunks)} hunks"
            name = os.fsdecode(path).encode(errors="backslashreplace").decode()
            found.append(Conflict(name, f"contents: {count}", hunks))
    return tuple(found)


def squash(objects: Objects, base: str, head: str, like: str) -> str:
    """Make one commit on `base` with the tree of `head`; author, dates, message as `like`."""
    source, tree = _commit(objects, like), _commit(objects, head).tree
    lines = [f"tree {tree}".encode(), f"parent {base}".encode()]
    lines += [b"author " + source.author, b"committer " + source.committer]
    if source.encoding is not None:
        lines.append(b"encoding " + source.encoding)
    return objects.write("commit", b"\n".join(lines) + b"\n\n" + source.message)


def _commit(objects: Objects, sha: str) -> Commit:
    found = objects.commit(sha)
    if found is None:
        raise MissingObjectError(sha)
    return found


def _lines(text: bytes, match: re.Match[bytes]) -> tuple[int, int]:
    return text.count(b"\n", 0, match.start()) + 1, text.count(b"\n", 0, match.end()) + 1
