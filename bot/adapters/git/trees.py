"""Compare, look into and rewrite trees, reading no more of them than differs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from bot.adapters.git.objects import Objects

ENTRY = re.compile(rb"(\d+) ([^\0]+)\0(.{20})", re.DOTALL)
FOLDER = b"40000"
FILES = {b"100644", b"100755"}


class Entry(NamedTuple):
    """What a tree holds under a name; `mode` is octal as git writes it."""

    mode: bytes
    sha: str

    @property
    def is_folder(self) -> bool:
        """Tell whether this is a tree of its own."""
        return self.mode == FOLDER

    @property
    def is_file(self) -> bool:
        """Tell whether this is a plain file, neither a link nor a submodule."""
        return self.mode in FILES


Change = tuple[Entry | None, Entry | None]
"""An entry before and after; None where there is none."""

_Raw = tuple[bytes, bytes, bytes]


def changes(objects: Objects, old: str | None, new: str) -> dict[bytes, Change]:
    """Give every path that two trees do not hold alike, folders left out; renames are two."""
    found: dict[bytes, Change] = {}
    left: list[tuple[bytes, str | None, str | None]] = [(b"", old, new)]
    while left:
        prefix, before, after = left.pop()
        for name, change in _differing(objects, before, after):
            path = prefix + name
            folders = [entry.sha if entry and entry.is_folder else None for entry in change]
            files = [None if entry and entry.is_folder else entry for entry in change]
            if any(folders):
                left.append((path + b"/", folders[0], folders[1]))
            if any(files):
                found[path] = (files[0], files[1])
    return dict(sorted(found.items()))


def find(objects: Objects, tree: str, path: bytes) -> Entry | None:
    """Give the entry of a path, None if there is none."""
    entry = Entry(FOLDER, tree)
    for name in path.split(b"/"):
        if not entry.is_folder:
            return None
        inside = {raw[1]: raw for raw in _raw(objects, entry.sha)}.get(name)
        if inside is None:
            return None
        entry = _entry(inside)
    return entry


def shas_in(tree: bytes) -> list[str]:
    """Give the name of every object that a stored tree lists, submodules too."""
    return [sha.hex() for _, _, sha in ENTRY.findall(tree)]


def holds(objects: Objects, tree: str, path: str) -> bool:
    """Tell whether there is anything under a path."""
    return find(objects, tree, os.fsencode(path)) is not None


def rewrite(objects: Objects, tree: str, edits: Mapping[bytes, Entry | None]) -> str:
    """Write a tree with some paths set, or taken out by None, and give its name.

    No path may lie below another one. What is not named stays as it is, and is not read.
    """
    if not edits:
        return tree
    return _rewritten(objects, tree, edits) or objects.write("tree", b"")


def _rewritten(
    objects: Objects, tree: str | None, edits: Mapping[bytes, Entry | None]
) -> str | None:
    """Do so; a tree without entries is none."""
    entries = {name: _entry((mode, name, sha)) for mode, name, sha in _raw(objects, tree)}
    for name, inner in _by_first_name(edits).items():
        there = entries.pop(name, None)
        entry = inner[b""] if b"" in inner else _folder(objects, there, inner)
        if entry is not None:
            entries[name] = entry
    return objects.write("tree", _stored(entries)) if entries else None


def _folder(
    objects: Objects, there: Entry | None, edits: Mapping[bytes, Entry | None]
) -> Entry | None:
    """Edit inside a folder; a file in its place stays unless something goes there."""
    is_folder = there is not None and there.is_folder
    if there is not None and not is_folder and not any(edits.values()):
        return there
    tree = _rewritten(objects, there.sha if there is not None and is_folder else None, edits)
    return Entry(FOLDER, tree) if tree else None


def _by_first_name(
    edits: Mapping[bytes, Entry | None],
) -> dict[bytes, dict[bytes, Entry | None]]:
    grouped: dict[bytes, dict[bytes, Entry | None]] = {}
    for path, entry in edits.items():
        name, _, rest = path.partition(b"/")
        grouped.setdefault(name, {})[rest] = entry
    return grouped


def _stored(entries: Mapping[bytes, Entry]) -> bytes:
    """Write a tree down; git sorts folders as if their names ended with a slash."""
    ordered = sorted(entries.items(), key=lambda one: one[0] + b"/" * one[1].is_folder)
    return b"".join(
        b"%s %s\0%s" % (entry.mode, name, bytes.fromhex(entry.sha)) for name, entry in ordered
    )


def _differing(
    objects: Objects, old: str | None, new: str | None
) -> Iterable[tuple[bytes, Change]]:
    before, after = set(_raw(objects, old)), set(_raw(objects, new))
    gone = {raw[1]: _entry(raw) for raw in before - after}
    come = {raw[1]: _entry(raw) for raw in after - before}
    return [(name, (gone.get(name), come.get(name))) for name in gone.keys() | come.keys()]


def _raw(objects: Objects, tree: str | None) -> list[_Raw]:
    return ENTRY.findall(objects.data(tree)) if tree else []


def _entry(raw: _Raw) -> Entry:
    return Entry(raw[0], raw[2].hex())
