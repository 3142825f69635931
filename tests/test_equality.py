from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from bot.adapters.git.equality import compare
from bot.adapters.git.objects import MissingObjectError, objects_of
from bot.adapters.git.run import Git
from bot.core import equality
from bot.core.equality import Equality, Likeness
from bot.core.patch import Size, parse
from tests.git_toys import EXECUTABLE, SUBMODULE, File, Toy, ToyCommit, Tree, make_toy

LINES = [b"line %d" % i for i in range(20)]
BASE: Tree = {b"f": File(b"\n".join(LINES) + b"\n")}


def text(end: bytes = b"\n", **changes: bytes) -> File:
    """Give twenty lines, some of them replaced: `text(l3=b"new")`."""
    lines = {f"l{i}": line for i, line in enumerate(LINES)} | changes
    return File(end.join(lines.values()) + end)


def sides(fix: Tree, target: Tree, head: Tree, base: Tree = BASE) -> list[ToyCommit]:
    """Give main (`base`, `fix`) and a branch (`target`, `head`)."""
    return [
        ToyCommit("base", base),
        ToyCommit("fix", fix, ("base",)),
        ToyCommit("target", target, ("base",)),
        ToyCommit("head", head, ("target",)),
    ]


async def compared(toy: Toy, *sources: str, head: str = "head") -> Equality:
    """Compare by names."""
    shas = [toy.shas[name] for name in sources or ("fix",)]
    with objects_of(Git(toy.git_dir)) as objects:
        return await compare(objects, shas, toy.shas["target"], toy.shas[head])


async def test_a_clean_pick_is_identical_to_main(tmp_path: Path) -> None:
    """What differs far from the change does not count, and nothing needs to be shown."""
    toy = make_toy(
        tmp_path,
        *sides(
            {b"f": text(l15=b"new\nand more"), b"n": File(b"1\n2\n")},
            {b"f": text(l1=b"old\nolder")},
            {b"f": text(l1=b"old\nolder", l15=b"new\nand more"), b"n": File(b"1\n2\n")},
        ),
    )
    found = await compared(toy)
    assert equality.line(found) == "identical to main: 2 files, +4 −1"  # noqa: RUF001 - a minus
    assert equality.section(found) == ""


async def test_sizes_are_those_that_git_counts(tmp_path: Path) -> None:
    """Files, added and removed lines are as `git diff --numstat` has them."""
    fix = {b"f": text(l15=b"new", l3=b"a\nb"), b"n": File(b"1\n-- 2\n++ 3\n"), b"e": File(b"")}
    toy = make_toy(tmp_path, *sides(fix, BASE, {**fix, b"f": text(l3=b"a")}))
    found = await compared(toy)
    for one, size in (("base..fix", found.main), ("target..head", found.backport)):
        rows = [row.split("\t") for row in toy.line("diff", "--numstat", one).splitlines()]
        numbers = [sum(int(row[i]) for row in rows) for i in (0, 1)]
        assert size == Size(len(rows), *numbers)


async def test_other_surroundings_are_told_from_other_changes(tmp_path: Path) -> None:
    """The same lines changed beside a line that differs: that line alone is shown."""
    toy = make_toy(
        tmp_path,
        *sides(
            {b"f": text(l15=b"new")}, {b"f": text(l13=b"old")}, {b"f": text(l13=b"old", l15=b"new")}
        ),
    )
    found = await compared(toy)
    assert equality.line(found) == (
        "the same lines changed as on main, in other surroundings: 1 file, +1 −1"  # noqa: RUF001 - a minus
    )
    assert found.diff.splitlines() == [
        *("=== f", "  @@", "  line 12", "- line 13", "+ old"),
        *("  line 14", " -line 15", " +new"),
    ]


async def test_exactly_the_lines_that_differ_are_shown(tmp_path: Path) -> None:
    """A line that a rule or a person wrote otherwise is shown beside main's."""
    fix = {b"f": text(l15=b'say("x")'), b"same": File(b"1\n")}
    toy = make_toy(tmp_path, *sides(fix, BASE, {**fix, b"f": text(l15=b"say('x')")}))
    found = await compared(toy)
    assert equality.line(found) == "differs from main in 1 file: `f` (2 files, +2 −1)"  # noqa: RUF001 - a minus
    rows = equality.section(found).splitlines()
    assert rows[0] == "<details><summary>What differs from main</summary>"
    assert '-+say("x")' in rows
    assert "++say('x')" in rows
    assert " -line 15" in rows
    assert "same" not in found.diff
    assert rows[-1] == "</details>"


