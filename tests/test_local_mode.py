from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.core import defaults
from devkit import django
from devkit.django import STABLE, DjangoRepository
from devkit.history import environment, git
from tests.git_toys import File, Toy, ToyCommit, make_toy
from tests.local_calls import PROOF_ALONE, ROOT, Ran, bot, clone_of, fingerprint, refs

OF_FORMAT = ["django/test/client.py", "tests/test_client/views.py"]
"""The files of the fix that git alone cannot merge on 3.2."""
DIRTY = "django/test/client.py"
KEYS = [
    "onto",
    "series",
    "outcome",
    "tree",
    "commit",
    "head_branch",
    "conflicts",
    "resolved",
    "findings",
    "tests",
    "detail",
]


def forecast(repository: Path, commit: str, *onto: str, config: Path | None = None) -> Ran:
    """Run a forecast that answers in JSON."""
    ask = ["--repository", str(repository), "--commit", commit, "--json", "--onto", *onto]
    return bot("forecast", *ask, *(["--config", str(config)] if config else []))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> DjangoRepository:
    """Give the real trees, for reading alone."""
    return django.build(django.CACHE, tmp_path_factory.mktemp("django") / "django.git")


@pytest.fixture
def mine(tmp_path: Path) -> DjangoRepository:
    """Give real trees of the test's own, in a bare repository."""
    return django.build(django.CACHE, tmp_path / "django.git")


@pytest.fixture(scope="module")
def no_formatter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give Django's configuration without the rule for conflicts of format."""
    file = tmp_path_factory.mktemp("configuration") / "stablehand.toml"
    file.write_text(f"{defaults.DJANGO}\n[resolvers]\nformatter = false\n")
    return file


def plain_pick(work: Path, branch: str, commit: str) -> tuple[str | None, list[str]]:
    """Pick with plain git: the tree where it is clean, and the paths that conflict."""
    git(work, "checkout", "--quiet", "--force", "--detach", f"origin/{branch}")
    command = ["git", "-C", str(work), "cherry-pick", commit]
    done = subprocess.run(command, env=environment(), capture_output=True, check=False)
    unmerged = git(work, "diff", "--name-only", "--diff-filter=U").splitlines()
    return git(work, "rev-parse", "HEAD^{tree}") if done.returncode == 0 else None, unmerged


def test_without_rules_real_trees_pick_as_plain_git_does(
    source: DjangoRepository, tmp_path: Path, no_formatter: Path
) -> None:
    """4.1 and 4.0 are picked, 3.2 conflicts in two files, all exactly as with plain cherry-pick."""
    ran = forecast(source.git_dir, "main", *STABLE, config=no_formatter)
    work = clone_of(source, tmp_path / "work")
    for branch, target in ran.targets.items():
        conflicts = [conflict["path"] for conflict in target["conflicts"]]
        assert (target["tree"], conflicts) == plain_pick(work, branch, source.fix_sha)
    assert [target["outcome"] for target in ran.targets.values()] == [
        "conflict",
        "picked",
        "picked",
    ]
    assert [one["path"] for one in ran.targets["stable/3.2.x"]["conflicts"]] == OF_FORMAT
    assert ran.code == 1


def test_a_rule_settles_what_is_only_of_format(source: DjangoRepository, tmp_path: Path) -> None:
    """3.2 is picked by the formatter's rule in two files; where no rule acts, git's tree stays."""
    ran = forecast(source.git_dir, "main", *STABLE)
    assert ran.code == 0
    assert {target["outcome"] for target in ran.targets.values()} == {"picked"}
    work = clone_of(source, tmp_path / "work")
    for branch in ("stable/4.1.x", "stable/4.0.x"):
        target = ran.targets[branch]
        assert (target["tree"], []) == plain_pick(work, branch, source.fix_sha)
        assert target["resolved"] == target["findings"] == []
    old = ran.targets["stable/3.2.x"]
    assert old["resolved"] == [{"path": path, "by": "formatter"} for path in OF_FORMAT]
    assert old["conflicts"] == old["findings"] == []


