import hashlib
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.core.errors import UserError
from devkit import sdists
from devkit.django import CACHE, STABLE, DjangoRepository, build, from_clone
from devkit.history import environment, git
from devkit.unfix import unfix

UPSTREAM_PATCH_ID = "ce8e4769945490f154326ff25f90bbcc3c4e7c61"
"""What `git patch-id --stable` says of the fix in Django's own repository."""


@pytest.fixture(scope="module")
def django(tmp_path_factory: pytest.TempPathFactory) -> DjangoRepository:
    """Build the repository once for this module, from the index where nothing is cached."""
    return build(CACHE, tmp_path_factory.mktemp("django") / "django.git")


@pytest.fixture(scope="module")
def work(django: DjangoRepository, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Check out a clone in which plain git can pick."""
    folder = tmp_path_factory.mktemp("work") / "django"
    git(django.git_dir, "clone", "--quiet", "--no-checkout", str(django.git_dir), str(folder))
    git(folder, "config", "user.name", "A tester")
    git(folder, "config", "user.email", "tester@example.org")
    return folder


def cherry_pick(work: Path, branch: str, commit: str) -> tuple[int, list[str]]:
    """Pick with plain git on to a branch: git's exit code and the paths left in conflict."""
    git(work, "checkout", "--quiet", "--force", "--detach", f"origin/{branch}")
    command = ["git", "-C", str(work), "cherry-pick", commit]
    done = subprocess.run(command, env=environment(), capture_output=True, check=False)
    return done.returncode, git(work, "diff", "--name-only", "--diff-filter=U").splitlines()


def test_branches_and_history(django: DjangoRepository) -> None:
    """The branches are Django's, `main` ends with the fix, and all share one root."""
    assert set(django.branches) == {"main", *STABLE}
    assert django.branches["main"] == django.fix_sha
    assert len(git(django.git_dir, "rev-list", "--all", "--max-parents=0").split()) == 1
    assert git(django.git_dir, "symbolic-ref", "HEAD") == "refs/heads/main"


def test_object_names_do_not_depend_on_the_machine(django: DjangoRepository) -> None:
    """The same archives give the same commits everywhere."""
    names = " ".join(f"{name} {sha}" for name, sha in sorted(django.branches.items()))
    assert hashlib.sha256(names.encode()).hexdigest()[:12] == "e09cfa47d085"


def test_fix_is_the_upstream_patch(django: DjangoRepository) -> None:
    """The fix commit holds the patch that Django's own commit holds, line for line."""
    shown = git(django.git_dir, "show", "--numstat", "--format=", django.fix_sha)
    assert [line.split("\t") for line in shown.splitlines()] == [
        ["7", "3", "django/test/client.py"],
        ["18", "0", "tests/test_client/tests.py"],
        ["2", "0", "tests/test_client/views.py"],
    ]
    patch = git(django.git_dir, "show", django.fix_sha) + "\n"
    command = ["git", "patch-id", "--stable"]
    done = subprocess.run(command, input=patch, capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == UPSTREAM_PATCH_ID


def test_fix_is_signed_as_upstream(django: DjangoRepository) -> None:
    """Author, committer, their dates and the message are those of Django's own commit."""
    shown = git(django.git_dir, "log", "-1", "--format=%an <%ae> %ai%n%cn <%ce> %ci%n%B", "main")
    assert shown.splitlines() == [
        "Scott Halgrim <shalgrim@gmail.com> 2022-11-08 12:19:59 +0100",
        "Carlton Gibson <carlton@noumenal.es> 2022-11-08 13:53:34 +0100",
        "Fixed #34063 -- Fixed reading request body with async request factory and client.",
        "",
        "Co-authored-by: Kevan Swanberg <kevswanberg@gmail.com>",
        "Co-authored-by: Carlton Gibson <carlton.gibson@noumenal.es>",
    ]


@pytest.mark.parametrize(
    ("branch", "version"),
    [
        ("stable/4.1.x", (4, 1, 5, "alpha", 0)),
        ("stable/4.0.x", (4, 0, 9, "alpha", 0)),
        ("stable/3.2.x", (3, 2, 17, "alpha", 0)),
        ("main", (4, 2, 0, "alpha", 1)),
    ],
)
def test_versions(
    django: DjangoRepository, branch: str, version: tuple[int, int, int, str, int]
) -> None:
    """Each stable branch stands just after its release, its version already the next alpha."""
    init = git(django.git_dir, "show", f"{branch}:django/__init__.py")
    assert sdists.version_of(init) == version
    assert ("'alpha'" in init) is (branch == "stable/3.2.x")


def test_trees_hold_the_project_and_nothing_of_its_packaging(django: DjangoRepository) -> None:
    """Each tree has Django, its tests and release notes, and no metadata of a package."""
    for branch in django.branches:
        paths = set(git(django.git_dir, "ls-tree", "-r", "--name-only", branch).splitlines())
        assert {"tests/runtests.py", "docs/releases/index.txt", "docs/releases/3.2.txt"} <= paths
        assert not [path for path in paths if re.search("PKG-INFO|egg-info", path)]
        assert len(paths) > 6000


@pytest.mark.parametrize("branch", ["stable/4.1.x", "stable/4.0.x"])
def test_plain_git_picks_the_fix_cleanly(django: DjangoRepository, work: Path, branch: str) -> None:
    """The fix goes on to 4.1 and 4.0 without a conflict."""
    assert cherry_pick(work, branch, django.fix_sha) == (0, [])


def test_plain_git_meets_the_conflict(django: DjangoRepository, work: Path) -> None:
    """The fix meets a conflict on 3.2, in exactly two files."""
    code, conflicts = cherry_pick(work, "stable/3.2.x", django.fix_sha)
    assert code == 1
    assert conflicts == ["django/test/client.py", "tests/test_client/views.py"]


def test_a_clone_gives_the_same_shape(django: DjangoRepository, tmp_path: Path) -> None:
    """From a clone, the branches stand at the release tags and `main` at the fix."""
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--no-checkout", str(django.git_dir), str(clone))
    for branch, tag in STABLE.items():
        git(clone, "tag", tag, f"origin/{branch}")
    made = from_clone(clone, tmp_path / "made.git", django.fix_sha)
    assert made.branches == django.branches
    assert git(made.git_dir, "show", "main:django/__init__.py")


def test_a_folder_that_is_no_clone_is_named(django: DjangoRepository, tmp_path: Path) -> None:
    """A folder without the tags, and a shallow clone, are refused with what to do about it."""
    with pytest.raises(UserError, match="git fetch --tags"):
        from_clone(tmp_path, tmp_path / "made.git")
    url = django.git_dir.as_uri()
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-checkout", url, "shallow")
    for tag in STABLE.values():
        git(tmp_path / "shallow", "tag", tag)
    with pytest.raises(UserError, match="git fetch --unshallow"):
        from_clone(tmp_path / "shallow", tmp_path / "made.git", "HEAD")


def test_parallel_builds_share_one_cache(tmp_path: Path) -> None:
    """Two builds at once fill a fresh cache once, and both get the repository."""
    cache = tmp_path / "cache"
    cache.mkdir()
    build(CACHE, tmp_path / "first.git")
    for archive in CACHE.glob("*.tar.gz"):
        shutil.copy(archive, cache)
    lines: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        places = [tmp_path / "a.git", tmp_path / "b.git"]
        first, second = pool.map(lambda into: build(cache, into, lines.append), places)
    assert first.branches == second.branches
    assert sum(line.startswith("Writing") for line in lines) == 1


def test_offline_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pip reaches no index, the message names the archive and both ways out."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(UserError, match=r"Django 3\.2\.16 .*No matching distribution.*DJANGO="):
        build(tmp_path / "cache", tmp_path / "made.git")
    assert not [path for path in (tmp_path / "cache").iterdir() if path.name != "lock"]


@pytest.mark.usefixtures("django")
def test_damaged_archive_is_refused(tmp_path: Path) -> None:
    """A truncated archive, and one of another release, are refused by name."""
    whole = CACHE / "Django-4.1.4.tar.gz"
    damaged = tmp_path / whole.name
    damaged.write_bytes(whole.read_bytes()[:100_000])
    with pytest.raises(UserError, match=r"damaged source archive of Django 4\.1\.4"):
        sdists.verify("4.1.4", damaged)
    with pytest.raises(UserError, match=r"gave Django 4\.1\.4 where 4\.1\.5 was asked for"):
        sdists.verify("4.1.5", whole)


@pytest.mark.usefixtures("django")
def test_a_tree_without_the_fix_is_refused() -> None:
    """What was taken out once cannot be taken out again."""
    with pytest.raises(ValueError, match="found 0 times"):
        unfix(sdists.unpack(CACHE / "Django-4.1.4.tar.gz"))
