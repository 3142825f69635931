from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.interpreters import Interpreters
from bot.adapters.runner import SandboxRunner, sandbox_runner
from bot.adapters.sandbox import Sandbox
from bot.adapters.scratch import scratch
from bot.core.errors import UserError
from bot.core.model import Conclusion, TestOutcome, TestPlan, TestReport

VERSIONS = ("3.6", "3.8", "3.11", "3.13")
PASSED, FAILED = TestOutcome.PASSED, TestOutcome.FAILED
ERROR, SKIPPED = TestOutcome.ERROR, TestOutcome.SKIPPED
CASES = """
import io, os, subprocess, sys, unittest

class Case(unittest.TestCase):
    def test_good(self):
        self.assertFalse([name for name in os.environ if name.startswith("STABLEHAND")])
        self.assertEqual(os.environ.get("PYTHONPATH"), "/src/lib")
        self.assertNotIn("PYTEST_PLUGINS", os.environ)

    def test_bad(self):
        self.assertEqual(1, 2)

    def test_error(self):
        raise ValueError("\\x1b[31m`odd` @all")

    @unittest.skip("not now")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.fail()

    def test_parts(self):
        for part in range(3):
            with self.subTest(part=part):
                self.assertNotEqual(part, 1)

    def test_inner_run(self):
        class Inner(unittest.TestCase):
            def test_fails_on_purpose(self):
                self.fail()
        inner = unittest.TestLoader().loadTestsFromTestCase(Inner)
        result = unittest.TextTestRunner(stream=io.StringIO()).run(inner)
        self.assertEqual(len(result.failures), 1)

    def test_other_program(self):
        inner = [sys.executable, "-m", "unittest", "inner"]
        self.assertEqual(subprocess.call(inner, stderr=subprocess.DEVNULL), 1)

class Unready(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("not ready")

    def test_never(self):
        pass
"""
INNER = """
import unittest
class Inner(unittest.TestCase):
    def test_fails(self):
        self.fail()
"""
FUNCTIONS = """
import pytest

def test_good(): pass

def test_bad():
    assert 1 == 2

@pytest.fixture
def broken():
    raise ValueError("no")

def test_error(broken): pass

@pytest.mark.skip
def test_skipped(): pass

@pytest.mark.xfail
def test_expected():
    assert False

@pytest.mark.parametrize("x", ["a b", "c"])
def test_each(x): pass
"""


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder that all tests here share."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def runner(data: Path) -> SandboxRunner:
    """Give the runner of this machine."""
    return sandbox_runner(Sandbox(), data, os.environ)


@pytest.fixture
async def tree(tmp_path: Path) -> AsyncIterator[Path]:
    """Give a tree of tests in both styles."""
    with scratch("test", tmp_path) as folder:
        (folder / "lib").mkdir()
        (folder / "cases.py").write_text(CASES)
        (folder / "inner.py").write_text(INNER)
        (folder / "test_functions.py").write_text(FUNCTIONS)
        (folder / "test_unloadable.py").write_text("import nothing_like_this\n")
        yield folder


def plan(*command: str, python: str = "3.11", requirements: tuple[str, ...] = ()) -> TestPlan:
    """Give a plan for a version of Python; nothing takes its place."""
    return TestPlan(
        command=("{python}", *command),
        labels=(),
        python=(python,),
        requirements=requirements,
        env=(("PYTHONPATH", "{tree}/lib"),),
        timeout=60,
        substitute=False,
    )


def outcomes(report: TestReport) -> dict[str, TestOutcome]:
    """Give what became of each test."""
    return {test.id: test.outcome for test in report.results or ()}


async def here(versions: tuple[str, ...]) -> list[str]:
    """Give those versions that this machine has."""
    interpreters = Interpreters(os.environ)
    found = []
    for version in versions:
        try:
            await interpreters.choose((version,))
        except UserError:
            continue
        found.append(version)
    return found


async def test_unittest_has_the_same_ids_on_every_python(runner: SandboxRunner, tree: Path) -> None:
    """From 3.6 on: sub-tests belong to their test, runs inside of tests and programs do not."""
    reports = {
        version: await runner.run(plan("-m", "unittest", "cases", python=version), tree)
        for version in await here(VERSIONS)
    }
    expected = {
        "cases.Case.test_good": PASSED,
        "cases.Case.test_bad": FAILED,
        "cases.Case.test_error": ERROR,
        "cases.Case.test_skipped": SKIPPED,
        "cases.Case.test_expected": PASSED,
        "cases.Case.test_parts": FAILED,
        "cases.Case.test_inner_run": PASSED,
        "cases.Case.test_other_program": PASSED,
        "setUpClass (cases.Unready)": ERROR,
    }
    assert {version: outcomes(report) for version, report in reports.items()} == dict.fromkeys(
        reports, expected
    )
    assert reports