def test_what_a_rule_settled_is_the_fix_and_no_more(mine: DjangoRepository) -> None:
    """The picked commit adds and removes as many lines on 3.2 as the fix does on main."""
    ask = ("--repository", mine.git_dir, "--commit", "main", "--onto", "stable/3.2.x")
    assert bot("backport", *ask).code == 0
    head = f"backport/3.2.x/{mine.fix_sha[:12]}"
    stat = "3 files changed, 27 insertions(+), 3 deletions(-)"
    assert git(mine.git_dir, "diff", "--shortstat", f"{head}^", head).strip() == stat
    assert git(mine.git_dir, "diff", "--shortstat", "main^", "main").strip() == stat


def test_the_json_is_as_described(source: DjangoRepository, no_formatter: Path) -> None:
    """The object holds the commits and, for each target, just the keys that are described."""
    ran = forecast(source.git_dir, "main", "stable/4.1.x", "stable/3.2.x", config=no_formatter)
    assert list(ran.answer) == ["commits", "targets"]
    assert ran.answer["commits"] == [source.fix_sha]
    assert [list(target) for target in ran.answer["targets"]] == [KEYS, KEYS]
    picked, conflict = ran.answer["targets"]
    assert (picked["series"], picked["head_branch"]) == (
        "4.1.x",
        f"backport/4.1.x/{source.fix_sha[:12]}",
    )
    assert (picked["conflicts"], picked["resolved"], picked["tests"]) == ([], [], None)
    assert (conflict["tree"], conflict["commit"]) == (None, None)
    assert conflict["conflicts"][0] == {"path": OF_FORMAT[0], "reason": "contents: 1 hunk"}


IMPORTS = b"import math\nimport os\n\n\n"
KEPT = b"".join(b"A%d = math.pi * %d\n" % (number, number) for number in range(9))
USES = IMPORTS + KEPT + b"\n\nprint(os.sep)\n"


def broken_pick(tmp_path: Path) -> Toy:
    """Make a fix that goes cleanly on to a branch which does not import what the fix uses."""
    begun = IMPORTS.replace(b"import os\n", b"") + KEPT
    return make_toy(
        tmp_path,
        ToyCommit("stable/4.1.x", {b"a.py": File(begun)}),
        ToyCommit("before", {b"a.py": File(IMPORTS + KEPT)}, ("stable/4.1.x",)),
        ToyCommit("fix", {b"a.py": File(USES)}, ("before",)),
    )


def test_a_finding_is_shown_and_changes_no_exit_code(tmp_path: Path) -> None:
    """What the gate finds in a clean pick is in the JSON, in the table and in what is next."""
    toy = broken_pick(tmp_path)
    ran = forecast(toy.git_dir, "fix", "stable/4.1.x")
    target = ran.targets["stable/4.1.x"]
    (finding,) = target["findings"]
    assert (ran.code, target["outcome"]) == (0, "picked")
    assert {**finding, "message": ""} == {"path": "a.py", "line": 15, "message": ""}
    assert "uses os, which nothing defines here" in finding["message"]
    ask = ("--repository", toy.git_dir, "--commit", "fix", "--onto", "stable/4.1.x")
    shown = bot("backport", *ask)
    assert shown.code == 0
    lines = [" ".join(line.split()) for line in shown.out.splitlines()]
    assert any(line.startswith("stable/4.1.x picked, 1 finding ") for line in lines)
    assert f"a.py:15 {finding['message']}" in lines
    assert "next mend on that branch what is named above" in lines


@dataclass(frozen=True)
class Place:
    """Where local mode is pointed to, and all folders that it could touch there."""

    repository: Path
    folders: tuple[Path, ...]
    bare: bool = False

    def state(self) -> tuple[str, bytes]:
        """Give what `git status` says, and the bytes of the index."""
        if self.bare:
            return "", b""
        index = git(self.repository, "rev-parse", "--path-format=absolute", "--git-path", "index")
        return git(self.repository, "status", "--porcelain"), Path(index).read_bytes()


def bare_place(source: DjangoRepository, tmp_path: Path) -> Place:
    """Give a bare repository of its own: git touches packs, which other tests have in common."""
    made = Path(shutil.copytree(source.git_dir, tmp_path / source.git_dir.name))
    return Place(made, (made,), bare=True)


