"""What a run on GitHub Actions shows, and the file by which it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import workflow_file, workflow_run
from bot.core.defaults import django
from bot.core.model import Conclusion, TestPlan
from bot.core.proof import Stage
from bot.core.workflow_run import Patience, Run

NONCE = "test:7:stable/2.x:abc"
RUN = Run(
    id=5,
    title=workflow_run.title(NONCE),
    by_app=True,
    attempt=1,
    status="completed",
    conclusion="success",
    url="https://github.test/runs/5",
    seconds=42.0,
)


@given(st.text(st.characters(codec="ascii", exclude_categories=["Z", "C"]), min_size=1))
def test_a_nonce_is_found_in_the_title(branch: str) -> None:
    """Whatever a branch is called, its nonce is read from the title, and by no other repository."""
    nonce = f"test:7:{branch}:abc"
    assert workflow_run.nonce_of(workflow_run.title(nonce), 7) == nonce
    assert workflow_run.nonce_of(workflow_run.title(nonce), 8) is None


@pytest.mark.parametrize("title", ["", "CI", "[gh:7:x]", f"{workflow_run.title(NONCE)} again"])
def test_other_titles_have_no_nonce(title: str) -> None:
    """A run that does not end in a nonce of ours is nobody's."""
    assert workflow_run.nonce_of(title, 7) is None


def test_the_first_run_of_an_app_answers() -> None:
    """Of several runs with the nonce the first counts; people's and other nonces' do not."""
    runs = (
        replace(RUN, id=9),
        RUN,
        replace(RUN, id=1, by_app=False),
        replace(RUN, id=2, title="Stablehand [test:7:stable/1.x:abc]"),
    )
    assert [run.id for run in workflow_run.answering(runs, NONCE)] == [5, 9]


@pytest.mark.parametrize(
    ("conclusion", "expected", "words"),
    [
        ("success", Conclusion.SUCCESS, "passed"),
        ("failure", Conclusion.FAILURE, "failed"),
        ("timed_out", Conclusion.TIMED_OUT, "out of time"),
        ("startup_failure", Conclusion.FAILURE, "could not start"),
        ("cancelled", Conclusion.NEUTRAL, "was cancelled"),
        ("action_required", Conclusion.NEUTRAL, "waits for approval"),
        ("skipped", Conclusion.NEUTRAL, "shows nothing"),
        ("neutral", Conclusion.NEUTRAL, "shows nothing"),
        ("stale", Conclusion.NEUTRAL, "shows nothing"),
        ("invented", Conclusion.NEUTRAL, "shows nothing"),
        ("", Conclusion.NEUTRAL, "shows nothing"),
    ],
)
def test_only_success_is_success(conclusion: str, expected: Conclusion, words: str) -> None:
    """Each end of a run has its conclusion and its words, and is the row of the green run alone."""
    proof = workflow_run.proof((replace(RUN, conclusion=conclusion),), "w.yml", 60)
    assert proof.conclusion is expected
    assert words in proof.title
    assert [row.stage for row in proof.rows] == [Stage.GREEN]
    assert proof.log == RUN.url
    assert any("not without the fix" in note for note in proof.notes)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("queued", "never started"),
        ("waiting", "never started"),
        ("in_progress", "did not end in time"),
    ],
)
def test_a_late_run_is_out_of_time(status: str, words: str) -> None:
    """A run that has not ended by the deadline is told by how far it was."""
    proof = workflow_run.proof((replace(RUN, status=status, conclusion=""),), "w.yml", 60)
    assert proof.conclusion is Conclusion.TIMED_OUT
    assert words in proof.title
    assert any("60 s" in note for note in proof.notes)


def test_no_run_is_no_success() -> None:
    """Where nothing appeared, that is the result, and it says who must act."""
    proof = workflow_run.proof((), "w.yml", 60)
    assert (proof.conclusion, proof.title) == (Conclusion.TIMED_OUT, "No CI appeared")
    assert proof.rows == ()
    assert "A maintainer must" in proof.notes[0]


