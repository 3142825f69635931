from __future__ import annotations

from pathlib import Path

import pytest

from bot.adapters.git.merge import merge
from bot.adapters.git.merge_output import parse_merge_output
from bot.adapters.git.run import Call, Git, GitFailedError
from bot.core.model import Conflict, Outcome, Pick
from tests.git_toys import (
    EXECUTABLE,
    LINK,
    RECIPE,
    SUBMODULE,
    File,
    Toy,
    ToyCommit,
    Tree,
    make_toy,
    opened,
)

LINES = [b"line %d\n" % i for i in range(20)]


def text(**changes: bytes) -> File:
    """Give twenty lines, some of them replaced: `text(l3=b"new")`."""
    lines = list(LINES)
    for name, line in changes.items():
        lines[int(name[1:])] = line + b"\n"
    return File(b"".join(lines))


BASE: Tree = {b"f": text(), b"d/g": text()}


def history(
    target: Tree, fix: Tree, base: Tree = BASE, message: bytes = b"Fix\n"
) -> list[ToyCommit]:
    """Give base, target and fix; both come from the base."""
    return [
        ToyCommit("base", base),
        ToyCommit("target", target, ("base",)),
        ToyCommit("fix", fix, ("base",), message=message),
    ]


async def picked(toy: Toy, *names: str, onto: str = "target") -> Pick:
    """Pick commits by name."""
    shas = [toy.shas[name] for name in names or ("fix",)]
    with opened(toy) as clone:
        return await clone.pick(shas, toy.shas[onto], RECIPE)


async def conflicts(
    folder: Path, target: Tree, fix: Tree, base: Tree = BASE
) -> list[tuple[str, str]]:
    """Pick what conflicts, and give what is said about it."""
    made = await picked(make_toy(folder, *history(target, fix, base)))
    assert made.outcome is Outcome.CONFLICT
    assert made.tree is None
    assert made.commit is None
    return [(conflict.path, conflict.reason) for conflict in made.conflicts]


async def test_a_picked_commit_is_the_source_with_our_frame(tmp_path: Path) -> None:
    """Author, date, zone, encoding and bytes of the message are the source's, the rest is ours.

    The committer's date is the source's too, and signatures are dropped.
    """
    toy = make_toy(tmp_path, *history({b"f": text(l1=b"old"), b"d/g": text()}, {b"f": text()}))
    tree = toy.line("rev-parse", "fix^{tree}")
    raw = (
        f"tree {tree}\nparent {toy.shas['base']}\n".encode()
        + b"author J\xf6rg <j@example.test> 1667906399 -0330\n"
        + b"committer Carl <carl@example.test> 1667912014 +0545\n"
        + b"encoding ISO-8859-1\n"
        + b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n"
        + b"\nFixed #1 -- Caf\xe9.\n\nCo-authored-by: B <b@example.test>\n"
        + b"Co-authored-by: B <b@example.test>\n\n\n"
    )
    fix = toy.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw).decode().strip()
    with opened(toy) as clone:
        made = await clone.pick([fix], toy.shas["target"], RECIPE)
    assert made.outcome is Outcome.PICKED
    assert toy.git("cat-file", "commit", str(made.commit)) == (
        f"tree {made.tree}\nparent {toy.shas['target']}\n".encode()
        + b"author J\xf6rg <j@example.test> 1667906399 -0330\n"
        + b"committer Hand Bot <hand@bot.test> 1667912014 +0545\n"
        + b"encoding ISO-8859-1\n"
        + b"\n[4.1.x] Fixed #1 -- Caf\xe9.\n\nCo-authored-by: B <b@example.test>\n"
        + b"Co-authored-by: B <b@example.test>\n\n"
        + f"Backport of {fix} from main.\n".encode()
    )
    toy.git("fsck", "--strict", str(made.commit))


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


async def test_a_merge_is_picked_against_its_first_parent(tmp_path: Path) -> None:
    """What the merge brought to its branch is what is picked."""
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        ToyCommit("target", {b"f": text(l1=b"old"), b"d/g": text()}, ("base",)),
        ToyCommit("main", {b"f": text(l9=b"main"), b"d/g": text()}, ("base",)),
        ToyCommit("side", {b"f": text(l15=b"side"), b"d/g": text()}, ("base",)),
        ToyCommit("merge", {b"f": text(l9=b"main", l15=b"side"), b"d/g": text()}, ("main", "side")),
    )
    made = await picked(toy, "merge")
    assert toy.git("show", f"{made.commit}:f") == text(l1=b"old", l15=b"side").data
    assert toy.line("rev-parse", f"{made.commit}^@") == toy.shas["target"]


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


async def test_a_file_added_to_a_renamed_directory_is_for_a_person(tmp_path: Path) -> None:
    """Git's guess at the place of a new file is shown, not taken."""
    base = {b"old/a": text(), b"old/b": text(l1=b"b")}
    said = await conflicts(
        tmp_path,
        base,
        {b"new/a": text(), b"new/b": text(l1=b"b"), b"new/c": File(b"new\n")},
        {b"new/a": text(), b"new/b": text(l1=b"b")},
    )
    assert said == [("old/c", "file location: its directory was renamed on one side")]


