from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.applied import apply
from bot.adapters.git.mirror import GitMirrors
from bot.adapters.logs import LogFolder
from bot.adapters.scratch import scratch
from bot.core.model import Conclusion, TestOutcome, TestPlan, TestReport, TestResult
from bot.core.proof import Proof, StageRow
from bot.engine import trial, world
from bot.engine.errand import Errand
from bot.engine.world import World
from tests.git_server import TOKEN
from tests.git_toys import File, Toy, ToyCommit
from tests.mirrored import REPOSITORY

BASE = {b"code.py": File(b"x = 1\n"), b"tests/test_code.py": File(b"")}
FIX = {b"code.py": File(b"x = 2\n"), b"tests/test_code.py": File(b"test\n")}
PLAN = TestPlan(("{python}", "{labels}"), (), (), (), (), 60, test_paths=("tests/",))


class Reading:
    """A runner whose one test passes where code and tests are those of the fix."""

    async def run(self, _plan: TestPlan, tree: Path) -> TestReport:
        """Read the two files instead of running them."""
        code, test = (tree / "code.py").read_text(), (tree / "tests/test_code.py").read_text()
        outcome = TestOutcome.PASSED if code == "x = 2\n" or not test else TestOutcome.FAILED
        good = outcome is TestOutcome.PASSED
        results = (TestResult("t", outcome),) if test else ()
        conclusion = Conclusion.SUCCESS if good else Conclusion.FAILURE
        ran = len(results)
        return TestReport(
            conclusion,
            "ran",
            ran,
            0 if good else 1,
            0,
            results=results,
            completed=True,
            output=f"{code}{test}",
        )


class Broken(Reading):
    """A runner with a bug."""

    async def run(self, _plan: TestPlan, _tree: Path) -> TestReport:
        """Fail as no runner may."""
        raise RuntimeError("secret words")


class App:
    """The App as far as a proof needs it: a token for git."""

    def repository(self, _repository: object) -> App:
        """Give itself: there is one repository."""
        return self

    async def token(self) -> str:
        """Give the token that the server takes."""
        return TOKEN


class Bugs:
    """Hears of bugs."""

    def __init__(self) -> None:
        self.heard: list[BaseException] = []

    def bug(self, error: BaseException) -> None:
        """Remember one."""
        self.heard.append(error)


@pytest.fixture
def stable(toy: Toy) -> Toy:
    """Give the server's repository with a stable branch, and a backport that forked from it."""
    toy.add(ToyCommit("stable/2.x", BASE), ToyCommit("backport", FIX, ("stable/2.x",)))
    return toy


@pytest.fixture
def bugs(mirrors: GitMirrors, tmp_path: Path) -> Bugs:
    """Install a world with real git, trees and logs, and give what hears of bugs."""
    heard = Bugs()
    install(mirrors, tmp_path, bugs=heard)
    return heard


def install(mirrors: GitMirrors, folder: Path, **other: Any) -> None:  # noqa: ANN401 - parts of a world
    """Make a world of these parts."""
    world.install(
        World(
            app=other.get("app", App()),
            mirrors=mirrors,
            runner=other.get("runner", Reading()),
            scratch=other.get("scratch", partial(scratch, "tree", folder)),
            apply=apply,
            logs=LogFolder(folder / "logs", "", 1),
            observer=other.get("bugs", Bugs()),
            clock=lambda: datetime.now(UTC),
            sign=str,
        )
    )


def errand(toy: Toy, **other: str) -> Errand:
    """Ask for a proof of the backport."""
    known = {
        "branch": "stable/2.x",
        "series": "2.x",
        "head_branch": "backport",
        "sha": toy.shas["backport"],
        "onto": toy.shas["stable/2.x"],
        **other,
    }
    return Errand(repository=REPOSITORY, plan=PLAN, **known)


async def held(toy: Toy, **other: str) -> tuple[Proof, str]:
    """Make the proof, and give it with its log."""

    async def tell(_rows: Sequence[StageRow]) -> None:
        return

    log = world.world().logs.begin()
    proof = await trial.hold(errand(toy, **other), log, tell)
    path = getattr(log, "path", Path())
    return proof, path.read_text() if path.exists() else ""


