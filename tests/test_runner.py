from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.environments import Environments
from bot.adapters.interpreters import Interpreters
from bot.adapters.runner import SandboxRunner, reproduction, sandbox_runner
from bot.adapters.sandbox import Sandbox
from bot.adapters.scratch import scratch
from bot.core.model import Conclusion, TestPlan

TESTS = """
import os, time, unittest, library

class Good(unittest.TestCase):
    def test_where_it_runs(self):
        self.assertEqual(os.getcwd(), "/src")
        self.assertEqual(library.ANSWER, 42)
        self.assertEqual(os.environ["PYTHONPATH"], "/src/lib")

class Bad(unittest.TestCase):
    def test_it(self):
        print("\\x1b[31m@everybody\\x1b[0m")
        self.fail("on purpose")

class Slow(unittest.TestCase):
    def test_it(self):
        time.sleep(60)
"""


@pytest.fixture(scope="session")
def environments_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for environments that all tests here share."""
    return tmp_path_factory.mktemp("environments")


@pytest.fixture
def runner(environments_folder: Path) -> SandboxRunner:
    """Give a runner with the sandbox of this machine."""
    return runner_with(Sandbox(), environments_folder)


@pytest.fixture
async def tree(tmp_path: Path) -> AsyncIterator[Path]:
    """Give a small project with tests that pass, fail and take too long."""
    with scratch("test", tmp_path) as folder:
        (folder / "lib").mkdir()
        (folder / "lib/library.py").write_text("ANSWER = 42\n")
        (folder / "checks.py").write_text(TESTS)
        yield folder


def runner_with(sandbox: Sandbox, folder: Path) -> SandboxRunner:
    """Give a runner with a certain sandbox."""
    return SandboxRunner(sandbox, Interpreters({}), Environments(folder, os.environ), folder)


def plan(*labels: str, python: tuple[str, ...] = (), timeout: float = 60) -> TestPlan:
    """Give a plan that runs tests with unittest and needs nothing installed."""
    return TestPlan(
        command=("{python}", "-m", "unittest", "{labels}"),
        labels=labels,
        python=python,
        requirements=(),
        env=(("PYTHONPATH", "{tree}/lib"),),
        timeout=timeout,
    )


async def test_tests_that_pass(runner: SandboxRunner, tree: Path) -> None:
    """The report has counts, time, interpreter, sandbox, command and tail."""
    report = await runner.run(plan("checks.Good"), tree)
    assert report.conclusion is Conclusion.SUCCESS, report
    assert (report.ran, report.failed, report.skipped, report.notes) == (1, 0, 0, ())
    assert report.title.startswith("1 test passed in ")
    assert report.interpreter.endswith(".".join(map(str, sys.version_info[:3])))
    assert report.sandbox.startswith("bubblewrap ")
    assert report.command == "PYTHONPATH=./lib python -m unittest checks.Good"
    assert report.tail.endswith("OK")


async def test_tests_that_fail(runner: SandboxRunner, tree: Path) -> None:
    """The tail shows the failure as plain text."""
    report = await runner.run(plan("checks.Good", "checks.Bad"), tree)
    assert (report.conclusion, report.title) == (Conclusion.FAILURE, "1 of 2 tests failed")
    assert "AssertionError: on purpose" in report.tail
    assert "\x1b" not in report.tail


async def test_tests_that_take_too_long(runner: SandboxRunner, tree: Path) -> None:
    """The plan's own time limit counts, and what was printed until then is kept."""
    report = await runner.run(plan("-v", "checks.Slow", timeout=2), tree)
    assert (report.conclusion, report.title) == (Conclusion.TIMED_OUT, "Timed out after 2 s")
    assert report.tail.startswith("test_it ")


async def test_a_label_is_never_more_than_one_argument(runner: SandboxRunner, tree: Path) -> None:
    """What looks like shell in a label stays a label."""
    report = await runner.run(plan("checks.Good; touch /tmp/x"), tree)
    assert report.title.startswith("Tests not run: the label `Good; touch /tmp/x` does not exist")


async def test_another_interpreter_is_noted(runner: SandboxRunner, tree: Path) -> None:
    """A run with the second choice says so in the report."""
    own = ".".join(map(str, sys.version_info[:2]))
    report = await runner.run(plan("checks.Good", python=("3.99", own)), tree)
    assert report.conclusion is Conclusion.SUCCESS
    assert report.notes == (f"interpreter 3.99 not found, ran with {own}",)


async def test_no_interpreter(runner: SandboxRunner, tree: Path) -> None:
    """Without any of the interpreters wanted nothing runs, and the report says who must act."""
    wanting = replace(plan("checks.Good", python=("3.99",)), substitute=False)
    report = await runner.run(wanting, tree)
    assert (report.conclusion, report.title) == (
        Conclusion.NEUTRAL,
        "Tests not run: interpreter 3.99 not found; install it or change `python`",
    )
    assert report.ran is None


async def test_a_substitute_is_noted(runner: SandboxRunner, tree: Path) -> None:
    """Where the configuration lets another interpreter take its place, the report names both."""
    report = await runner.run(plan("checks.Good", python=("3.99",)), tree)
    own = ".".join(map(str, sys.version_info[:2]))
    assert report.conclusion is Conclusion.SUCCESS
    assert report.notes == (f"interpreter 3.99 not found, ran with {own}",)


async def test_no_environment(runner: SandboxRunner, tree: Path, tmp_path: Path) -> None:
    """Requirements that cannot be installed are reported with uv's own words."""
    offline = {"HOME": str(tmp_path), "UV_OFFLINE": "1"}
    environments = Environments(tmp_path / "environments", offline)
    runner = SandboxRunner(Sandbox(), Interpreters({}), environments, tmp_path)
    needy = TestPlan(("{python}",), (), (), ("no-such-package-here",), (), 60)
    report = await runner.run(needy, tree)
    assert report.conclusion is Conclusion.NEUTRAL
    assert report.title.startswith("Tests not run: the test environment could not be built")
    assert "no-such-package-here" in "\n".join(report.notes)


async def test_a_relative_data_folder(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the service keeps its data may be given from where it was started."""
    monkeypatch.chdir(tmp_path)
    runner = sandbox_runner(Sandbox(), Path("var"), os.environ)
    report = await runner.run(plan("checks.Good"), tree)
    assert report.conclusion is Conclusion.SUCCESS, report


async def test_no_sandbox(tree: Path, tmp_path: Path) -> None:
    """Without a sandbox nothing runs, and the report says why."""
    runner = runner_with(Sandbox([tmp_path / "missing"]), tmp_path / "environments")
    report = await runner.run(plan("checks.Good"), tree)
    assert (report.conclusion, report.title) == (
        Conclusion.NEUTRAL,
        "Tests not run: no sandbox available",
    )
    assert "missing" in report.notes[0]
    assert (report.ran, report.sandbox) == (None, "")


def test_placeholders_inside_longer_words() -> None:
    """Labels inside a word are joined, and the line to copy is quoted for a shell."""
    odd = TestPlan(
        ("{python}", "run", "--only={labels}", "--root={tree}", "{tree}/x y"),
        ("a", "b"),
        (),
        (),
        (("GREETING", "hello you"),),
        60,
    )
    assert reproduction(odd) == "GREETING='hello you' python run '--only=a b' --root=. './x y'"
