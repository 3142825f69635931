"""Compare trees and look into them, reading no more of them than differs."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from bot.adapters.git.objects import Objects

ENTRY = re.compile(rb"(\d+) ([^\0]+)\0(.{20})", re.DOTALL)
FOLDER = b"40000"
SUBMODULE = b"160000"
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

_Listing = dict[bytes, tuple[bytes, bytes, bytes]]
"""Name → mode, name and binary object name: what the pattern finds, taken apart no further."""


def changes(objects: Objects, old: str | None, new: str) -> dict[bytes, Change]:
    """Give every path that two trees do not hold alike, folders left out; renames are two."""
    found: dict[bytes, Change] = {}
    level: list[tuple[bytes, str | None, str | None]] = [(b"", old, new)]
    while level:
        inside = _listings(objects, [tree for _, *both in level for tree in both if tree])
        deeper = []
        for prefix, before, after in level:
            listings = inside.get(before or "", {}), inside.get(after or "", {})
            for name, change in _differing(*listings):
                path = prefix + name
                folders = [entry.sha if entry and entry.is_folder else None for entry in change]
                files = [None if entry and entry.is_folder else entry for entry in change]
                if any(folders):
                    deeper.append((path + b"/", folders[0], folders[1]))
                if any(files):
                    found[path] = (files[0], files[1])
        level = deeper
    return dict(sorted(found.items()))


def find(objects: Objects, tree: str, path: bytes) -> Entry | None:
    """Give the entry of a path, None if there is none."""
    return find_all(objects, tree, [path])[path]


def find_all(objects: Objects, tree: str, paths: Collection[bytes]) -> dict[bytes, Entry | None]:
    """Give the entry of each path, None where there is none."""
    found: dict[bytes, Entry | None] = dict.fromkeys(paths, Entry(FOLDER, tree))
    left = {path: path.split(b"/") for path in paths}
    while left:
        folders = {path: entry.sha for path in left if (entry := found[path]) and entry.is_folder}
        inside = _listings(objects, folders.values())
        for path, names in left.items():
            raw = inside[folders[path]].get(names.pop(0)) if path in folders else None
            found[path] = _entry(raw) if raw else None
        left = {path: names for path, names in left.items() if names and found[path]}
    return found


def holds(objects: Objects, tree: str, path: str) -> bool:
    """Tell whether there is anything under a path."""
    return find(objects, tree, os.fsencode(path)) is not None


def entries(objects: Objects, tree: str) -> dict[bytes, Entry]:
    """Give what a tree holds itself, by name."""
    listing = _listings(objects, [tree])[tree]
    return {name: _entry(raw) for name, raw in listing.items()}


def shas_in(tree: bytes) -> list[str]:
    """Give the name of every object that a stored tree lists, submodules too."""
    return [sha.hex() for _, _, sha in ENTRY.findall(tree)]


def _listings(objects: Objects, trees: Iterable[str]) -> dict[str, _Listing]:
    stored = objects.trees(trees)
    return {sha: {raw[1]: raw for raw in ENTRY.findall(data)} for sha, data in stored.items()}


def _differing(old: _Listing, new: _Listing) -> Iterable[tuple[bytes, Change]]:
    before, after = set(old.values()), set(new.values())
    gone = {raw[1]: _entry(raw) for raw in before - after}
    come = {raw[1]: _entry(raw) for raw in after - before}
    return [(name, (gone.get(name), come.get(name))) for name in gone.keys() | come.keys()]


def _entry(raw: tuple[bytes, bytes, bytes]) -> Entry:
    return Entry(raw[0], raw[2].hex())