async def test_a_proof_on_real_trees(stable: Toy, bugs: Bugs) -> None:
    """Base, tests alone and all of it are laid out from git, each whole output is kept."""
    proof, log = await held(stable)
    assert (proof.conclusion, proof.proving) == (Conclusion.SUCCESS, ("t",))
    assert [row.stage.value for row in proof.rows] == ["base", "red", "green"]
    assert log.index("base: ran") < log.index("x = 1\ntest") < log.index("x = 2\ntest")
    assert bugs.heard == []


async def test_the_branch_moved_on(stable: Toy, bugs: Bugs) -> None:
    """A backport is set beside the commit that it forked from, whatever the branch is now."""
    stable.add(ToyCommit("later", {b"code.py": File(b"x = 3\n")}, ("stable/2.x",)))
    stable.git("update-ref", "refs/heads/stable/2.x", stable.shas["later"])
    proof, _ = await held(stable, onto=stable.shas["later"])
    assert proof.proving == ("t",)
    assert bugs.heard == []


@pytest.mark.usefixtures("bugs")
async def test_a_base_that_is_gone(stable: Toy) -> None:
    """Where the target's history was replaced, the check is neutral and says who must look."""
    stable.add(ToyCommit("else", BASE, message=b"Another history\n"))
    stable.git("update-ref", "refs/heads/stable/2.x", stable.shas["else"])
    proof, log = await held(stable, onto="1" * 40)
    assert proof.conclusion is Conclusion.NEUTRAL
    assert "stable/2.x has no commit in common" in proof.notes[0]
    assert log == ""


@pytest.mark.usefixtures("bugs")
async def test_a_target_that_is_gone(stable: Toy) -> None:
    """A deleted target is told like one whose history was replaced."""
    stable.git("update-ref", "-d", "refs/heads/stable/2.x")
    proof, _ = await held(stable, onto="1" * 40)
    assert "stable/2.x has no commit in common" in proof.notes[0]


@pytest.mark.usefixtures("bugs")
async def test_a_commit_that_is_gone(stable: Toy) -> None:
    """A head that somebody pushed over before its proof began is said to be gone."""
    proof, _ = await held(stable, sha="2" * 40)
    assert proof.conclusion is Conclusion.NEUTRAL
    assert "222222222222 is gone" in proof.notes[0]


@contextmanager
def tiny(folder: Path) -> Iterator[Path]:
    """Give a folder on a memory disk of 64 kB."""
    place = folder / "tiny"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("where", ["base", "backport"])
async def test_no_room_for_the_tree(
    stable: Toy, mirrors: GitMirrors, tmp_path: Path, where: str
) -> None:
    """A full disk, at the base or when the backport is applied, makes a neutral check."""
    large = {b"tests/large": File(bytes(range(256)) * 400)}
    base = BASE | (large if where == "base" else {})
    stable.add(ToyCommit("big", base), ToyCommit("pick", {**FIX, **large}, ("big",)))
    bugs = Bugs()
    install(mirrors, tmp_path, scratch=partial(tiny, tmp_path), bugs=bugs)
    shas = stable.shas
    proof, _ = await held(
        stable, sha=shas["pick"], onto=shas["big"], head_branch="pick", branch="big"
    )
    assert proof.conclusion is Conclusion.NEUTRAL
    assert "there is no room for the tree" in proof.notes[0]
    assert bugs.heard == []


async def test_a_bug_of_ours(stable: Toy, mirrors: GitMirrors, tmp_path: Path) -> None:
    """A fault in our own code is told to the operator; the check ends, without its words."""
    bugs = Bugs()
    install(mirrors, tmp_path, runner=Broken(), bugs=bugs)
    proof, _ = await held(stable)
    assert proof.conclusion is Conclusion.NEUTRAL
    assert "secret words" not in str(proof)
    assert [str(error) for error in bugs.heard] == ["secret words"]