async def test_what_only_one_side_changes_is_named_as_such(tmp_path: Path) -> None:
    """A file that was dropped, and one that was added, are shown whole with their side."""
    fix = {b"f": text(l15=b"new"), b"note": File(b"main's\n")}
    head = {b"f": text(l15=b"new"), b"extra": File(b"ours\n")}
    found = await compared(make_toy(tmp_path, *sides(fix, BASE, head)))
    assert found.differing == ("extra", "note")
    rows = found.diff.splitlines()
    assert rows[0] == "=== extra (only in the backport)"
    assert "++ours" in rows
    assert "=== note (only on main)" in rows
    assert "-+main's" in rows


async def test_several_commits_are_compared_as_a_whole(tmp_path: Path) -> None:
    """A fix of two commits equals a branch on which a person squashed and pushed again."""
    one, two = {b"f": text(l3=b"one")}, {b"f": text(l3=b"two", l9=b"two")}
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        ToyCommit("one", one, ("base",)),
        ToyCommit("two", two, ("one",)),
        ToyCommit("target", BASE, ("base",)),
        ToyCommit("wrong", {b"f": text(l3=b"wrong")}, ("target",)),
        ToyCommit("head", two, ("wrong",)),
    )
    assert (await compared(toy, "one", "two")).likeness is Likeness.IDENTICAL
    assert (await compared(toy, "one", "two", head="wrong")).likeness is Likeness.DIFFERENT


async def test_commits_with_others_between_them_are_compared_one_by_one(tmp_path: Path) -> None:
    """What main did between two commits of a fix is no part of it."""
    one, between = {b"f": text(l3=b"one")}, {b"f": text(l3=b"one", l6=b"else")}
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        ToyCommit("one", one, ("base",)),
        ToyCommit("between", between, ("one",)),
        ToyCommit("two", {b"f": text(l3=b"one", l6=b"else", l16=b"two")}, ("between",)),
        ToyCommit("target", BASE, ("base",)),
        ToyCommit("first", one, ("target",)),
        ToyCommit("head", {b"f": text(l3=b"one", l16=b"two")}, ("first",)),
    )
    assert (await compared(toy, "one", "two")).likeness is Likeness.IDENTICAL
    assert (await compared(toy, "one", "two", head="first")).likeness is Likeness.DIFFERENT


async def test_a_branch_that_took_the_target_in_again_is_compared_by_its_own(
    tmp_path: Path,
) -> None:
    """Commits of the target, ahead of the branch or merged into it, are not the backport's."""
    head = {b"f": text(l15=b"new")}
    newer = {**BASE, b"t": File(b"target\n")}
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        ToyCommit("fix", head, ("base",)),
        ToyCommit("target", newer, ("base",)),
        ToyCommit("behind", head, ("base",)),
        ToyCommit("merged", {**newer, **head}, ("behind", "target")),
    )
    assert (await compared(toy, head="behind")).likeness is Likeness.IDENTICAL
    assert (await compared(toy, head="merged")).likeness is Likeness.IDENTICAL


async def test_a_merge_is_compared_by_what_it_brought(tmp_path: Path) -> None:
    """The change of a merge commit is that against its first parent."""
    fix = {b"f": text(l15=b"new")}
    toy = make_toy(
        tmp_path,
        *sides(fix, BASE, fix),
        ToyCommit("side", {b"f": text(l15=b"new")}, ("base",)),
        ToyCommit("main", {**BASE, b"m": File(b"m\n")}, ("base",)),
        ToyCommit("merge", {b"f": text(l15=b"new"), b"m": File(b"m\n")}, ("main", "side")),
    )
    assert (await compared(toy, "merge")).likeness is Likeness.IDENTICAL


async def test_a_first_commit_of_all_can_be_compared(tmp_path: Path) -> None:
    """A source without a parent changed everything that it holds."""
    fix = {b"n": File(b"1\n")}
    toy = make_toy(tmp_path, *sides(fix, BASE, {**BASE, **fix}), ToyCommit("root", fix))
    assert (await compared(toy, "root")).likeness is Likeness.IDENTICAL


