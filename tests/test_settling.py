"""What rules may do to a pick: settle conflicts and release notes, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.core.model import Outcome, Resolution
from bot.core.resolution import Settled, ThreeWay
from tests.git_toys import (
    File,
    Tree,
    history,
    make_toy,
    picked,
    ruled,
    text,
)


@dataclass
class Says:
    """A resolver that gives some paths a content, and remembers what it was shown."""

    name: str
    answers: dict[str, bytes | None]
    shown: list[ThreeWay] = field(default_factory=list)

    async def resolve(self, conflict: ThreeWay) -> Settled | None:
        """Answer where there is an answer."""
        self.shown.append(conflict)
        if conflict.path not in self.answers:
            return None
        return Settled(conflict.path, self.answers[conflict.path], self.name)


@dataclass
class Notes:
    """Notes under `notes/`: one is settled to its own name, unless the target has no such file."""

    asked: list[ThreeWay] = field(default_factory=list)

    def owns(self, path: str) -> bool:
        """Own all below one folder."""
        return path.startswith("notes/")

    def settle(self, change: ThreeWay, has: Callable[[str], bool]) -> Settled | None:
        """Give a note that says its name; none where the target has none."""
        self.asked.append(change)
        content = change.path.encode() if has(change.path) else None
        return Settled(change.path, content, "release-notes")

    def subject(self, subject: bytes, has: Callable[[str], bool]) -> bytes:
        """Say which note there is."""
        return subject + (b" (noted)" if has("notes/4.1") else b"")


BOTH: tuple[Tree, Tree, Tree] = (
    {b"f": text(l2=b"a", l15=b"a"), b"d/g": text(l3=b"a"), b"other": text(l1=b"a")},
    {b"f": text(l2=b"b", l15=b"b"), b"d/g": text(l3=b"b"), b"other": text(l9=b"b")},
    {b"f": text(), b"d/g": text(), b"other": text()},
)


async def test_resolvers_are_asked_in_order_until_one_answers(tmp_path: Path) -> None:
    """The first that settles a path names it; the rest of the merge stays as git made it."""
    toy = make_toy(tmp_path, *history(*BOTH))
    first, second = (
        Says("first", {"f": b"first\n"}),
        Says("second", {"f": b"x", "d/g": b"second\n"}),
    )
    made = await picked(toy, settlers=ruled(first, second))
    assert made.outcome is Outcome.PICKED
    assert made.resolved == (Resolution("d/g", "second"), Resolution("f", "first"))
    assert [conflict.path for conflict in second.shown] == ["d/g"]
    assert first.shown[1] == ThreeWay("f", *(tree[b"f"].data for tree in (BOTH[2], *BOTH[:2])))
    shown = {name: toy.git("show", f"{made.commit}:{name}") for name in ("f", "d/g", "other")}
    merged = text(l1=b"a", l9=b"b").data
    assert shown == {"f": b"first\n", "d/g": b"second\n", "other": merged}
    toy.git("fsck", "--strict", str(made.commit))


async def test_what_is_left_stays_in_conflict(tmp_path: Path) -> None:
    """One settled file does not make a pick; the partial commit has it beside the markers."""
    toy = make_toy(tmp_path, *history(*BOTH))
    made = await picked(toy, settlers=ruled(Says("one", {"f": b"settled\n"})))
    assert (made.outcome, made.tree, made.commit) == (Outcome.CONFLICT, None, None)
    assert [conflict.path for conflict in made.conflicts] == ["d/g"]
    assert made.resolved == (Resolution("f", "one"),)
    assert toy.git("show", f"{made.partial}:f") == b"settled\n"


async def test_a_partial_commit_is_the_pick_with_markers(tmp_path: Path) -> None:
    """Author and message are those of a pick, sides have names, hunks say where they are."""
    toy = make_toy(tmp_path, *history(*BOTH, message=b"Fixed #1 -- It.\n\nMore.\n"))
    made = await picked(toy)
    assert [(c.path, c.reason, c.hunks) for c in made.conflicts] == [
        ("d/g", "contents: 1 hunk", ((4, 8),)),
        ("f", "contents: 2 hunks", ((3, 7), (20, 24))),
    ]
    lines = toy.git("show", f"{made.partial}:f").decode().splitlines()
    theirs = f">>>>>>> {toy.shas['fix'][:12]} (Fixed #1 -- It.)"
    assert lines[2:7] == ["<<<<<<< HEAD", "a", "=======", "b", theirs]
    shown = toy.line("log", "-1", "--format=%P %an %s", str(made.partial))
    assert shown == f"{toy.shas['target']} Ann [4.1.x] Fixed #1 -- It."
    assert made == await picked(toy)


@pytest.mark.parametrize("content", [b"kept\n", None])
async def test_a_deleted_file_can_be_settled(tmp_path: Path, content: bytes | None) -> None:
    """A rule may keep or delete what one side deleted; an emptied folder is gone."""
    toy = make_toy(tmp_path, *history({b"f": text()}, {b"f": text(), b"d/g": text(l1=b"b")}))
    rule = Says("rule", {"d/g": content})
    made = await picked(toy, settlers=ruled(rule))
    assert rule.shown == [ThreeWay("d/g", text().data, None, text(l1=b"b").data)]
    listed = toy.line("ls-tree", "-r", "--name-only", str(made.tree) if made.tree else "target")
    assert ("d/g" in listed) is (content is not None)
    assert made.outcome is (Outcome.PICKED if content else Outcome.ALREADY_THERE)


async def test_a_file_that_both_sides_add_can_be_settled(tmp_path: Path) -> None:
    """There is no base then."""
    toy = make_toy(tmp_path, *history({b"n": File(b"a\n")}, {b"n": File(b"b\n")}, {}))
    rule = Says("rule", {"n": b"both\n"})
    made = await picked(toy, settlers=ruled(rule))
    assert rule.shown == [ThreeWay("n", None, b"a\n", b"b\n")]
    assert toy.git("show", f"{made.commit}:n") == b"both\n"


@pytest.mark.parametrize(
    ("ours", "theirs", "mode"),
    [("100755", "100644", "100755"), ("100644", "100755", "100755")],
)
async def test_modes_are_the_targets_unless_the_commit_changed_them(
    tmp_path: Path, ours: str, theirs: str, mode: str
) -> None:
    """A settled content says nothing of whether the file can be run."""
    toy = make_toy(
        tmp_path,
        *history({b"f": File(b"a\n", ours)}, {b"f": File(b"b\n", theirs)}, {b"f": File(b"o\n")}),
    )
    made = await picked(toy, settlers=ruled(Says("rule", {"f": b"both\n"})))
    assert toy.line("ls-tree", "--format=%(objectmode)", str(made.tree), "f") == mode


async def test_many_files_in_conflict_are_for_a_program(tmp_path: Path) -> None:
    """No rule is asked and nothing is prepared; the advice is to make the change anew."""
    names = [b"f%d" % i for i in range(101)]
    ours, theirs, base = (dict.fromkeys(names, File(line)) for line in (b"a\n", b"b\n", b"o\n"))
    toy = make_toy(tmp_path, *history(ours, theirs, base))
    rule = Says("rule", {})
    made = await picked(toy, settlers=ruled(rule))
    assert (made.outcome, made.conflicts, made.partial) == (Outcome.CONFLICT, (), None)
    assert rule.shown == []
    assert "conflicts in 101 files" in made.detail
    assert "better made anew on the target" in made.detail


@pytest.mark.parametrize("target", [text(l1=b"a"), text(l3=b"a"), text()])
async def test_notes_are_settled_clean_or_not(tmp_path: Path, target: File) -> None:
    """Each note that the commit touches is asked for once; what git made of it does not matter."""
    toy = make_toy(
        tmp_path,
        *history(
            {b"f": text(), b"notes/4.1": target},
            {b"f": text(l1=b"b"), b"notes/4.1": text(l3=b"b"), b"notes/new": text()},
            {b"f": text(), b"notes/4.1": text()},
        ),
    )
    notes, rule = Notes(), Says("rule", {})
    made = await picked(toy, settlers=ruled(rule, notes=notes))
    assert [change.path for change in notes.asked] == ["notes/4.1", "notes/new"]
    assert notes.asked[0] == ThreeWay("notes/4.1", text().data, target.data, text(l3=b"b").data)
    assert rule.shown == []
    listed = toy.line("ls-tree", "-r", "--name-only", str(made.tree)).splitlines()
    assert listed == ["f", "notes/4.1"]
    assert toy.git("show", f"{made.commit}:notes/4.1") == b"notes/4.1"
    assert {one.by for one in made.resolved} == {"release-notes"}
    assert toy.line("log", "-1", "--format=%s", str(made.commit)) == "[4.1.x] Fix (noted)"


async def test_notes_of_other_series_alone_are_nothing_to_bring(tmp_path: Path) -> None:
    """A commit that only touches notes which the target lacks leaves it as it is, and says so."""
    trees = ({b"f": text()}, {b"f": text(), b"notes/5.0": text()}, {b"f": text()})
    toy = make_toy(tmp_path, *history(*trees))
    made = await picked(toy, settlers=ruled(notes=Notes()))
    assert (made.outcome, made.commit) == (Outcome.ALREADY_THERE, toy.shas["target"])
    assert "no place on the target" in made.detail


async def test_a_note_is_not_the_new_name_of_another(tmp_path: Path) -> None:
    """Git takes a note of one series for that of another by its likeness: it stays untouched."""
    toy = make_toy(
        tmp_path,
        *history(
            {b"notes/4.1": text(), b"f": text()},
            {b"notes/5.0": text(l9=b"new"), b"f": text(l1=b"b")},
            {b"notes/5.0": text(), b"f": text()},
        ),
    )
    plain = await picked(toy)
    assert toy.git("show", f"{plain.commit}:notes/4.1") == text(l9=b"new").data
    made = await picked(toy, settlers=ruled(notes=Notes()))
    assert toy.git("show", f"{made.commit}:notes/4.1") == text().data
    assert toy.git("show", f"{made.commit}:f") == text(l1=b"b").data