def dirty_place(source: DjangoRepository, tmp_path: Path) -> Place:
    """Give a clone with a file changed, one staged and one besides, all in the way of the fix."""
    clone = clone_of(source, tmp_path / "clone")
    for path in (DIRTY, "tests/test_client/tests.py", "besides.txt"):
        with (clone / path).open("a") as file:
            file.write("# not done yet\n")
    git(clone, "add", "tests/test_client/tests.py")
    return Place(clone, (clone,))


def linked_place(source: DjangoRepository, tmp_path: Path) -> Place:
    """Give a linked worktree with a file changed, beside the clone that it belongs to."""
    clone = clone_of(source, tmp_path / "clone")
    linked = tmp_path / "linked"
    git(clone, "worktree", "add", "--quiet", "-b", "topic", str(linked), "origin/stable/4.1.x")
    (linked / DIRTY).write_text("# not done yet\n")
    return Place(linked, (linked, clone))


@pytest.mark.parametrize("make", [bare_place, dirty_place, linked_place])
def test_nothing_is_touched(
    source: DjangoRepository, tmp_path: Path, make: Callable[[DjangoRepository, Path], Place]
) -> None:
    """A forecast changes no byte and no time; a backport adds branches and objects, no more."""
    place = make(source, tmp_path)
    onto = [source.branches["stable/4.1.x"], source.branches["stable/3.2.x"]]
    state, named = place.state(), refs(place.repository)
    before = fingerprint(*place.folders)
    assert forecast(place.repository, source.fix_sha, *onto).code == 0
    assert fingerprint(*place.folders) == before

    ask = ("--repository", place.repository, "--commit", source.fix_sha, "--json")
    ran = bot("backport", *ask, "--onto", *onto)
    after, made = fingerprint(*place.folders), ran.targets.values()
    assert refs(place.repository) == {
        **named,
        **{f"refs/heads/{one['head_branch']}": one["commit"] for one in made},
    }
    changed = {path for path in after if after.get(path) != before.get(path)}
    assert set(before) <= set(after)
    assert all({"objects", "refs"} & set(Path(path).parts) for path in changed)
    assert place.state() == state


def test_onto_takes_any_revision(source: DjangoRepository, tmp_path: Path) -> None:
    """Branch, remote branch, tag and expression name the series; a sha, long or short, does not."""
    clone = clone_of(source, tmp_path / "clone")
    git(clone, "branch", "--no-track", "stable/4.1.x", "origin/stable/4.1.x")
    sha = source.branches["stable/4.1.x"]
    named = ("stable/4.1.x", "origin/stable/4.1.x", "4.1.4", "origin/stable/4.1.x~0")
    ran = forecast(clone, "origin/main", *named, sha, sha[:9])
    assert ran.code == 0
    assert {ran.targets[name]["series"] for name in named} == {"4.1.x"}
    assert len({ran.targets[name]["commit"] for name in named}) == 1
    assert ran.targets[sha]["series"] == sha[:12]
    assert ran.targets[sha]["commit"] == ran.targets[sha[:9]]["commit"]
    assert len({target["tree"] for target in ran.targets.values()}) == 1


def toy_of(tmp_path: Path, *commits: ToyCommit) -> Toy:
    """Make a small repository with `main` and `stable/4.1.x` at one commit, and others on top."""
    base = {b"f": File(b"1\n2\n3\n"), b"g": File(b"1\n")}
    begin = (ToyCommit("main", base), ToyCommit("stable/4.1.x", base, ("main",)))
    return make_toy(tmp_path, *begin, *commits)


def test_several_commits_go_in_the_order_asked(tmp_path: Path) -> None:
    """Two commits that build on each other pick in their order and conflict in the other."""
    first = {b"f": File(b"1\ntwo\n3\n"), b"g": File(b"1\n")}
    second = {b"f": File(b"1\ntwo and a half\n3\n"), b"g": File(b"2\n")}
    toy = toy_of(tmp_path, ToyCommit("one", first, ("main",)), ToyCommit("two", second, ("one",)))
    ask = ("forecast", "--repository", toy.git_dir, "--json", "--onto", "stable/4.1.x")
    ran = bot(*ask, "--commit", "one", "--commit", "two")
    toy.git("checkout", "--quiet", "--detach", "stable/4.1.x")
    toy.git("cherry-pick", "one", "two")
    assert ran.answer["commits"] == [toy.shas["one"], toy.shas["two"]]
    assert ran.targets["stable/4.1.x"]["tree"] == toy.line("rev-parse", "HEAD^{tree}")
    assert toy.line("rev-list", "--count", "stable/4.1.x..HEAD") == "2"
    assert bot(*ask, "--commit", "two", "one").targets["stable/4.1.x"]["outcome"] == "conflict"


