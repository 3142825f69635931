from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.replay.chart import Bar, bar_chart
from bench.replay.engine import REFUSED, Errand, Peak, Replayed, Work, replay
from bench.replay.finished import Finished
from bench.replay.likeness import Kind, Likeness, kind, same_meaning
from bench.replay.newer import second_errands
from bench.replay.pairs import Pair, find_pairs, read_pairs, source_named, within
from bench.replay.summary import CLEAN, NEWER, by_series, hides_code, highest, summarise, way
from bench.replay.timed import Time
from bot.core.model import Outcome
from tests.git_toys import File, Toy, ToyCommit, make_toy

SHA, OTHER = "a" * 40, "b" * 40
PAIR = Pair(SHA, OTHER, "c" * 40, "d" * 40, "4.1", 2022)
PICKED = Replayed(PAIR, Outcome.PICKED.value, Time(0.01, 0.005), likeness=Likeness.SAME_TREE)
BASE = b"import os\n\n\ndef first():\n    return 1\n\n\ndef last():\n    return 9\n"
FIXED = BASE.replace(b"9", b"10")


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Make a repository with a fix on main, and an older stable branch."""
    return make_toy(
        tmp_path,
        ToyCommit("root", {b"code.py": File(BASE)}),
        ToyCommit("main", {b"code.py": File(FIXED)}, ["root"]),
        ToyCommit("fork", {b"code.py": File(BASE), b"old": File(b"old\n")}, ["root"]),
    )


def backport(toy: Toy, message: str, code: bytes, branch: str = "stable/4.1.x") -> str:
    """Commit the person's backport on the stable branch."""
    tree = {b"code.py": File(code), b"old": File(b"old\n")}
    toy.add(ToyCommit(branch, tree, ["fork"], message.format(**toy.shas).encode()))
    return toy.shas[branch]


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("[4.1.x] Fixed it.\n\nBackport of {0} from main.", SHA),
        ("Fixed it.\n\nBackport of {1} from main", SHA[:10]),
        ("Fixed it.\n\n(cherry picked from commit {0})\n\nCo-authored-by: x", SHA),
        ("**This is a backport of PR #1 as merged into 3.9\n({0}).**\n\nx", SHA),
        ("This is a backport of PR #1 as merged into 3.9 ({0}).\n\nBackport of {2} from x", SHA),
        ("Backport of {0} from main.\n\nBackport of {2} from main.", None),
        ("Backport of {0} from main.\n\nBackport of {0} from main.", SHA),
        ("Fixed a regression in {0}.", None),
    ],
)
def test_source_named(message: str, named: str | None) -> None:
    """A message names its source in one of the known ways, and several sources are none."""
    assert source_named(message.format(SHA, SHA[:10], OTHER)) == named


def test_pairs_are_found(toy: Toy) -> None:
    """A backport on a release branch is found with its source, its parent, series and year."""
    onto = toy.shas["fork"]
    made = backport(toy, "[4.1.x] Fixed it.\n\nBackport of {main} from main.\n", FIXED)
    tree = toy.line("rev-parse", f"{made}^{{tree}}")
    assert find_pairs(toy.git_dir) == [Pair(toy.shas["main"], made, onto, tree, "4.1", 2022)]


def test_series_of_a_plain_subject(toy: Toy) -> None:
    """Where the subject names no series, the release that holds the backport does."""
    backport(toy, "Fixed it.\n\n(cherry picked from commit {main})\n", FIXED)
    assert [pair.series for pair in find_pairs(toy.git_dir)] == ["4.1"]


def test_pairs_elsewhere_are_left_out(toy: Toy) -> None:
    """What stands on no release branch, or names a source that is not there, is no pair."""
    backport(toy, "[4.1.x] Fixed it.\n\nBackport of {main} from main.\n", FIXED, "patch-1")
    backport(toy, f"[4.1.x] Fixed it.\n\nBackport of {SHA} from main.\n", FIXED)
    assert find_pairs(toy.git_dir) == []


