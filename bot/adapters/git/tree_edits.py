"""Write a tree anew with some paths changed, touching only the folders on the way to them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.adapters.git.objects import Objects
from bot.adapters.git.trees import FOLDER, Entry, entries

Edits = Mapping[bytes, Entry | None]
"""What a path shall hold; None takes it out."""


def rewrite(objects: Objects, tree: str, edits: Edits) -> str:
    """Write a tree with some paths changed, and give its name.

    No path may lie below another one. What is not named stays as it is, and is not read.
    """
    if not edits:
        return tree
    return _rewritten(objects, entries(objects, tree), edits) or objects.write("tree", b"")


def _rewritten(objects: Objects, there: dict[bytes, Entry], edits: Edits) -> str | None:
    """Do so; a tree without entries is none."""
    for name, inner in _by_first_name(edits).items():
        entry = inner[b""] if b"" in inner else _folder(objects, there.get(name), inner)
        there.pop(name, None)
        if entry is not None:
            there[name] = entry
    return objects.write("tree", _stored(there)) if there else None


def _folder(objects: Objects, there: Entry | None, edits: Edits) -> Entry | None:
    """Edit inside a folder; a file in its place stays unless something goes there."""
    if there is not None and not there.is_folder and not any(edits.values()):
        return there
    inside = entries(objects, there.sha) if there is not None and there.is_folder else {}
    tree = _rewritten(objects, inside, edits)
    return Entry(FOLDER, tree) if tree else None


def _by_first_name(edits: Edits) -> dict[bytes, dict[bytes, Entry | None]]:
    grouped: dict[bytes, dict[bytes, Entry | None]] = {}
    for path, entry in edits.items():
        name, _, rest = path.partition(b"/")
        grouped.setdefault(name, {})[rest] = entry
    return grouped


def _stored(there: Mapping[bytes, Entry]) -> bytes:
    """Write a tree down; git sorts folders as if their names ended with a slash."""
    ordered = sorted(there.items(), key=lambda one: one[0] + b"/" * one[1].is_folder)
    return b"".join(
        b"%s %s\0%s" % (entry.mode, name, bytes.fromhex(entry.sha)) for name, entry in ordered
    )
