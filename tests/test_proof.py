"""Comparing runs, and driving them, on trees whose tests say themselves what they need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.applied import apply
from bot.core.model import Conclusion, TestOutcome, TestPlan, TestReport, TestResult
from bot.core.proof import MOST_IDS, Proof, Remark, Stage, StageRow
from bot.core.split import FileChange, Split, split
from bot.core.verdict import verdict
from bot.engine.proving import ProofJob, on_lines, prove

BOTH = Split((FileChange("tests/a", 0o100644, b""),), (FileChange("a", 0o100644, b""),))
OUTCOMES = {
    "P": TestOutcome.PASSED,
    "F": TestOutcome.FAILED,
    "E": TestOutcome.ERROR,
    "S": TestOutcome.SKIPPED,
}
SUCCESS, FAILURE, NEUTRAL = Conclusion.SUCCESS, Conclusion.FAILURE, Conclusion.NEUTRAL


def run(**tests: str) -> TestReport:
    """Give a run in which these tests passed, failed, ended in an error or were skipped."""
    results = tuple(
        TestResult(name, OUTCOMES[how], "tests/a.py", 7, "went wrong")
        for name, how in tests.items()
    )
    bad = sum(how in "FE" for how in tests.values())
    return TestReport(
        FAILURE if bad else SUCCESS,
        f"{bad} of {len(tests)} failed" if bad else f"{len(tests)} passed",
        ran=len(tests),
        failed=bad,
        tail=f"{bad} bad",
        results=results,
        completed=True,
    )


def by_status(conclusion: Conclusion) -> TestReport:
    """Give a run of which nothing but its end is known."""
    completed = conclusion in {SUCCESS, FAILURE}
    return TestReport(conclusion, f"it was a {conclusion}", completed=completed)


def judged(base: TestReport, red: TestReport, green: TestReport) -> Proof:
    """Judge three runs of a backport with tests and code."""
    return verdict({Stage.BASE: base, Stage.RED: red, Stage.GREEN: green}, BOTH)


def test_a_test_that_fails_without_the_fix_and_passes_with_it_proves_it() -> None:
    """The proof is a success that names the proving tests, and shows how they failed."""
    proof = judged(run(old="P"), run(old="P", a="F", b="F"), run(old="P", a="P", b="P"))
    assert proof.conclusion is SUCCESS
    assert proof.title == "2 tests fail without the fix and pass with it"
    assert proof.proving == ("a", "b")
    assert proof.tail == "2 bad"
    assert not proof.weak


def test_an_old_test_that_was_changed_proves_too() -> None:
    """A test that passed on the branch, fails in red and passes in green is a proof."""
    proof = judged(run(a="P"), run(a="F"), run(a="P"))
    assert (proof.title, proof.idle) == ("1 test fails without the fix and passes with it", ())


def test_a_new_test_that_passes_without_the_fix_is_named() -> None:
    """A resolution that spoils one of the tests is seen: that test proves nothing."""
    proof = judged(run(old="P"), run(old="P", a="F", b="P"), run(old="P", a="P", b="P"))
    assert proof.title == (
        "1 test fails without the fix and passes with it; 1 new test passes without it too"
    )
    assert (proof.proving, proof.idle) == (("a",), ("b",))


def test_new_tests_that_all_pass_without_the_fix_are_a_warning() -> None:
    """Where nothing fails in red, the bug does not show here."""
    proof = judged(run(old="P"), run(old="P", a="P"), run(old="P", a="P"))
    assert proof.conclusion is NEUTRAL
    assert proof.title == "Not proved: 1 new test passes without the fix too"
    assert "Is the fix needed here?" in proof.notes[0]


def test_no_new_test_and_none_that_fails_is_no_proof() -> None:
    """A helper that changed, without a test that notices, proves nothing."""
    proof = judged(run(old="P"), run(old="P"), run(old="P"))
    assert proof.conclusion is NEUTRAL
    assert proof.title == "Not proved: no test fails without the fix, and none is new"


def test_what_fails_with_the_backport_alone_is_a_regression() -> None:
    """A failing test that passed before, or is new, fails the check, with its line."""
    proof = judged(run(old="P", sick="F"), run(), run(old="F", new="E", sick="F"))
    assert proof.conclusion is FAILURE
    assert proof.title == "Regression: 2 tests fail with the backport alone"
    assert (proof.regressions, proof.before) == (("new", "old"), ("sick",))
    assert proof.remarks[0] == Remark("tests/a.py", 7, "old\nwent wrong")
    assert on_lines(proof)[0].start_line == 7


def test_what_failed_before_too_is_a_note() -> None:
    """A sick branch is no fault of the backport, which is proved all the same."""
    proof = judged(run(sick="F"), run(sick="F", a="F"), run(sick="F", a="P"))
    assert proof.conclusion is SUCCESS
    assert (
        proof.title == "1 test fails without the fix and passes with it; 1 test failed before too"
    )
    assert proof.before == ("sick",)
    unproved = judged(run(sick="F"), run(sick="F"), run(sick="F"))
    assert unproved.conclusion is NEUTRAL


def test_errors_alone_are_a_weak_proof() -> None:
    """An error may come from what the test needs; so says the title."""
    proof = judged(run(), run(a="E"), run(a="P"))
    assert proof.weak
    assert proof.title == ("Weak proof: 1 test ends in an error without the fix and passes with it")


def test_a_module_that_cannot_be_loaded_without_the_fix_is_a_weak_proof() -> None:
    """New tests of a module that red cannot import count; its old ones do not."""
    red = run(**{"unittest.loader._FailedTest.tests": "E"})
    proof = judged(run(old="P"), red, run(old="P", a="P"))
    assert (proof.weak, proof.proving) == (True, ("a",))


def test_runs_without_ids_are_compared_by_their_ends() -> None:
    """The exit status alone can prove, warn, and show a regression or a sick branch."""
    good, bad = by_status(SUCCESS), by_status(FAILURE)
    assert judged(good, bad, good).title == "The tests fail without the fix and pass with it"
    assert judged(good, bad, good).conclusion is SUCCESS
    assert judged(good, good, good).conclusion is NEUTRAL
    assert judged(good, bad, bad).conclusion is FAILURE
    assert "Regression" in judged(good, bad, bad).title
    assert judged(bad, bad, bad).conclusion is NEUTRAL
    assert "failed before too" in judged(bad, bad, bad).title


def test_tests_that_do_not_end_without_the_fix_are_a_weak_proof() -> None:
    """A bug that hangs is seen as such; it may be something else that hangs."""
    proof = judged(run(old="P"), by_status(Conclusion.TIMED_OUT), run(old="P", a="P"))
    assert (proof.conclusion, proof.weak) == (SUCCESS, True)


def test_a_run_out_of_time_with_the_backport_is_timed_out() -> None:
    """The check says so, and does not call it a failing test."""
    late = by_status(Conclusion.TIMED_OUT)
    assert judged(run(a="P"), run(a="P"), late).conclusion is Conclusion.TIMED_OUT


@pytest.mark.parametrize(
    "green",
    [
        replace(run(a="P"), conclusion=FAILURE, title="exit 1, and all passed"),
        replace(run(a="F"), conclusion=SUCCESS, title="exit 0, and one failed"),
        replace(run(), conclusion=FAILURE, title="No tests ran"),
        replace(run(a="F"), unsound=True, title="No JUnit file was written"),
    ],
)
def test_a_run_that_contradicts_itself_is_a_failure(green: TestReport) -> None:
    """Doubt is never a success, nor excused by the same doubt before."""
    proof = judged(green, green, green)
    assert (proof.conclusion, proof.title) == (FAILURE, green.title)


def test_failures_beside_an_unknown_base_are_failures() -> None:
    """Where nobody knows what failed before, nothing is excused."""
    proof = judged(by_status(FAILURE), run(a="F"), run(a="F"))
    assert proof.conclusion is FAILURE
    assert proof.title == "1 test failed; which failed before is not known"


def test_the_regression_set_is_compared_in_the_same_way() -> None:
    """What fails in the wide set counts only where base passes it."""
    three = {Stage.BASE: run(), Stage.RED: run(a="F"), Stage.GREEN: run(a="P")}
    wide = {Stage.WIDE_GREEN: run(x="F", y="P")}
    broken = verdict({**three, **wide, Stage.WIDE_BASE: run(x="P", y="P")}, BOTH)
    assert (broken.conclusion, broken.regressions) == (FAILURE, ("x",))
    sick = verdict({**three, **wide, Stage.WIDE_BASE: run(x="F", y="P")}, BOTH)
    assert (sick.conclusion, sick.before, sick.proving) == (SUCCESS, ("x",), ("a",))
    not_run = replace(by_status(NEUTRAL), title="Tests not run: no room")
    blind = verdict({**three, Stage.WIDE_GREEN: not_run}, BOTH)
    assert blind.notes == ("Regression set: Tests not run: no room",)


def test_lists_are_cut_and_the_title_is_not() -> None:
    """Of a hundred thousand ids the proof keeps some, and the true number."""
    names = [f"t{number:06}" for number in range(100_000)]
    red, green = run(**dict.fromkeys(names, "F")), run(**dict.fromkeys(names, "P"))
    proof = judged(run(), red, green)
    assert proof.title == "100000 tests fail without the fix and pass with it"
    assert proof.proving == tuple(names[:MOST_IDS])


RUNS = st.dictionaries(st.sampled_from("abcde"), st.sampled_from("PFES")).map(lambda d: run(**d))


@given(RUNS, RUNS, RUNS)
def test_no_harm_is_ever_called_a_success(
    base: TestReport, red: TestReport, green: TestReport
) -> None:
    """Success means: tests ran, and whatever fails now failed before; ids are in one list alone."""
    proof = judged(base, red, green)
    ours = {r.id for r in green.results or () if r.outcome.value in {"failed", "error"}}
    theirs = {r.id for r in base.results or () if r.outcome.value in {"failed", "error"}}
    if proof.conclusion is SUCCESS:
        assert green.ran
        assert ours <= theirs
    if green.ran and ours - theirs:
        assert set(proof.regressions) == ours - theirs
    lists = (proof.proving, proof.regressions, proof.before, proof.idle)
    assert len(set().union(*lists)) == sum(map(len, lists))


class Readings:
    """A runner that reads tests instead of running them.

    Each line of `tests/*.txt` is a test: its name, and the file that must hold the word `fixed`.
    """

    def __init__(self, first: TestReport | None = None) -> None:
        self.seen: list[tuple[str, ...]] = []
        self._first = first

    async def run(self, plan: TestPlan, tree: Path) -> TestReport:
        """Report on the tests of the labels, which are paths, or on all."""
        self.seen.append(plan.labels)
        return self._first or self._read(plan, tree)

    def _read(self, plan: TestPlan, tree: Path) -> TestReport:
        files = [tree / label for label in plan.labels] or sorted(tree.glob("tests/*.txt"))
        lines = [line.split() for file in files for line in file.read_text().splitlines()]
        fixed = {name: tree / needed for name, needed in lines}
        return run(**{n: "P" if "fixed" in f.read_text() else "F" for n, f in fixed.items()})


def change(path: str, content: str | None) -> FileChange:
    """Give a change of a text."""
    return FileChange(path, 0o100644, None if content is None else content.encode())


class Case:
    """A tree on disk, a change of it, and what came of proving it."""

    def __init__(self, tree: Path, changes: Iterable[FileChange]) -> None:
        tree.mkdir(exist_ok=True)
        apply(
            [
                change("tests/old.txt", "old lib.txt\n"),
                change("tests/wide.txt", "wide lib.txt\n"),
                change("lib.txt", "fixed"),
                change("bug.txt", "broken"),
            ],
            tree,
        )
        self.tree, self.changes = tree, tuple(changes)
        self.logged: list[Stage] = []
        self.told: list[tuple[str, ...]] = []

    async def prove(self, runner: Readings, *labels: str, wide: tuple[str, ...] = ()) -> Proof:
        """Prove the change, keeping what is logged and told."""
        plan = TestPlan(
            *(("pytest", "{labels}"), labels, (), (), (), 60), wide, test_paths=("tests/",)
        )
        job = ProofJob(
            plan=plan,
            tree=self.tree,
            split=split(self.changes, plan.test_paths),
            drift="3 lines more than on main",
            runner=runner,
            apply=apply,
            log=lambda stage, _: self.logged.append(stage),
        )
        return await prove(job, self._tell)

    async def _tell(self, rows: Sequence[StageRow]) -> None:
        self.told.append(tuple(f"{row.stage}: {row.sentence}" for row in rows))


FIX = (change("tests/new.txt", "new bug.txt\n"), change("bug.txt", "fixed"))
LABELS = ("tests/old.txt", "tests/new.txt")


async def test_the_three_runs_of_a_proof(tmp_path: Path) -> None:
    """Base, red and green are made on one tree in turn, told as they start, and each is logged."""
    case, runner = Case(tmp_path, FIX), Readings()
    proof = await case.prove(runner, *LABELS)
    assert proof.title == "1 test fails without the fix and passes with it"
    assert [(row.stage, row.ran, row.failed) for row in proof.rows] == [
        (Stage.BASE, 1, 0),
        (Stage.RED, 2, 1),
        (Stage.GREEN, 2, 0),
    ]
    assert runner.seen == [LABELS[:1], LABELS, LABELS]
    assert case.logged == [Stage.BASE, Stage.RED, Stage.GREEN]
    assert case.told[1] == ("base: 1 passed", "red: running …")
    assert proof.notes == ("3 lines more than on main",)


async def test_a_test_file_that_is_new_has_no_base(tmp_path: Path) -> None:
    """Where the branch has none of the tests yet, base is not run and all tests are new."""
    case, runner = Case(tmp_path, FIX), Readings()
    proof = await case.prove(runner, "tests/new.txt")
    assert case.logged == [Stage.RED, Stage.GREEN]
    assert proof.rows[0].sentence == "none of these tests is there yet"
    assert proof.proving == ("new",)


async def test_the_regression_set_runs_on_base_only_where_green_fails(tmp_path: Path) -> None:
    """A wide set that passes is one run; one that fails goes back to the branch as it stood."""
    good = Case(tmp_path / "a", ())
    good.changes = FIX
    proof = await good.prove(Readings(), *LABELS, wide=("tests/wide.txt", "tests/gone.txt"))
    assert good.logged[3:] == [Stage.WIDE_GREEN]
    assert proof.notes[0] == "Not on this branch, so not run: tests/gone.txt"
    breaking = (*FIX, change("tests/old.txt", "old bug.txt\n"), change("lib.txt", "spoilt"))
    bad = Case(tmp_path / "b", breaking)
    proof = await bad.prove(Readings(), *LABELS, wide=("tests/wide.txt",))
    assert bad.logged[3:] == [Stage.WIDE_GREEN, Stage.WIDE_BASE]
    assert proof.regressions == ("wide",)
    assert (bad.tree / "lib.txt").read_text() == "fixed"
    assert not (bad.tree / "tests/new.txt").exists()


async def test_a_regression_ends_it_before_the_wide_set(tmp_path: Path) -> None:
    """What is clear is not asked again."""
    case = Case(tmp_path, (*FIX, change("lib.txt", "spoilt")))
    proof = await case.prove(Readings(), *LABELS, wide=("tests/wide.txt",))
    assert case.logged == [Stage.BASE, Stage.RED, Stage.GREEN]
    assert proof.regressions == ("old",)


@pytest.mark.parametrize(
    ("changes", "stages", "said"),
    [
        ((change("docs/a.txt", "x"),), [], "Not applicable: the backport changes documentation"),
        ((), [], "Not applicable: the backport changes no file"),
        (FIX[1:], [Stage.GREEN], "1 passed; nothing to prove, the backport brings no test"),
        (
            (change("tests/old.txt", "old lib.txt\nalso lib.txt\n"),),
            [Stage.GREEN],
            "2 passed; nothing to prove, the backport changes tests alone",
        ),
        ((change("lib.txt", "spoilt"),), [Stage.GREEN, Stage.BASE], "Regression: 1 test fails"),
    ],
)
async def test_what_has_nothing_to_prove_runs_what_it_needs(
    tmp_path: Path, changes: tuple[FileChange, ...], stages: list[Stage], said: str
) -> None:
    """Documentation runs nothing; tests or code alone run green, and base where green fails."""
    case = Case(tmp_path, changes)
    proof = await case.prove(Readings(), "tests/old.txt")
    assert case.logged == stages
    assert proof.title.startswith(said)


async def test_labels_of_which_the_branch_has_none_are_a_mistake(tmp_path: Path) -> None:
    """Nothing is run, and the configuration is named, not the tests."""
    case = Case(tmp_path, FIX)
    proof = await case.prove(Readings(), "tests/gone.txt")
    assert (case.logged, proof.conclusion) == ([], NEUTRAL)
    assert re.search(r"names tests/gone\.txt", " ".join(proof.notes))


@pytest.mark.parametrize("conclusion", [NEUTRAL, Conclusion.TIMED_OUT])
async def test_a_base_that_cannot_be_run_ends_it(tmp_path: Path, conclusion: Conclusion) -> None:
    """Without a sandbox, or where the branch's own tests do not end, no more runs are made."""
    case = Case(tmp_path, FIX)
    proof = await case.prove(Readings(by_status(conclusion)), *LABELS)
    assert case.logged == [Stage.BASE]
    assert proof.conclusion is conclusion
    assert proof.title.startswith(f"it was a {conclusion}")
