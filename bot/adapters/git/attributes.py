"""The `.gitattributes` that decide how contents are merged.

In a bare repository git reads none from the tree. A scratch folder that stands in for a work tree
and holds those files alone makes it merge as it would in a clean clone. Drivers are commands from
a configuration, and we give none, so all that a file can ask for is what is built into git.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from bot.adapters.git.objects import Objects
from bot.adapters.git.trees import find_all

NAME = b".gitattributes"
ABOUT_MERGING = re.compile(rb"merge|binary|conflict-marker-size")
SUSPICIOUS = {b"", b".", b"..", b".git"}


def merge_attributes(
    objects: Objects, tree: str, paths: Collection[bytes]
) -> Mapping[bytes, bytes]:
    """Give the attribute files of a tree that may bear on merging any of the paths."""
    files = sorted({file for path in paths for file in files_above(path)})
    found = {file: entry for file, entry in find_all(objects, tree, files).items() if entry}
    stored = {file: objects.data(entry.sha) for file, entry in found.items() if entry.is_file}
    return {file: data for file, data in stored.items() if ABOUT_MERGING.search(data)}


def lay_out(attributes: Mapping[bytes, bytes], folder: Path) -> None:
    """Write attribute files under a folder that is a work tree to git."""
    for path, data in attributes.items():
        place = folder / os.fsdecode(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def files_above(path: bytes) -> Iterable[bytes]:
    """Give where attribute files that bear on a path may stand."""
    parts = path.split(b"/")[:-1]
    if SUSPICIOUS & set(parts):
        return []
    return [b"/".join([*parts[:depth], NAME]) for depth in range(len(parts) + 1)]
