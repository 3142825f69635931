from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.adapters.applied import apply
from bot.core.split import FileChange

PLAIN, PROGRAM, LINK = 0o100644, 0o100755, 0o120000


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a tree with a file, a program, a folder and a link that leads out."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("untouched")
    folder = tmp_path / "tree"
    (folder / "sub/deep").mkdir(parents=True)
    (folder / "file").write_text("old")
    (folder / "sub/deep/only").write_text("alone")
    (folder / "out").symlink_to(outside)
    (folder / "name").symlink_to(outside / "secret")
    return folder


def test_files_are_written_with_their_modes(tree: Path) -> None:
    """New and changed files have git's two modes, and folders are made for them."""
    apply([FileChange("file", PLAIN, b"new"), FileChange("a/b/run", PROGRAM, b"#!/bin/sh\n")], tree)
    assert (tree / "file").read_bytes() == b"new"
    assert (tree / "file").stat().st_mode == PLAIN
    assert (tree / "a/b/run").stat().st_mode == PROGRAM
    assert (tree / "a/b").stat().st_mode & 0o777 == 0o755


def test_deleting_leaves_no_empty_folder(tree: Path) -> None:
    """A folder goes with its last file; one that holds more stays, and so does the tree."""
    (tree / "sub/other").write_text("")
    apply([FileChange("sub/deep/only", PLAIN, None), FileChange("gone", PLAIN, None)], tree)
    assert not (tree / "sub/deep").exists()
    assert (tree / "sub/other").exists()


def test_files_and_folders_change_places(tree: Path) -> None:
    """What is deleted goes first, whatever the order of the changes."""
    apply(
        [
            FileChange("sub/deep", PLAIN, b"a file now"),
            FileChange("file/inside", PLAIN, b"a folder now"),
            FileChange("sub/deep/only", PLAIN, None),
            FileChange("file", PLAIN, None),
        ],
        tree,
    )
    assert (tree / "sub/deep").read_bytes() == b"a file now"
    assert (tree / "file/inside").read_bytes() == b"a folder now"


def test_a_link_is_replaced_and_never_followed(tree: Path) -> None:
    """Writing to a link's name replaces the link, and what it led to is left alone."""
    apply([FileChange("name", PLAIN, b"a file"), FileChange("file", LINK, b"a/b")], tree)
    assert (tree / "name").read_bytes() == b"a file"
    assert (tree / "file").readlink() == Path("a/b")
    assert (tree.parent / "outside/secret").read_text() == "untouched"


@pytest.mark.parametrize("content", [b"planted", None])
def test_a_link_on_the_way_is_an_error(tree: Path, content: bytes | None) -> None:
    """A folder that is a link leads nowhere, for writing as for deleting."""
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        apply([FileChange("out/secret", PLAIN, content)], tree)
    assert (tree.parent / "outside/secret").read_text() == "untouched"


@pytest.mark.parametrize("path", ["../outside/secret", "/etc/x", "a/../../x", "", "a\0b"])
def test_a_path_that_leads_out_is_refused(tree: Path, path: str) -> None:
    """Nothing outside of the tree can be named."""
    with pytest.raises(ValueError, match="no path in a tree"):
        apply([FileChange(path, PLAIN, b"")], tree)


def test_a_hard_link_is_cut(tree: Path) -> None:
    """A changed file gets a new inode; another name of the old one keeps its content."""
    other = tree.parent / "other"
    os.link(tree / "file", other)
    apply([FileChange("file", PLAIN, b"new")], tree)
    assert other.read_text() == "old"