def test_given_pairs(toy: Toy) -> None:
    """Pairs can be given by any names, whatever the messages say."""
    made = backport(toy, "[4.1.x] Fixed it.\n", FIXED)
    (pair,) = read_pairs(toy.git_dir, "main stable/4.1.x\n\n")
    assert (pair.source, pair.backport, pair.series) == (toy.shas["main"], made, "4.1")


@pytest.mark.parametrize("line", ["main", "main root", "root fork", f"{SHA} main"])
def test_given_pairs_that_cannot_be(toy: Toy, line: str) -> None:
    """A line that does not name a pickable commit and its backport is refused."""
    with pytest.raises(ValueError, match=r"."):
        read_pairs(toy.git_dir, line)


@pytest.mark.parametrize(
    ("series", "spans", "inside"),
    [
        ("4.1", ["4.1"], True),
        ("4.10", ["4.1"], False),
        ("3.10", ["3.9-3.11"], True),
        ("2.2", ["2.2-5.0"], True),
        ("5.1", ["2.2-5.0"], False),
        ("5.1", ["2.2-5.0", "5.1"], True),
        ("", ["2.2-5.0"], False),
    ],
)
def test_series_spans(series: str, spans: Sequence[str], inside: bool) -> None:  # noqa: FBT001 - a table
    """Series compare as numbers, and a span holds both its ends."""
    assert within(series, spans) is inside


@pytest.mark.parametrize(
    ("path", "one", "other", "same"),
    [
        ("a.py", b"x = 'a'\n", b'x = "a"  # why\n', True),
        ("a.py", b"x = 1\n", b"x = 2\n", False),
        ("a.py", b"if x:\n  y\n", b"if x:\n    y\n", True),
        ("a.py", b"if x:\n    y\nz\n", b"if x:\n    y\n    z\n", False),
        ("a.py", b"print 'a'\n", b"print  'a'\n", False),
        ("a.txt", b"one two\nthree\n", b"one\ntwo three\n", True),
        ("a.txt", b"one two\n", b"two one\n", False),
        ("a.bin", b"\0 a\n", b"\0  a\n", False),
    ],
)
def test_same_meaning(path: str, one: bytes, other: bytes, same: bool) -> None:  # noqa: FBT001 - a table
    """Python means the same with the same syntax tree, other text with the same words."""
    assert same_meaning(path, one, other) is same


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("django/db/models/query.py", Kind.CODE),
        ("tests/queries/tests.py", Kind.TESTS),
        ("testing/test_doctest.py", Kind.TESTS),
        ("docs/releases/4.1.5.txt", Kind.NOTES),
        ("CHANGES/123.bugfix.rst", Kind.NOTES),
        ("docs/ref/settings.txt", Kind.DOCS),
        ("setup.cfg", Kind.OTHER),
    ],
)
def test_kinds(path: str, expected: Kind) -> None:
    """The folders and the suffix of a path tell what it holds."""
    assert kind(path) is expected


@pytest.mark.parametrize(
    ("code", "likeness", "differs"),
    [
        (FIXED, Likeness.SAME_TREE, ()),
        (FIXED + b"# why\n", Likeness.SAME_MEANING, ()),
        (FIXED + b"why()\n", Likeness.DIFFERENT, ("code.py",)),
    ],
)
def test_replay(toy: Toy, code: bytes, likeness: Likeness, differs: tuple[str, ...]) -> None:
    """A source is picked on to its backport's parent, and the trees are compared."""
    backport(toy, "[4.1.x] Fixed it.\n\nBackport of {main} from main.\n", code)
    errands = [Errand(pair) for pair in find_pairs(toy.git_dir)]
    ((result,),) = replay(Work(toy.git_dir, "safe"), errands)
    assert (result.outcome, result.likeness, result.differs) == ("picked", likeness, differs)
    assert result.peak.own > 0 < result.peak.child
    assert result.time.clock > result.gate.clock > 0


