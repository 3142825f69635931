from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.core import series
from devkit.history import git
from tests.git_toys import File, Toy, ToyCommit, make_toy
from tests.local_calls import Ran, bot, fingerprint

KEYS = ["commit", "base", "branch", "tests", "code", "docs", "conclusion", "title", "rows"]
BEGUN = b"import unittest, code_\n\nclass T(unittest.TestCase):\n"
OLD = BEGUN + b"    def test_old(self): self.assertTrue(code_.number)\n"
NEW = OLD + b"    def test_new(self): self.assertEqual(code_.number, 2)\n"
ROOTS = {b"code_.py": File(b"number = 1\n"), b"tests/test_it.py": File(OLD)}
FIX = {b"code_.py": File(b"number = 2\n"), b"tests/test_it.py": File(NEW)}
BREAKS = {**FIX, b"code_.py": File(b"number = 0\n")}
IDLE = {**FIX, b"tests/test_it.py": File(NEW.replace(b"number, 2", b"number > 0, True"))}
DOCS = {**ROOTS, b"docs/a.txt": File(b"a\n")}
PREFIXED = b"[2.x] Fixed #1 -- Did it.\n"
CONFIGURATION = """\
targets = ["stable/2.x"]
[tests]
command = ["{python}", "-m", "unittest", "{labels}"]
env = { PYTHONPATH = "{tree}" }
test_paths = ["tests/"]
"""
OF_BRANCH = """
[tests.branches."stable/2.x"]
command = ["{python}", "-c", "print('of the branch')"]
results = "exit"
"""


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Give a stable branch with backports of all kinds, one of them in two commits."""
    folder = tmp_path / "toy"
    folder.mkdir()
    half = {**FIX, b"tests/test_it.py": File(OLD)}
    return make_toy(
        folder,
        ToyCommit("stable/2.x", ROOTS),
        ToyCommit("fix", FIX, ("stable/2.x",)),
        ToyCommit("prefixed", FIX, ("stable/2.x",), PREFIXED),
        ToyCommit("half", half, ("stable/2.x",), PREFIXED),
        ToyCommit("backport/2.x/abc", FIX, ("half",)),
        ToyCommit("breaks", BREAKS, ("stable/2.x",)),
        ToyCommit("idle", IDLE, ("stable/2.x",)),
        ToyCommit("docs", DOCS, ("stable/2.x",)),
        ToyCommit("unrelated", ROOTS, message=b"Another beginning.\n"),
    )


def configured(folder: Path, more: str = "") -> Path:
    """Write a configuration that tests with unittest."""
    file = folder / "stablehand.toml"
    file.write_text(CONFIGURATION + more)
    return file


def prove(repository: Path, commit: str, config: Path, *more: str) -> Ran:
    """Prove a commit and answer in JSON."""
    ask = ("--repository", repository, "--commit", commit, "--config", config)
    return bot("prove", *ask, "--json", *more)


def test_a_fix_is_proved_against_its_parent(toy: Toy, tmp_path: Path) -> None:
    """The answer is one object: the commits, the files in three parts, the runs, the test ids."""
    ran = prove(toy.git_dir, "fix", configured(tmp_path))
    assert ran.code == 0, ran
    answer = ran.answer
    assert list(answer)[: len(KEYS)] == KEYS
    assert (answer["commit"], answer["base"]) == (toy.shas["fix"], toy.shas["stable/2.x"])
    assert (answer["tests"], answer["code"]) == (["tests/test_it.py"], ["code_.py"])
    assert [(row["stage"], row["ran"]) for row in answer["rows"]] == [
        ("base", 1),
        ("red", 2),
        ("green", 2),
    ]
    assert answer["proving"] == ["tests.test_it.T.test_new"]
    assert f"--commit {toy.shas['fix']} --base {toy.shas['stable/2.x']}" in answer["command"]


@pytest.mark.parametrize(
    ("commit", "code", "says"),
    [
        ("fix", 0, "1 test fails without the fix and passes with it"),
        ("docs", 0, "Not applicable: the backport changes documentation alone"),
        ("breaks", 1, "Regression: 2 tests fail with the backport alone"),
        ("idle", 1, "Not proved: 1 new test passes without the fix too"),
    ],
)
def test_the_exit_code_tells_the_verdict(
    toy: Toy, tmp_path: Path, commit: str, code: int, says: str
) -> None:
    """What is proved, or has nothing to prove, ends with 0, all else with 1; the table says why."""
    ask = ("--repository", toy.git_dir, "--commit", commit, "--config", configured(tmp_path))
    ran = bot("prove", *ask)
    assert ran.code == code, ran
    assert f"proof   {says}\n" in ran.out
    assert ("  | " in ran.out) == (commit in {"breaks", "idle"})


@pytest.mark.parametrize("bare", [True, False])
def test_nothing_is_touched(toy: Toy, tmp_path: Path, bare: bool) -> None:  # noqa: FBT001 - a parameter
    """A proof changes no byte and no time of a bare repository, nor of a work tree in use."""
    place = toy.git_dir
    if not bare:
        place = tmp_path / "clone"
        git(toy.git_dir, "clone", "--quiet", "-b", "fix", str(toy.git_dir), str(place))
        (place / "code_.py").write_text("number = 'not done yet'\n")
    before = fingerprint(place)
    assert prove(place, "fix" if bare else "HEAD", configured(tmp_path)).code == 0
    assert fingerprint(place) == before


def test_several_commits_are_proved_as_one(toy: Toy, tmp_path: Path) -> None:
    """With `--base` all is proved since the fork, wherever the branch is now."""
    ran = prove(toy.git_dir, "backport/2.x/abc", configured(tmp_path), "--base", "docs")
    assert (ran.code, ran.answer["base"]) == (0, toy.shas["stable/2.x"])
    assert ran.answer["proving"] == ["tests.test_it.T.test_new"]
    last = prove(toy.git_dir, "backport/2.x/abc", configured(tmp_path))
    assert (last.answer["base"], last.answer["code"]) == (toy.shas["half"], [])


@pytest.mark.parametrize(
    ("commit", "more"),
    [
        ("prefixed", ()),
        ("backport/2.x/abc", ()),
        ("fix", ("--base", "stable/2.x")),
        ("fix", ("--branch", "stable/2.x")),
        ("fix", ("--branch", "2.x")),
    ],
)
def test_the_target_branch_is_found(
    toy: Toy, tmp_path: Path, commit: str, more: Sequence[str]
) -> None:
    """Subject, head branch, base and `--branch` name the branch whose keys apply."""
    ran = prove(toy.git_dir, commit, configured(tmp_path, OF_BRANCH), *more)
    assert ran.answer["branch"] == "stable/2.x"
    assert "of the branch" in ran.answer["tail"]


def test_an_unknown_target_branch_is_said(toy: Toy, tmp_path: Path) -> None:
    """Where nothing names the branch, the general keys apply, and a note says so."""
    answer = prove(toy.git_dir, "fix", configured(tmp_path, OF_BRANCH)).answer
    assert (answer["branch"], answer["conclusion"]) == (None, "success")
    assert any("--branch names it" in note for note in answer["notes"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--commit", "nope"], "nope is no commit"),
        (["--commit", "fix", "--base", "nope"], "nope is no commit"),
        (["--commit", "stable/2.x"], "stable/2.x has no parent here: name with --base"),
        (["--commit", "fix", "--base", "unrelated"], "have no commit in common"),
        (["--commit", "fix", "--config", "/none.toml"], "/none.toml cannot be read"),
        (["--commit", "fix", "--config", "UNTESTED"], "No tests are configured"),
        (["--commit", "fix", "--repository", "/usr"], "/usr is not a git repository"),
        ([], "required: --commit"),
    ],
)
def test_bad_input_is_told_in_one_line(
    toy: Toy, tmp_path: Path, arguments: list[str], says: str
) -> None:
    """Whatever cannot be used ends with 2, prints nothing and says why in one line."""
    untested = tmp_path / "untested.toml"
    untested.write_text('targets = ["stable/2.x"]\n')
    words = [str(untested) if word == "UNTESTED" else word for word in arguments]
    place = [] if "--repository" in words else ["--repository", str(toy.git_dir)]
    config = [] if "--config" in words else ["--config", str(configured(tmp_path))]
    ran = bot("prove", *place, *config, *words)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert says in ran.err


@pytest.mark.parametrize(
    ("prefix", "subject", "found"),
    [
        ("[{series}] ", "[4.1.x] Fixed #1 -- It.", "4.1.x"),
        ("[{series}] ", "Fixed #1 -- It [4.1.x] .", None),
        ("{series}: ", "2028.x: mend it: all", "2028.x"),
        ("backport ", "backport 4.1.x", None),
        ("", "[4.1.x] Fixed #1", None),
    ],
)
def test_a_subject_names_its_series(prefix: str, subject: str, found: str | None) -> None:
    """The configured prefix is read back, where it names a series at all."""
    assert series.of_subject(prefix, subject) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("backport/4.1.x/c4eaa67e2b88", "4.1.x"),
        ("backport/4.1.x/mine", None),
        ("stable/4.1.x", None),
    ],
)
def test_a_head_branch_names_its_series(name: str, found: str | None) -> None:
    """The configured name of head branches is read back."""
    assert series.of_branch("backport/{series}/{sha}", name) == found