async def test_line_ends_and_white_space_are_differences(tmp_path: Path) -> None:
    """A patch-id would not see them; here a carriage return is even made visible."""
    fix = {b"f": text(l15=b"new  line")}
    toy = make_toy(
        tmp_path,
        *sides(fix, BASE, {b"f": text(l15=b"new line")}),
        ToyCommit("crlf", {b"f": text(l15=b"new  line\r")}, ("target",)),
        ToyCommit("hidden", {b"f": text(l15=b"new \xc2\xa0line")}, ("target",)),
    )
    assert "++new line" in (await compared(toy)).diff.splitlines()
    assert r"++new  line\r" in (await compared(toy, head="crlf")).diff.splitlines()
    assert r"++new \xa0line" in (await compared(toy, head="hidden")).diff.splitlines()


async def test_a_missing_line_end_is_a_difference(tmp_path: Path) -> None:
    """The last line of a file is not the same with and without its line feed."""
    fix = {**BASE, b"n": File(b"1\n2\n")}
    toy = make_toy(tmp_path, *sides(fix, BASE, {**BASE, b"n": File(b"1\n2")}))
    rows = (await compared(toy)).diff.splitlines()
    assert "-+2" in rows
    assert "++2 (no line end)" in rows


async def test_modes_are_part_of_the_change(tmp_path: Path) -> None:
    """A file made executable on main alone is a difference."""
    fix = {b"f": File(text(l3=b"new").data, EXECUTABLE)}
    toy = make_toy(
        tmp_path,
        *sides(fix, BASE, {b"f": text(l3=b"new")}),
        ToyCommit("same", fix, ("target",)),
    )
    assert "- ## new mode 100755" in (await compared(toy)).diff.splitlines()
    assert (await compared(toy, head="same")).likeness is Likeness.IDENTICAL


async def test_binary_files_and_submodules_are_compared(tmp_path: Path) -> None:
    """Bytes that no patch shows count all the same."""
    base = {b"b": File(b"\0one"), b"s": File(b"1" * 40, SUBMODULE)}
    fix = {b"b": File(b"\0two"), b"s": File(b"2" * 40, SUBMODULE)}
    toy = make_toy(
        tmp_path,
        *sides(fix, base, fix, base=base),
        ToyCommit("other", {b"b": File(b"\0too"), b"s": File(b"3" * 40, SUBMODULE)}, ("target",)),
    )
    assert (await compared(toy)).likeness is Likeness.IDENTICAL
    assert (await compared(toy, head="other")).differing == ("b", "s")


async def test_a_renamed_file_is_compared_with_its_old_self(tmp_path: Path) -> None:
    """The target still has the file under its old name, in which the same change is made."""
    toy = make_toy(
        tmp_path,
        ToyCommit("base", BASE),
        ToyCommit("renamed", {b"g": BASE[b"f"]}, ("base",)),
        ToyCommit("fix", {b"g": text(l9=b"new")}, ("renamed",)),
        ToyCommit("target", BASE, ("base",)),
        ToyCommit("head", {b"f": text(l9=b"new")}, ("target",)),
    )
    found = await compared(toy)
    assert found.likeness is Likeness.MOVED
    assert found.diff == "=== f (on main g)"


async def test_a_renaming_is_part_of_the_change(tmp_path: Path) -> None:
    """Renaming with a small edit is compared as such, not as a new file."""
    fix = {"ä\n".encode(): text(l9=b"new")}
    toy = make_toy(tmp_path, *sides(fix, {b"f": text(l1=b"old")}, {b"f": text(l1=b"old")}))
    toy.add(ToyCommit("same", {"ä\n".encode(): text(l1=b"old", l9=b"new")}, ("target",)))
    assert (await compared(toy, head="same")).likeness is Likeness.IDENTICAL
    found = await compared(toy)
    assert found.differing == (r'"ä\n"',)
    assert found.main == Size(1, 1, 1)


async def test_what_is_shown_is_cut(tmp_path: Path) -> None:
    """A large difference is shown as far as a pull request has room; the rest is counted."""
    fix = {**BASE, b"n": File(b"".join(b"%d\n" % i for i in range(5000)))}
    found = await compared(make_toy(tmp_path, *sides(fix, BASE, {**BASE, b"f": text(l3=b"x")})))
    shown = found.diff.splitlines()
    assert len(shown) <= 200
    # Both files have a title; the one a fact and a mark of a hunk, the other such a mark.
    assert len(shown) + found.left_out == 5000 + 3 + len(
        ["title", "@@", *("line 0", "line 1", "line 2"), "-", "+", *("line 4", "line 5", "line 6")]
    )
    assert f"{found.left_out} more lines left out." in equality.section(found)
    assert len(equality.section(found)) < 20_000