def test_already_there_is_good(source: DjangoRepository) -> None:
    """A target that has the change already ends with 0, its own commit and no head branch."""
    ran = forecast(source.git_dir, "main", "main")
    target = ran.targets["main"]
    assert (ran.code, target["outcome"]) == (0, "already_there")
    assert (target["commit"], target["head_branch"]) == (source.fix_sha, None)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--commit", "nope", "--onto", "stable/4.1.x"], "nope is no commit"),
        (["--commit", "main"], "required: --onto"),
        (["--onto", "stable/4.1.x"], "required: --commit"),
        (["--commit", "main", "--onto", "main", "--frobnicate"], "--frobnicate"),
        (["--commit", "main", "--onto", "main", "--repository", "/usr"], "/usr is not a git"),
        (["--commit", "main", "--onto", "main", "--repository", "/a\nb"], r"/a\nb is not a git"),
        (["--commit", "main", "--onto", "main", "--config", "/none.toml"], "/none.toml cannot"),
        (["--commit", "main", "--onto", "main", "--config", str(ROOT / "Makefile")], "TOML"),
    ],
)
def test_bad_input_is_told_in_one_line(
    source: DjangoRepository, arguments: list[str], says: str
) -> None:
    """Whatever cannot be used ends with 2, prints nothing and says why in one line."""
    place = [] if "--repository" in arguments else ["--repository", str(source.git_dir)]
    ran = bot("forecast", *place, *arguments, "--json")
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert says in ran.err


def test_an_unknown_target_is_missing(source: DjangoRepository) -> None:
    """Unknown targets are `missing` in the JSON beside the others, and one line names them."""
    ran = forecast(source.git_dir, "main", "stable/4.1.x", "stable/9.9.x", "nope")
    assert ran.code == 2
    outcomes = [target["outcome"] for target in ran.answer["targets"]]
    assert outcomes == ["picked", "missing", "missing"]
    assert ran.err == (
        "stablehand: stable/9.9.x, nope: no branch, tag or commit of this repository\n"
    )


def test_a_wrong_key_of_the_configuration_is_named(
    source: DjangoRepository, tmp_path: Path
) -> None:
    """A configuration file with two mistakes is refused with both, in one line."""
    file = tmp_path / "stablehand.toml"
    file.write_text('targets = ["stable/4.1.x"]\nlable = "x"\ntrailer = "by hand"\n')
    ask = ("--repository", source.git_dir, "--commit", "main", "--onto", "stable/4.1.x")
    ran = bot("forecast", *ask, "--config", file)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert str(file) in ran.err
    assert "`lable`: unknown key" in ran.err
    assert "{sha}" in ran.err


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("", "git was not found: install git 2.38 or newer"),
        ("#!/bin/sh\necho git version 2.30.2\n", "this machine has “git version 2.30.2”"),
    ],
)
def test_git_missing_or_too_old(tmp_path: Path, script: str, says: str) -> None:
    """Without a git that can merge in memory, one line says which one is needed."""
    if script:
        (tmp_path / "git").write_text(script)
        (tmp_path / "git").chmod(0o755)
    ask = ("forecast", "--commit", "main", "--onto", "main")
    ran = bot(*ask, env={"PATH": str(tmp_path)})
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert says in ran.err