async def test_a_failure_has_its_place_and_message(runner: SandboxRunner, tree: Path) -> None:
    """It is the last line of the traceback in the tree; the message is fit to be shown."""
    report = await runner.run(plan("-m", "unittest", "cases"), tree)
    found = {test.id: test for test in report.results or ()}
    bad, error = found["cases.Case.test_bad"], found["cases.Case.test_error"]
    lines = CASES.splitlines()
    assert (bad.path, lines[bad.line - 1].strip()) == ("cases.py", "self.assertEqual(1, 2)")
    assert bad.message == "AssertionError: 1 != 2"
    assert error.message == "ValueError: `odd` @all"
    assert (report.completed, report.unsound, report.failed) == (True, False, 4)
    assert "Ran 8 tests" in report.output


async def test_pytest_tells_node_ids(runner: SandboxRunner, tree: Path) -> None:
    """Errors of fixtures, skips and expected failures are told apart; colours do no harm."""
    wanted = plan("-m", "pytest", "--color=yes", "test_functions.py", requirements=("pytest",))
    report = await runner.run(wanted, tree)
    assert outcomes(report) == {
        "test_functions.py::test_good": PASSED,
        "test_functions.py::test_bad": FAILED,
        "test_functions.py::test_error": ERROR,
        "test_functions.py::test_skipped": SKIPPED,
        "test_functions.py::test_expected": PASSED,
        "test_functions.py::test_each[a b]": PASSED,
        "test_functions.py::test_each[c]": PASSED,
    }, report
    (bad,) = (test for test in report.results or () if test.id.endswith("test_bad"))
    assert FUNCTIONS.splitlines()[bad.line - 1].strip() == "assert 1 == 2"
    assert (bad.path, bad.message) == ("test_functions.py", "assert 1 == 2")


async def test_pytest_says_what_it_cannot_load(runner: SandboxRunner, tree: Path) -> None:
    """A module with a broken import is a failure; a path that is not there is a mistake."""
    wanted = plan("-m", "pytest", "test_unloadable.py", requirements=("pytest",))
    report = await runner.run(wanted, tree)
    assert (report.title, report.conclusion) == (
        "1 test module could not be loaded",
        Conclusion.FAILURE,
    )
    missing = replace(wanted, command=("{python}", "-m", "pytest", "test_nothing.py"))
    report = await runner.run(missing, tree)
    assert report.title == "Tests not run: the label `test_nothing.py` does not exist here"


async def test_pytest_writes_junit_where_it_is_told(runner: SandboxRunner, tree: Path) -> None:
    """`{out}` is where the file goes, and where it must be."""
    command = ("-m", "pytest", "--junit-xml={out}/junit.xml", "test_functions.py")
    wanted = replace(plan(*command, requirements=("pytest",)), results="junit")
    report = await runner.run(wanted, tree)
    assert outcomes(report)["test_functions.test_bad"] is FAILED
    assert len(report.results or ()) == 7
    lazy = replace(wanted, command=("{python}", "-m", "pytest", "test_functions.py"))
    report = await runner.run(lazy, tree)
    assert report.title == "The command wrote no JUnit file `/out/junit.xml`"


@pytest.mark.parametrize(
    ("label", "missing"),
    [("cases.Nothing", "Nothing"), ("nothing.at.all", "nothing"), ("cases.Case.no", "no")],
)
async def test_a_label_that_does_not_exist(
    runner: SandboxRunner, tree: Path, label: str, missing: str
) -> None:
    """It is a mistake in the configuration, on every Python."""
    for version in await here(VERSIONS):
        report = await runner.run(plan("-m", "unittest", label, python=version), tree)
        assert report.conclusion is Conclusion.NEUTRAL
        assert report.title == f"Tests not run: the label `{missing}` does not exist here"


async def test_a_disk_that_is_full_costs_the_ids_alone(runner: SandboxRunner, tree: Path) -> None:
    """Results that cannot be written leave the counts, and a note."""
    many = "import unittest\nclass Many(unittest.TestCase): pass\n"
    many += "for n in range(50): setattr(Many, 'test_%d' % n, lambda self: None)\n"
    (tree / "many.py").write_text(f"import resource\n{many}")
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))\n"
    (tree / "many.py").write_text(f"import resource\n{limit}{many}")
    report = await runner.run(plan("-m", "unittest", "many"), tree)
    assert report.title.startswith("50 tests passed")
    assert report.results is None
    assert report.notes[0].startswith("The list of results ends early")


async def test_a_sitecustomize_of_the_project_still_runs(runner: SandboxRunner, tree: Path) -> None:
    """Ours takes no other's place."""
    (tree / "lib/sitecustomize.py").write_text("import sys\nsys.theirs = True\n")
    code = "import sys; print(sys.theirs)"
    report = await runner.run(plan("-c", code), tree)
    assert report.output.strip() == "True"