def test_doubles_are_said() -> None:
    """Several runs, or several attempts, are named with the one that counts."""
    runs = (replace(RUN, attempt=2), replace(RUN, id=9, conclusion="failure"))
    proof = workflow_run.proof(runs, "w.yml", 60)
    assert proof.conclusion is Conclusion.SUCCESS
    assert "GitHub started 2 runs for this; the first one counts" in proof.notes
    assert "the run was started again; attempt 2 counts" in proof.notes


@pytest.mark.parametrize(("deadline", "pause", "absence"), [(60, 6, 30), (86_400, 300, 600)])
def test_patience_has_bounds(deadline: float, pause: float, absence: float) -> None:
    """Looks are slow, a run that nobody saw is given up early, and any at the deadline."""
    patience = Patience(deadline)
    assert patience.pause == pause
    assert not patience.over(None, absence - 1)
    assert patience.over(None, absence)
    assert not patience.over(RUN, deadline - 1)
    assert patience.over(RUN, deadline)


def plan(*command: str, **facts: object) -> TestPlan:
    """Give a plan with this command."""
    whole = TestPlan(command, (), (), (), (), 300.0, workflow="w.yml")
    return replace(whole, **facts)  # type: ignore[arg-type]


def commands(text: str) -> list[str]:
    """Give the lines of shell of a workflow file."""
    lines = (line.strip().removeprefix("- ") for line in text.splitlines())
    return [json.loads(line.removeprefix("run: ")) for line in lines if line.startswith("run: ")]


def test_the_file_for_django() -> None:
    """Django's file installs wheels only, may read alone, and runs the command on the commit."""
    tests = django().test_plan("stable/4.1.x")
    assert tests is not None
    text = workflow_file.text(tests)
    assert workflow_file.path(tests) == ".github/workflows/stablehand-tests.yml"
    assert 'run-name: "Stablehand [${{ inputs.nonce }}]"' in text
    assert "permissions:\n  contents: read\n" in text
    assert "ref: ${{ inputs.ref }}\n          persist-credentials: false" in text
    assert 'PYTHONPATH: "${{ github.workspace }}"' in text
    install, run = commands(text)
    assert install.startswith("python -m pip install --only-binary=:all: asgiref ")
    assert "'backports.zoneinfo; python_version < '\"'\"'3.9'\"'\"''" in install
    assert run == "set -f; python tests/runtests.py --parallel=1 $LABELS"


def test_the_inputs_of_an_order() -> None:
    """An order names the commit, its tests, the first interpreter and the nonce."""
    tests = plan("x", labels=("a", "b"), python=("3.11", "3.12"))
    inputs = workflow_file.inputs(tests, "abc", NONCE)
    assert inputs == {"ref": "abc", "labels": "a b", "python": "3.11", "nonce": NONCE}
    assert workflow_file.inputs(plan("x"), "abc", NONCE)["python"] == "3.x"
    assert all(f"\n      {name}:\n" in workflow_file.text(tests) for name in inputs)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("a b", ["a", "b"]),
        ("* $HOME", ["*", "$HOME"]),
        ("$(touch x);touch y", ["$(touch", "x);touch", "y"]),
        ("", []),
    ],
)
def test_labels_are_never_read_as_shell(tmp_path: Path, labels: str, expected: list[str]) -> None:
    """A real shell gives the command each label as it is, and no file comes of any."""
    show = "import json,sys; print(json.dumps(sys.argv[1:]))"
    text = workflow_file.text(plan("{python}", "-c", show, "{tree}/it's", "{labels}"))
    (tmp_path / "python").symlink_to(sys.executable)
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/bash", "-e", "-c", commands(text)[-1]],
        env={"PATH": path, "LABELS": labels, "GITHUB_WORKSPACE": "/a b"},
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    assert json.loads(done.stdout) == ["/a b/it's", *expected]
    assert [one.name for one in tmp_path.iterdir()] == ["python"]