def test_backport_creates_the_branches_once(mine: DjangoRepository) -> None:
    """The head branches hold the picked commits, and doing it again leaves the same."""
    ask = ("backport", "--repository", mine.git_dir, "--commit", "main", "--json", "--onto")
    first = bot(*ask, *STABLE)
    named, again = refs(mine.git_dir), bot(*ask, *STABLE)
    assert first.code == again.code == 0
    assert first.answer == again.answer
    assert refs(mine.git_dir) == named
    made = [name for name in named if "/backport/" in name]
    series = [branch.removeprefix("stable/") for branch in STABLE]
    assert made == [f"refs/heads/backport/{one}/{mine.fix_sha[:12]}" for one in series]
    message = git(mine.git_dir, "log", "-1", "--format=%B", made[-1]).splitlines()
    assert message[0].startswith("[4.1.x] Fixed #34063 -- ")
    assert message[-1] == f"Backport of {mine.fix_sha} from main."
    assert git(mine.git_dir, "rev-parse", f"{made[-1]}^") == mine.branches["stable/4.1.x"]


def test_a_branch_in_the_way_is_left_alone(mine: DjangoRepository) -> None:
    """A branch of that name which stands elsewhere stays there, is named, and ends with 1."""
    head = f"backport/4.1.x/{mine.fix_sha[:12]}"
    git(mine.git_dir, "branch", head, "main")
    ask = ("backport", "--repository", mine.git_dir, "--commit", "main", "--json", "--onto")
    ran = bot(*ask, "stable/4.1.x", "stable/4.0.x")
    assert ran.code == 1
    assert f"Branch {head} exists already" in ran.targets["stable/4.1.x"]["detail"]
    assert ran.targets["stable/4.0.x"]["detail"] == ""
    assert git(mine.git_dir, "rev-parse", head) == mine.fix_sha
    assert git(mine.git_dir, "rev-parse", f"backport/4.0.x/{mine.fix_sha[:12]}")


@pytest.mark.parametrize("command", ["forecast", "backport"])
def test_picks_are_proved(mine: DjangoRepository, tmp_path: Path, command: str) -> None:
    """`--test` proves each pick on its own target; a forecast leaves no branch behind."""
    file = tmp_path / "stablehand.toml"
    file.write_text(PROOF_ALONE)
    ask = ("--repository", mine.git_dir, "--commit", "main", "--json", "--test", "--config", file)
    ran = bot(command, *ask, "--onto", "stable/4.0.x")
    assert ran.code == 0, ran
    proof = ran.targets["stable/4.0.x"]["tests"]
    assert [(row["stage"], row["ran"]) for row in proof["rows"]] == [
        ("base", 8),
        ("red", 11),
        ("green", 11),
    ]
    assert (proof["conclusion"], len(proof["proving"])) == ("success", 3)
    assert "bubblewrap" in proof["sandbox"]
    assert any("/backport/" in ref for ref in refs(mine.git_dir)) == (command == "backport")


def configured(tmp_path: Path, tests: str) -> Path:
    """Write a configuration with these tests."""
    file = tmp_path / "stablehand.toml"
    file.write_text(f'targets = ["stable/4.1.x"]\n{tests}')
    return file


def test_failed_tests_end_with_one(tmp_path: Path) -> None:
    """Tests that fail with the pick alone end with 1, and the table shows what they said last."""
    toy = toy_of(tmp_path, ToyCommit("fix", {b"f": File(b"1\n2\n3\n4\n")}, ("main",)))
    words = "print('the last words'); raise SystemExit('4' in open('f').read())"
    command = ["{python}", "-c", words]
    file = configured(tmp_path, f"[tests]\ncommand = {json.dumps(command)}\n")
    ask = ("--repository", toy.git_dir, "--commit", "fix", "--onto", "stable/4.1.x")
    ran = bot("backport", *ask, "--test", "--config", file)
    assert ran.code == 1, ran
    assert "| the last words" in ran.out
    assert "find out why the tests fail" in ran.out


def test_tests_that_are_not_configured_make_no_branch(tmp_path: Path) -> None:
    """`--test` without any configured tests is bad input, found out before a branch is made."""
    toy = toy_of(tmp_path, ToyCommit("fix", {b"f": File(b"1\n2\n3\n4\n")}, ("main",)))
    ask = ("--repository", toy.git_dir, "--commit", "fix", "--onto", "stable/4.1.x")
    ran = bot("backport", *ask, "--test", "--config", configured(tmp_path, ""))
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "No tests are configured" in ran.err
    assert "backport" not in toy.line("for-each-ref")