async def test_long_lines_are_cut(tmp_path: Path) -> None:
    """One line of minified code does not fill the page."""
    fix = {**BASE, b"n": File(b"x" * 100_000)}
    found = await compared(make_toy(tmp_path, *sides(fix, BASE, BASE)))
    assert max(len(row) for row in found.diff.splitlines()) < 600


async def test_a_change_too_large_to_compare_says_so(tmp_path: Path) -> None:
    """Megabytes of text are not taken apart."""
    lines = b"".join(b"%d and so on and so on\n" % i for i in range(45_000))
    fix = {b"n%d" % i: File(lines) for i in range(4)}
    found = await compared(make_toy(tmp_path, *sides(fix, BASE, BASE)))
    assert equality.line(found) == "too large to be compared with main line by line"
    assert equality.section(found) == ""


async def test_large_files_are_compared_as_a_whole(tmp_path: Path) -> None:
    """Files of many megabytes are equal or not; git does not look for their lines."""
    lines = b"".join(b"%d and so on\n" % i for i in range(150_000))
    toy = make_toy(
        tmp_path,
        *sides({b"n": File(lines)}, BASE, {**BASE, b"n": File(lines)}, base={}),
        ToyCommit("other", {**BASE, b"n": File(lines + b"more\n")}, ("target",)),
    )
    assert (await compared(toy)).likeness is Likeness.IDENTICAL
    assert (await compared(toy, head="other")).likeness is Likeness.DIFFERENT


async def test_a_file_with_too_many_changed_lines_is_only_named(tmp_path: Path) -> None:
    """Comparing thousands of lines with thousands would take too long."""
    fix = {**BASE, b"n": File(b"".join(b"%d\n" % i for i in range(3000)))}
    head = {**BASE, b"n": File(b"".join(b"%d\n" % i for i in range(1, 3000)))}
    found = await compared(make_toy(tmp_path, *sides(fix, BASE, head)))
    assert found.diff.splitlines() == ["=== n", "… too many lines to be compared"]


async def test_an_unknown_commit_is_not_taken_for_an_empty_change(tmp_path: Path) -> None:
    """A source that is not in the repository cannot be compared."""
    toy = make_toy(tmp_path, *sides(BASE, BASE, BASE))
    toy.shas["nowhere"] = "1" * 40
    with pytest.raises(MissingObjectError):
        await compared(toy, "nowhere")


def test_many_files_are_counted_and_some_named() -> None:
    """A sentence names five files; sizes of both sides stand in it where they differ."""
    found = Equality(
        Likeness.DIFFERENT, Size(7, 9, 2), Size(6, 8, 2), tuple(f"f`{i}" for i in range(7))
    )
    assert equality.line(found) == (
        "differs from main in 7 files: "
        + ", ".join(f"`` f`{i} ``" for i in range(5))
        + " and 2 more (6 files, +8 −2 here, 7 files, +9 −2 on main)"  # noqa: RUF001 - minus signs
    )


async def test_the_answer_can_be_written_down(tmp_path: Path) -> None:
    """A durable step records it as JSON and reads the same again."""
    fix = {b"\xff": File(b"\xfe\n")}
    found = await compared(make_toy(tmp_path, *sides(fix, BASE, BASE)))
    adapter = TypeAdapter(Equality)
    assert adapter.validate_json(adapter.dump_json(found)) == found


def test_back_ticks_in_a_difference_stay_inside_its_block() -> None:
    """Whatever lines hold, the folded block ends where we end it."""
    size = Size(1, 1, 0)
    found = Equality(Likeness.DIFFERENT, size, size, ("f",), "++````\n+ </details>")
    assert "\n`````diff\n++````\n+ </details>\n`````\n" in equality.section(found)


def test_lines_that_look_like_headers_are_lines() -> None:
    """A removed `-- a` and an added `++ b` are no names of files."""
    patch = (
        b"diff --git f f\nindex 1..2 100644\n--- f\n+++ f\n@@ -1 +1 @@\n--- a\n+++ b\n"
        b"diff --git e e\nnew file mode 100644\nindex 0..1\n"
    )
    first, second = parse(patch)
    assert [line.text for line in first.changes] == [b"-- a", b"++ b"]
    assert [line.text for line in second.changes] == [b"new file mode 100644"]
