from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.model import Conflict, Outcome
from tests.git_toys import (
    BASE,
    RECIPE,
    ToyCommit,
    conflicts,
    history,
    make_toy,
    opened,
    picked,
    text,
)


async def test_picking_again_gives_the_same_commit(tmp_path: Path) -> None:
    """The same input has one name, wherever and whenever it is picked."""
    commits = history({b"f": text(l1=b"old")}, {b"f": text(l15=b"new"), b"d/g": text()})
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    commits[1] = ToyCommit("target", {b"f": text(l1=b"old"), b"d/g": text()}, ("base",))
    first = make_toy(tmp_path / "one", *commits)
    second = make_toy(tmp_path / "two", *commits)
    made = await picked(first)
    assert made.outcome is Outcome.PICKED
    assert made == await picked(first) == await picked(second)


async def test_several_commits_are_picked_in_order(tmp_path: Path) -> None:
    """Each goes on to the one before, with its own message; an empty one is left out."""
    first = {b"f": text(l3=b"one"), b"d/g": text()}
    second = {b"f": text(l3=b"two"), b"d/g": text()}
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        ToyCommit("target", {b"f": text(), b"d/g": text(l1=b"old")}, ("base",)),
        ToyCommit("one", first, ("base",), message=b"One"),
        ToyCommit("nothing", first, ("one",), message=b"Nothing"),
        ToyCommit("two", second, ("nothing",), message=b"Two"),
    )
    made = await picked(toy, "one", "nothing", "two")
    assert made.outcome is Outcome.PICKED
    line = toy.line("log", "--format=%s", f"target..{made.commit}")
    assert line.splitlines() == ["[4.1.x] Two", "[4.1.x] One"]
    assert toy.git("show", f"{made.commit}:f") == text(l3=b"two").data


async def test_what_the_target_has_is_already_there(tmp_path: Path) -> None:
    """An ancestor, and a change that leaves the target's tree as it is, need no commit."""
    toy = make_toy(
        tmp_path,
        *history({b"f": text(l3=b"new"), b"d/g": text()}, {b"f": text(l3=b"new"), b"d/g": text()}),
    )
    target = toy.shas["target"]
    tree = toy.line("rev-parse", "target^{tree}")
    for made in (await picked(toy), await picked(toy, "target"), await picked(toy, "base")):
        assert (made.outcome, made.tree, made.commit) == (Outcome.ALREADY_THERE, tree, target)


@pytest.mark.parametrize(
    "mention", ["Backport of {} from main.", "(cherry picked from commit {})", "backport of {:.9}"]
)
async def test_a_backport_made_by_hand_is_already_there(tmp_path: Path, mention: str) -> None:
    """A commit on the target that names the source counts, even where its text differs."""
    toy = make_toy(tmp_path, *history(BASE, {b"f": text(l3=b"new"), b"d/g": text()}))
    message = f"Did it another way\n\n{mention.format(toy.shas['fix'])}\n".encode()
    toy.add(ToyCommit("hand", {b"f": text(l3=b"other")}, ("target",), message=message))
    toy.add(ToyCommit("later", {b"f": text(l3=b"other")}, ("hand",)))
    assert (await picked(toy, onto="later")).outcome is Outcome.ALREADY_THERE


async def test_a_backport_that_was_reverted_is_not_there(tmp_path: Path) -> None:
    """After a revert on the target the fix can be picked again."""
    toy = make_toy(tmp_path, *history(BASE, {b"f": text(l3=b"new"), b"d/g": text()}))
    first = await picked(toy)
    toy.git("update-ref", "refs/heads/first", str(first.commit))
    toy.shas["first"] = str(first.commit)
    message = f'Revert "Fix"\n\nThis reverts commit {first.commit}.\n'.encode()
    toy.add(ToyCommit("back", BASE, ("first",), message=message))
    assert (await picked(toy, onto="first")).outcome is Outcome.ALREADY_THERE
    assert (await picked(toy, onto="back")).outcome is Outcome.PICKED


async def test_where_there_is_nothing_to_pick(tmp_path: Path) -> None:
    """No commits, an unknown one, one without a change, and an unknown target are told apart."""
    toy = make_toy(tmp_path, *history(BASE, BASE))
    unknown = "1" * 40
    target, fix = toy.shas["target"], toy.shas["fix"]
    with opened(toy) as clone:
        assert (await clone.pick([], target, RECIPE)).outcome is Outcome.NOTHING_TO_PICK
        assert (await clone.pick([fix], target, RECIPE)).outcome is Outcome.NOTHING_TO_PICK
        absent = await clone.pick([unknown], target, RECIPE)
        assert absent.outcome is Outcome.NOTHING_TO_PICK
        assert unknown in absent.detail
        assert (await clone.pick([fix], unknown, RECIPE)).outcome is Outcome.MISSING


async def test_conflicts_say_how_many_hunks(tmp_path: Path) -> None:
    """Contents that clash are counted, files come in order."""
    said = await conflicts(
        tmp_path,
        {b"f": text(l2=b"a", l15=b"a"), b"d/g": text(l3=b"a")},
        {b"f": text(l2=b"b", l15=b"b"), b"d/g": text(l3=b"b")},
    )
    assert said == [("d/g", "contents: 1 hunk"), ("f", "contents: 2 hunks")]


async def test_conflicts_say_who_deleted(tmp_path: Path) -> None:
    """A file that one side changed and the other deleted names the side."""
    said = await conflicts(tmp_path, {b"f": text(l2=b"a")}, {b"d/g": text(l2=b"b")})
    assert said == [
        ("d/g", "modify/delete: deleted on the target"),
        ("f", "modify/delete: deleted by the fix"),
    ]


async def test_a_file_against_a_directory_is_named_as_people_know_it(tmp_path: Path) -> None:
    """The name that git makes up to keep both is not shown."""
    said = await conflicts(
        tmp_path, {b"f": text(), b"d/g": text(), b"n/x": text()}, {**BASE, b"n": text(l1=b"y")}
    )
    assert said == [("n", "file/directory: a file on one side, a directory on the other")]


async def test_conflicts_survive_as_values(tmp_path: Path) -> None:
    """A conflict has one sentence for a person."""
    made = await picked(
        make_toy(tmp_path, *history({b"f": text(l1=b"a")}, {b"f": text(l1=b"b")}, {b"f": text()}))
    )
    assert made.conflicts == (Conflict("f", "contents: 1 hunk", ((2, 6),)),)
    assert made.detail.endswith("conflicts in 1 file.")
