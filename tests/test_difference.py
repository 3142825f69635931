from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.core.split import FileChange
from tests import git_toys as toys
from tests.git_toys import EXECUTABLE, LINK, REGULAR, SUBMODULE, File, Toy, ToyCommit, Tree

TEXT, OTHER = File(b"one\ntwo\n"), File(b"other\n")
BINARY = File(bytes(range(256)) * 4096)

CASES: dict[str, tuple[Tree, Tree]] = {
    "nothing": ({b"a": TEXT}, {b"a": TEXT}),
    "new": ({b"a": TEXT}, {b"a": TEXT, b"d/e/b": OTHER}),
    "changed": ({b"a": TEXT}, {b"a": OTHER}),
    "emptied": ({b"a": TEXT}, {b"a": File(b"")}),
    "deleted": ({b"a": TEXT, b"d/e/b": OTHER}, {b"a": TEXT}),
    "renamed": ({b"a": TEXT, b"z": OTHER}, {b"d/a": TEXT, b"z": OTHER}),
    "copied": ({b"a": TEXT}, {b"a": TEXT, b"b": TEXT}),
    "made a program": ({b"a": TEXT}, {b"a": File(TEXT.data, EXECUTABLE)}),
    "made plain": ({b"a": File(TEXT.data, EXECUTABLE)}, {b"a": TEXT}),
    "a new link": ({b"a": TEXT}, {b"a": TEXT, b"l": File(b"../../etc/passwd", LINK)}),
    "a link elsewhere": ({b"l": File(b"a", LINK)}, {b"l": File(b"b", LINK)}),
    "a file for a link": ({b"l": File(b"a", LINK)}, {b"l": TEXT}),
    "a link for a folder": ({b"d/a": TEXT, b"d/b": TEXT}, {b"d": File(b"a", LINK)}),
    "a folder for a file": ({b"d": TEXT}, {b"d/a": TEXT}),
    "binary": ({b"a": BINARY}, {b"a": File(BINARY.data[1:])}),
    "odd names": (
        {b"a": TEXT},
        {b"a": TEXT, b"b\nc": TEXT, b'q"\\': TEXT, b"\xff\xfe": TEXT, "ü".encode(): TEXT},
    ),
}


def plain(toy: Toy, old: str, new: str) -> tuple[FileChange, ...]:
    """Give what plain git says of two trees."""
    raw = toy.git("diff-tree", "-r", "-z", "--no-renames", "--no-abbrev", old, new).split(b"\0")
    changes = []
    for head, path in zip(raw[:-1:2], raw[1::2], strict=True):
        before, after, _, blob, state = head.decode().removeprefix(":").split()
        gone = state == "D"
        content = None if gone else toy.git("cat-file", "blob", blob)
        changes.append(FileChange(os.fsdecode(path), int(before if gone else after, 8), content))
    return tuple(sorted(changes, key=lambda change: os.fsencode(change.path)))


@pytest.mark.parametrize("name", CASES)
async def test_what_differs(tmp_path: Path, name: str) -> None:
    """Every file in which two commits differ is given whole, as plain git lists it."""
    before, after = CASES[name]
    toy = toys.make_toy(tmp_path, ToyCommit("old", before), ToyCommit("new", after, ("old",)))
    old, new = toy.shas["old"], toy.shas["new"]
    with toys.opened(toy) as clone:
        assert await clone.difference(old, new) == plain(toy, old, new)


async def test_submodules_are_left_out(tmp_path: Path) -> None:
    """A submodule brings no file; one that takes a file's place takes the file away."""
    module = File(b"1" * 40, SUBMODULE)
    toy = toys.make_toy(
        tmp_path,
        ToyCommit("old", {b"a": TEXT, b"m": File(b"2" * 40, SUBMODULE)}),
        ToyCommit("new", {b"a": module, b"m": module, b"n": module}, ("old",)),
    )
    with toys.opened(toy) as clone:
        found = await clone.difference(toy.shas["old"], toy.shas["new"])
    assert found == (FileChange("a", int(REGULAR, 8), None),)