ODD = [b"caf\xe9.txt", b"sp ace/two words.txt", b"tab\tand\nbreak"]


def odd_conflict(tmp_path: Path) -> Toy:
    """Make a fix that conflicts in files with odd names."""
    return toy_of(
        tmp_path,
        ToyCommit("old", {name: File(b"0\n") for name in ODD}, ("main",)),
        ToyCommit("fix", {name: File(b"1\n") for name in ODD}, ("old",)),
        ToyCommit("stable/9.x", {name: File(b"2\n") for name in ODD}, ("old",)),
    )


def test_odd_paths_keep_the_json_whole(tmp_path: Path) -> None:
    """Spaces, line breaks and bytes that are not UTF-8 in conflicting paths are told apart."""
    ran = forecast(odd_conflict(tmp_path).git_dir, "fix", "stable/9.x")
    paths = [conflict["path"] for conflict in ran.targets["stable/9.x"]["conflicts"]]
    assert paths == ["caf\\xe9.txt", "sp ace/two words.txt", "tab\tand\nbreak"]
    assert ran.out.isascii()


def test_odd_paths_keep_the_table_in_shape(tmp_path: Path) -> None:
    """In the table each path has a line of its own, whatever is in its name."""
    toy = odd_conflict(tmp_path)
    ask = ("--repository", toy.git_dir, "--commit", "fix", "--onto", "stable/9.x")
    lines = bot("forecast", *ask).out.splitlines()
    shown = [line.split("  ")[1] for line in lines if line.endswith("contents: 1 hunk")]
    assert shown == ["caf\\xe9.txt", "sp ace/two words.txt", r"tab\tand\nbreak"]
    assert bot("forecast", *ask, env={"PYTHONIOENCODING": "ascii"}).code == 1


def test_the_table_fits_a_terminal(source: DjangoRepository) -> None:
    """On 80 columns nothing wraps, and each target tells its outcome, branch and what is next."""
    ask = ("forecast", "--repository", source.git_dir, "--commit", "main", "--onto")
    ran = bot(*ask, *reversed(STABLE))
    above, *below = ran.out.split("\nstable/")
    assert [line.split()[:2] for line in above.splitlines() if "stable/" in line] == [
        ["stable/4.1.x", "picked"],
        ["stable/4.0.x", "picked"],
        ["stable/3.2.x", "picked,"],
    ]
    assert "  picked, resolved by formatter  " in above
    assert max(map(len, ran.out.splitlines())) <= 80
    assert f"branch  backport/4.1.x/{source.fix_sha[:12]}\n" in below[0]
    assert "next    `backport` with the same arguments" in below[0]
    assert [line.strip() for line in below[2].splitlines()[1:3]] == [
        "django/test/client.py       resolved by formatter",
        "tests/test_client/views.py  resolved by formatter",
    ]


def test_the_printed_commands_lead_to_the_conflict(
    source: DjangoRepository, tmp_path: Path, no_formatter: Path
) -> None:
    """The commands for a conflict work as printed, and leave the files that were named."""
    clone = clone_of(source, tmp_path / "clone")
    ask = ("--repository", clone, "--commit", "origin/main", "--onto", "origin/stable/3.2.x")
    shown = bot("forecast", *ask, "--config", no_formatter).out.splitlines()
    commands = [line.removeprefix("  next").strip() for line in shown if " git " in line]
    for command in commands:
        subprocess.run(
            shlex.split(command), cwd=clone, env=environment(), capture_output=True, check=False
        )
    assert [shlex.split(command)[1] for command in commands] == ["switch", "cherry-pick"]
    assert git(clone, "branch", "--show-current").startswith("backport/3.2.x/")
    assert git(clone, "diff", "--name-only", "--diff-filter=U").splitlines() == OF_FORMAT


def test_local_mode_loads_nothing_of_the_service() -> None:
    """Local mode starts without the libraries of the service: web, durable work, database."""
    code = "import bot.cli, sys; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, check=True)
    heavy = {"aiohttp", "dbos", "gidgethub", "prometheus_client", "psycopg", "sentry_sdk"}
    assert set(done.stdout.decode().split()) & {*heavy, "sqlalchemy", "structlog"} == set()
