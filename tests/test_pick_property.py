"""On any small history, a pick is what `git cherry-pick` does, and rules keep to what is theirs."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.model import Outcome, Pick
from bot.core.resolution import Settled, ThreeWay
from tests.git_toys import (
    EXECUTABLE,
    LINK,
    RECIPE,
    REGULAR,
    SUBMODULE,
    File,
    Toy,
    ToyCommit,
    Tree,
    make_toy,
    opened,
    picked,
    ruled,
)

PATHS = (b"a.txt", b"b", b"d", b"d/a.txt", b"d/b", b"d/e/c", b"g/h", b"caf\xe9", b'l\nf" x\\')
LINES = tuple(b"line %d of some text" % i for i in range(12))
ATTRIBUTES = (b"*.txt merge=union\n", b"d/* -merge\n", b"* merge=binary\n", b"* merge=odd\n")


def text(lines: tuple[bytes, ...], end: bytes = b"\n") -> bytes:
    """Join lines."""
    return b"".join(line + end for line in lines)


contents = st.sampled_from(
    [
        File(text(LINES)),
        File(text(LINES[:6])),
        File(text(LINES), EXECUTABLE),
        File(text(LINES, b"\r\n")),
        File(b"\0\1\2" + text(LINES)),
        File(b"caf\xe9\n" + text(LINES)),
        File(b"no end"),
        File(b""),
        File(b"a.txt", LINK),
        File(b"d/b", LINK),
        File(b"1" * 40, SUBMODULE),
        File(b"2" * 40, SUBMODULE),
    ]
)


def put(tree: Tree, path: bytes, file: File) -> dict[bytes, File]:
    """Set a path, and take away what it cannot stand beside."""
    return {
        other: there
        for other, there in tree.items()
        if not other.startswith(path + b"/") and not path.startswith(other + b"/")
    } | {path: file}


@st.composite
def trees(draw: st.DrawFn) -> dict[bytes, File]:
    """Give a tree of one to five entries."""
    tree: dict[bytes, File] = {}
    for path in draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=5, unique=True)):
        tree = put(tree, path, draw(contents))
    if draw(st.integers(0, 5)) == 0:
        where = draw(st.sampled_from((b".gitattributes", b"d/.gitattributes")))
        tree = put(tree, where, File(draw(st.sampled_from(ATTRIBUTES))))
    return tree


@st.composite
def edited(draw: st.DrawFn, file: File) -> File:
    """Change one line, insert one, drop one, or change the mode."""
    if file.mode == SUBMODULE:
        return File(draw(st.sampled_from((b"2" * 40, b"3" * 40))), SUBMODULE)
    if file.mode == LINK:
        return File(draw(st.sampled_from((b"b", b"g/h"))), LINK)
    lines = file.data.splitlines(keepends=True)
    at = draw(st.integers(0, len(lines)))
    line = draw(st.sampled_from((b"new\n", b"other\n", b"new\r\n", b"\0\n")))
    match draw(st.sampled_from(("change", "insert", "drop", "mode"))):
        case "change":
            lines[at : at + 1] = [line]
        case "insert":
            lines.insert(at, line)
        case "drop":
            del lines[at : at + 1]
        case _:
            return File(file.data, EXECUTABLE if file.mode == REGULAR else REGULAR)
    return File(b"".join(lines), file.mode)


@st.composite
def changed(draw: st.DrawFn, tree: Tree) -> dict[bytes, File]:
    """Give the tree after one to three changes."""
    new = dict(tree)
    for _ in range(draw(st.integers(1, 3))):
        new = draw(changed_once(new))
    return new


@st.composite
def changed_once(draw: st.DrawFn, tree: Tree) -> dict[bytes, File]:
    """Edit, move, delete or add a file, or move a directory."""
    new = dict(tree)
    what = draw(
        st.sampled_from(("edit", "edit", "edit", "move", "delete", "add", "move directory"))
    )
    if what == "add" or not new:
        return put(new, draw(st.sampled_from(PATHS)), draw(contents))
    if what == "move directory":
        return {(b"g" + p[1:] if p.startswith(b"d/") else p): file for p, file in new.items()}
    path = draw(st.sampled_from(sorted(new)))
    file = new[path]
    if what == "edit":
        return new | {path: draw(edited(file))}
    del new[path]
    return put(new, draw(st.sampled_from(PATHS)), file) if what == "move" else new


@st.composite
def histories(draw: st.DrawFn) -> tuple[ToyCommit, ...]:
    """Give a base, a target and a main that left it, and a fix: plain, a merge, or a root."""
    base = draw(trees())
    main = draw(st.just(base) | changed(base))
    kind = draw(st.sampled_from(("plain", "plain", "plain", "plain", "merge", "root")))
    parents = {"plain": ("main",), "merge": ("main", "side"), "root": ()}[kind]
    encoding, message = draw(st.sampled_from((("", b"Fix"), ("ISO-8859-1", b"Caf\xe9"))))
    return (
        ToyCommit("base", base),
        ToyCommit("target", draw(st.just(base) | changed(base)), ("base",)),
        ToyCommit("main", main, ("base",)),
        ToyCommit("side", draw(changed(base)), ("base",)),
        ToyCommit("fix", draw(changed(main)), parents, message=message, encoding=encoding),
    )


MANY = settings(
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@MANY
@given(histories())
def test_a_pick_equals_plain_cherry_pick(history: tuple[ToyCommit, ...]) -> None:
    """Tree, conflict or not, and the conflicting paths are those of `git cherry-pick`."""
    with tempfile.TemporaryDirectory() as folder:
        toy = make_toy(Path(folder), *history)
        fix, target = toy.shas["fix"], toy.shas["target"]
        with opened(toy) as clone:
            ours = asyncio.run(clone.pick([fix], target, RECIPE))
        compare(toy, ours, merge=len(history[-1].parents) > 1)


def compare(toy: Toy, ours: Pick, *, merge: bool) -> None:
    """Pick by plain git, and compare."""
    if ours.outcome is Outcome.NOTHING_TO_PICK:
        assert toy.line("diff-tree", "main", "fix") == ""
        return
    toy.git("checkout", "--quiet", "--detach", "target")
    mainline = ["-m", "1"] if merge else []
    options = ["--keep-redundant-commits", "--allow-empty", *mainline]
    toy.git("cherry-pick", *options, toy.shas["fix"], accept=(0, 1))
    unmerged = toy.git("ls-files", "--unmerged", "-z").split(b"\0")[:-1]
    if not unmerged:
        assert ours.tree == toy.line("rev-parse", "HEAD^{tree}")
        there = ours.tree == toy.line("rev-parse", "target^{tree}")
        assert ours.outcome is (Outcome.ALREADY_THERE if there else Outcome.PICKED)
        return
    assert ours.outcome is Outcome.CONFLICT
    names = {entry.partition(b"\t")[2].partition(b"~")[0] for entry in unmerged}
    shown = {conflict.path for conflict in ours.conflicts}
    assert shown == {name.decode(errors="backslashreplace") for name in names}


Answer = bytes | str
ANSWERS: tuple[Answer, ...] = (b"settled\n", b"", "theirs", "ours", "deleted", "open")


@dataclass
class Rule:
    """A resolver and a style of notes at once; it gives each path in turn another answer."""

    answers: list[Answer]
    name: str = "rule"

    async def resolve(self, conflict: ThreeWay) -> Settled | None:
        """Settle a conflict."""
        return self.settle(conflict, lambda _: True)

    def owns(self, path: str) -> bool:
        """Own what lies in one folder."""
        return path.startswith("d/")

    def settle(self, change: ThreeWay, has: Callable[[str], bool]) -> Settled | None:
        """Give an answer that depends on the path alone."""
        answer = self.answers[sum(change.path.encode()) % len(self.answers)]
        if answer == "open" or (answer == "deleted" and not has(change.path)):
            return None
        known = {"theirs": change.theirs, "ours": change.ours, "deleted": None}
        content = answer if isinstance(answer, bytes) else known[answer]
        return Settled(change.path, content, self.name)

    def subject(self, subject: bytes, has: Callable[[str], bool]) -> bytes:
        """Mark it where the target has such notes."""
        return subject + b" (noted)" if has("d") else subject


rules = st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=4).map(Rule)


@MANY
@given(histories(), rules)
def test_rules_touch_only_conflicts_and_notes(history: tuple[ToyCommit, ...], rule: Rule) -> None:
    """With rules, only conflicting files and release notes differ from what git makes of it."""
    with tempfile.TemporaryDirectory() as folder:
        toy = make_toy(Path(folder), *history)
        plain = asyncio.run(picked(toy))
        settled = asyncio.run(picked(toy, settlers=ruled(rule, notes=rule)))
        before, after = result(plain), result(settled)
        if before is None or after is None:
            assert before == after
            return
        names = toy.git("diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after)
        differing = {name.decode(errors="backslashreplace") for name in names.split(b"\0")[:-1]}
        toy.git("fsck", "--strict", "--no-dangling", f"{after}^{{tree}}")
    allowed = {conflict.path for conflict in plain.conflicts}
    assert {name for name in differing - allowed if not rule.owns(name)} == set()
    assert differing <= {resolution.path for resolution in settled.resolved}
    assert {c.path for c in settled.conflicts} <= allowed


def result(made: Pick) -> str | None:
    """Give what came of a pick: its tree, or the commit with markers."""
    return made.tree or made.partial