async def test_kinds_of_entries_that_do_not_merge(tmp_path: Path) -> None:
    """Binary files, links against files, and submodules that both moved have their own words."""
    one, two, three = (File(bytes([c]) * 40, SUBMODULE) for c in b"123")
    said = await conflicts(
        tmp_path,
        {b"bin": File(b"\0a"), b"link": File(b"f", LINK), b"mod": two},
        {b"bin": File(b"\0b"), b"link": text(l1=b"x"), b"mod": three},
        {b"bin": File(b"\0"), b"link": text(), b"mod": one},
    )
    assert dict(said) == {
        "bin": "binary: changed on both sides",
        "link": "distinct types: a file, a link or a submodule on either side",
        "mod": "submodule: moved on both sides",
    }


async def test_a_file_against_a_directory_is_named_as_people_know_it(tmp_path: Path) -> None:
    """The name that git makes up to keep both is not shown."""
    said = await conflicts(
        tmp_path, {b"f": text(), b"d/g": text(), b"n/x": text()}, {**BASE, b"n": text(l1=b"y")}
    )
    assert said == [("n", "file/directory: a file on one side, a directory on the other")]


async def test_odd_paths_are_fit_for_json(tmp_path: Path) -> None:
    """Line breaks and quotes stay, bytes that are no UTF-8 are shown by their code."""
    odd, base, ours, theirs = b'a\n"\xff"\\', text(), text(l1=b"a"), text(l1=b"b")
    said = await conflicts(tmp_path, {odd: ours}, {odd: theirs}, {odd: base})
    assert said == [('a\n"\\xff"\\', "contents: 1 hunk")]


async def test_changes_follow_a_rename_and_keep_the_mode(tmp_path: Path) -> None:
    """A file that main renamed is changed under its old name; mode and contents merge apart."""
    base = {b"new/f": text(), b"run": text()}
    toy = make_toy(
        tmp_path,
        ToyCommit("base", {b"f": text(), b"run": text()}),
        ToyCommit("main", base, ("base",)),
        ToyCommit("target", {b"f": text(l1=b"old"), b"run": text(l1=b"old")}, ("base",)),
        ToyCommit(
            "fix", {b"new/f": text(l9=b"new"), b"run": File(text().data, EXECUTABLE)}, ("main",)
        ),
    )
    made = await picked(toy)
    listed = toy.line("ls-tree", "-r", "--format=%(objectmode) %(path)", str(made.tree))
    assert listed.splitlines() == ["100644 f", "100755 run"]
    assert toy.git("show", f"{made.tree}:f") == text(l1=b"old", l9=b"new").data


@pytest.mark.parametrize("where", [b".gitattributes", b"d/.gitattributes"])
async def test_merge_attributes_of_the_target_hold(tmp_path: Path, where: bytes) -> None:
    """`merge=union` is done as in a clean clone, at the root and further down."""
    rules = {where: File(b"g merge=union\n")}
    toy = make_toy(
        tmp_path,
        *history(
            {b"d/g": text(l1=b"a"), **rules},
            {b"d/g": text(l1=b"b"), **rules},
            {b"d/g": text(), **rules},
        ),
    )
    made = await picked(toy)
    assert toy.git("show", f"{made.commit}:d/g") == text(l1=b"a\nb").data


async def test_history_is_not_walked(tmp_path: Path) -> None:
    """A merge needs the fix, its parent and the target alone, however long the history is."""
    chain = [ToyCommit("c0", BASE)] + [
        ToyCommit(f"c{i}", BASE, (f"c{i - 1}",)) for i in range(1, 6)
    ]
    fix = ToyCommit("fix", {**BASE, b"f": text(l9=b"new")}, ("c5",))
    toy = make_toy(tmp_path, *chain, fix)
    first = toy.shas["c0"]
    (toy.git_dir / "objects" / first[:2] / first[2:]).unlink()
    with opened(toy) as clone:
        source, onto = (clone.objects.commit(toy.shas[name]) for name in ("fix", "c1"))
        assert source is not None
        assert onto is not None
        assert (await merge(clone.objects, source, onto, [b"f"])).output.clean


async def test_a_bad_object_is_no_conflict(tmp_path: Path) -> None:
    """Git's exit code for both is the same; without a tree in the output it is a failure."""
    toy = make_toy(tmp_path, *history(BASE, BASE))
    names = (toy.shas["target"], "1" * 40)
    call = Call(accept=(0, 1, 128))
    result = await Git(toy.git_dir)("merge-tree", "--write-tree", "-z", *names, call=call)
    with pytest.raises(GitFailedError):
        parse_merge_output(result)


async def test_no_command_of_a_repository_runs(tmp_path: Path) -> None:
    """A merge driver that a tree asks for and a repository defines is not run."""
    rules = {b".gitattributes": File(b"* merge=evil\n")}
    toy = make_toy(
        tmp_path,
        *history(
            {b"f": text(l1=b"a"), **rules}, {b"f": text(l9=b"b"), **rules}, {b"f": text(), **rules}
        ),
    )
    made = await picked(toy)
    assert toy.git("show", f"{made.commit}:f") == text(l1=b"a", l9=b"b").data


async def test_conflicts_survive_as_values(tmp_path: Path) -> None:
    """A conflict has one sentence for a person."""
    made = await picked(
        make_toy(tmp_path, *history({b"f": text(l1=b"a")}, {b"f": text(l1=b"b")}, {b"f": text()}))
    )
    assert made.conflicts == (Conflict("f", "contents: 1 hunk", ((2, 6),)),)
    assert made.detail.endswith("conflicts in 1 file.")