def test_a_run_is_taken_up(tmp_path: Path) -> None:
    """What a run wrote before it ended is known to the next, but for a line that was cut off."""
    path = tmp_path / "new" / "done.jsonl"
    failed = replace(PICKED, outcome="conflict", likeness=None, conflicts=("a.py",))
    second = replace(PICKED, pair=replace(PAIR, source=OTHER), peak=Peak(1, 2))
    finished = Finished(path, resume=True)
    finished.add([failed])
    finished.add([PICKED, second])
    with path.open("ab") as file:
        file.write(b'{"pair": {"sour')
    again = Finished(path, resume=True)
    assert again.done == {PAIR: PICKED, second.pair: second}
    again.add([failed])
    assert Finished(path, resume=True).done[PAIR] == failed
    assert Finished(path, resume=False).done == {}


def test_second_tries() -> None:
    """A conflict is tried again from the next newer branch on which there was a conflict too."""
    conflict = replace(PICKED, outcome=Outcome.CONFLICT.value)
    newest, newer, clean, old = (
        replace(some, pair=replace(PAIR, series=series, backport=series))
        for some, series in (
            (conflict, "4.2"),
            (conflict, "4.1"),
            (PICKED, "4.0"),
            (conflict, "3.2"),
        )
    )
    other = replace(conflict, pair=replace(PAIR, source=OTHER, series="3.2"))
    errands = second_errands([old, other, clean, newest, newer])
    assert errands == [Errand(old.pair, "4.1"), Errand(newer.pair, "4.2")]


def test_hidden_differences() -> None:
    """A difference in code is hidden unless a rule is named with its path, or the gate spoke."""
    differing = replace(PICKED, likeness=Likeness.DIFFERENT, differs=("a.py", "docs/a.txt"))
    assert hides_code(differing)
    assert not hides_code(replace(differing, differs=("docs/a.txt",)))
    assert not hides_code(replace(differing, settled=("a.py",), rules=("formatter",)))
    assert not hides_code(replace(differing, findings=("`a` is not defined",)))


def test_sums() -> None:
    """Every pick counts once, under the vaguest way by which it came through."""
    results = [
        PICKED,
        replace(PICKED, rules=("formatter", "release-notes")),
        replace(PICKED, rules=("formatter",), newer=OTHER),
        replace(PICKED, likeness=Likeness.DIFFERENT, differs=("a.py",)),
        replace(PICKED, outcome="conflict", likeness=None, peak=Peak(5, 1)),
        replace(PICKED, outcome=REFUSED, likeness=None, peak=Peak(1, 5)),
    ]
    summary = summarise(results)
    assert [way(result) for result in results][:3] == [CLEAN, "formatter", NEWER]
    assert summary.ways == {CLEAN: 2, "formatter": 1, NEWER: 1, "conflict": 1, REFUSED: 1}
    assert (summary.picks, summary.through, summary.hidden, summary.sound) == (6, 4, 1, 3)
    assert sum(len(some) for some in by_series(results).values()) == 6
    assert highest(results) == Peak(5, 5)


def test_times_of_the_parts() -> None:
    """The gate's time is taken from the whole, and what is left is the pick's."""
    timed = replace(PICKED, time=Time(0.01, 0.005), gate=Time(0.002, 0.001))
    summary = summarise([timed])
    assert summary.gate.median == pytest.approx(2)
    assert summary.rules.p95 == pytest.approx(8)
    assert (summary.clock.median, summary.processor.median) == (10, 5)


def test_chart() -> None:
    """The chart is well-formed, with a bar a row as wide as its count's share."""
    drawn = bar_chart("a < b", ("clean", "conflict"), [Bar("4.1", {"clean": 3, "conflict": 1})])
    space = "{http://www.w3.org/2000/svg}"
    bars = [rect for rect in ET.fromstring(drawn).iter(f"{space}rect") if len(rect)]  # noqa: S314 - our own
    widths = [float(rect.attrib["width"]) for rect in bars]
    assert widths == [480.0, 160.0]
