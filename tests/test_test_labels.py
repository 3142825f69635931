from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import config, defaults
from bot.core.model import TestPlan
from bot.core.split import LINK, FileChange
from bot.core.test_labels import Labels, Tree, choose, present, with_changes

TESTS = b"class AsyncClientTest: ...\nclass AsyncRequestFactoryTest: ...\n"
FILES = {
    "tests/runtests.py": b"",
    "tests/test_client/__init__.py": b"",
    "tests/test_client/tests.py": TESTS,
    "tests/test_client/views.py": b"",
    "tests/async/tests.py": b"class Inner: ...",
    "tests/odd/__init__.py": b"from .inner import Shown",
    "tests/made/tests.py": b"globals()['Made'] = object",
    "tests/broken/tests.py": b"class (",
}


def tree_of(files: dict[str, bytes]) -> Tree:
    """Show files by their paths, and the folders that they make."""
    folders = {path.rsplit("/", n)[0] for path in files for n in range(1, path.count("/") + 1)}
    return Tree(lambda path: path in files or path in folders, files.get)


def plan_for(command: str, *labels: str) -> TestPlan:
    """Give a plan with a command of these words."""
    return TestPlan(tuple(command.split()), labels, (), (), (), 60)


def plan_of(text: str, branch: str) -> TestPlan:
    """Give the plan that a configuration has for a branch."""
    plan = config.parse(text).test_plan(branch)
    assert plan is not None
    return plan


def change(path: str, content: bytes | None = b"", mode: int = 0o100644) -> FileChange:
    """Give a change of a file of tests."""
    return FileChange(path, mode, content)


TREE = tree_of(FILES)
DJANGO = plan_of(defaults.DJANGO, "stable/4.1.x")


def test_djangos_two_classes_stand_for_the_module_that_they_lie_in() -> None:
    """A touched module is not run beside the configured classes of it; a helper is no module."""
    touched = (change("tests/test_client/tests.py"), change("tests/test_client/views.py"))
    assert choose(DJANGO, touched, TREE) == Labels(DJANGO.labels)


def test_a_touched_module_is_added() -> None:
    """A module that no configured label is about runs too, named from the runner's folder."""
    touched = (change("tests/async/tests.py"), change("tests/gone/tests.py", None))
    link = change("tests/test_link.py", b"x", LINK)
    assert choose(DJANGO, (*touched, link), TREE).chosen == (*DJANGO.labels, "async.tests")


def test_labels_that_the_branch_lacks_are_dropped() -> None:
    """A module, a class or a package that is not there is told; what is there runs."""
    labels = ("test_client", "test_client.gone", "test_client.tests.Gone", "gone", "odd.Shown")
    found = present(labels, DJANGO, TREE)
    assert found == Labels(("test_client", "odd.Shown"), labels[1:4])


def test_a_class_that_cannot_be_read_is_left_to_the_runner() -> None:
    """Where a module makes its names up, or is no Python of ours, its labels are kept."""
    labels = ("made.tests.Made", "broken.tests.Some", "test_client.tests.AsyncClientTest.test_x")
    assert present(labels, DJANGO, TREE) == Labels(labels)


def test_a_class_that_the_backport_brings_is_there() -> None:
    """Labels are looked for in the tree with the tests of the backport."""
    new = change("tests/fresh/tests.py", b"class New: ...")
    gone = change("tests/async/tests.py", None)
    after = with_changes(TREE, (new, gone))
    assert present(("fresh.tests.New", "fresh"), DJANGO, after).dropped == ()
    assert present(("async.tests",), DJANGO, after).dropped == ("async.tests",)
    assert present(("fresh",), DJANGO, TREE).dropped == ("fresh",)


def test_the_module_runs_where_its_configured_class_is_missing() -> None:
    """A touched module is left out only for a label that this branch has."""
    plan = replace(DJANGO, labels=("test_client.tests.Gone",))
    found = choose(plan, (change("tests/test_client/tests.py"),), TREE)
    assert found == Labels(("test_client.tests",), ("test_client.tests.Gone",))


@pytest.mark.parametrize(
    ("command", "label"),
    [
        ("{python} -m pytest {labels}", "tests/async/tests.py"),
        ("pytest -q {labels}", "tests/async/tests.py"),
        ("{python} {tree}/tests/runtests.py {labels}", "async.tests"),
        ("{python} -m unittest {labels}", "tests.async.tests"),
        ("{python} manage.py test {labels}", "tests.async.tests"),
    ],
)
def test_a_touched_module_is_named_as_the_command_wants_it(command: str, label: str) -> None:
    """Pytest gets a path, unittest and Django's runner a dotted name."""
    touched = (change("tests/async/tests.py"),)
    assert choose(plan_for(command), touched, TREE).chosen == (label,)


def test_paths_with_node_ids_are_looked_up() -> None:
    """A label of pytest is a path, with a class that the file has."""
    labels = ("tests/async", "tests/async/tests.py::Inner::test_x[1]", "tests/async/tests.py::No")
    plan = plan_for("pytest {labels}", *labels, "./tests/", "nowhere/")
    assert present(plan.labels, plan, TREE).dropped == (labels[2], "nowhere/")


def test_labels_of_a_command_that_we_do_not_know_are_its_own_matter() -> None:
    """Nothing is dropped from or added to the words of any other program."""
    plan = plan_for("cargo test {labels}", "parser::tests")
    assert choose(plan, (change("tests/async/tests.py"),), TREE) == Labels(("parser::tests",))
    plan = plan_for("{python} -m unittest {labels}", "-k", "Async")
    assert present(plan.labels, plan, TREE) == Labels(("-k", "Async"))
    plan = plan_for("{python} -m pytest")
    assert choose(plan, (change("tests/async/tests.py"),), TREE) == Labels(())


@given(st.lists(st.text(max_size=30) | st.sampled_from(["gone", "async.tests", "a::b", "/", "."])))
def test_every_label_is_either_chosen_or_dropped(labels: list[str]) -> None:
    """Whatever is written in the configuration, no label gets lost and nothing is raised."""
    for command in ("pytest {labels}", "{python} -m unittest {labels}"):
        found = present(labels, plan_for(command), TREE)
        assert {*found.chosen, *found.dropped} == set(labels)


def test_a_touched_module_under_a_python_path_starts_there() -> None:
    """Dotted names start from the folders of PYTHONPATH in the tree."""
    text = """
        targets = ["a"]
        tests.command = ["{python}", "-m", "unittest", "{labels}"]
        tests.env.PYTHONPATH = "{tree}/tests"
    """
    plan = plan_of(text, "a")
    assert choose(plan, (change("tests/async/tests.py"),), TREE).chosen == ("async.tests",)
