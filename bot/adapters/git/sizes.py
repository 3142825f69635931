"""Keep files that are too large to merge away from git, which would take gigabytes for them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.adapters.git.objects import Objects
from bot.adapters.git.trees import Change, Entry, find_all
from bot.core.model import Conflict

# Git takes some 40 bytes of memory for each byte that it merges: 150 MB took 6 GB and 25 s.
LARGEST = 8 << 20  # bytes


def too_large(
    objects: Objects, changes: Mapping[bytes, Change], onto_tree: str
) -> tuple[Conflict, ...]:
    """Give the changed files that git would have to merge or compare, and that are too large."""
    found = []
    there = find_all(objects, onto_tree, changes)
    for path, (old, new) in changes.items():
        ours = there[path]
        if ours in {old, new}:  # taken whole, however large
            continue
        size = largest(objects, (old, ours, new))
        if size > LARGEST:
            reason = f"too large to merge: {size >> 20} MiB, and the limit is {LARGEST >> 20} MiB"
            found.append(Conflict(path.decode(errors="backslashreplace"), reason))
    return tuple(found)


def largest(objects: Objects, entries: tuple[Entry | None, ...]) -> int:
    """Give the size of the largest file among some entries, in bytes."""
    return objects.size(*(e.sha for e in entries if e is not None and e.is_file))
