"""The demo's repository: real Django trees with the fix of ticket 34063 freshly merged.

`build(cache, into, say)` makes it from released source archives, `from_clone(clone, into)` from a
real clone; both give a `DjangoRepository` with the branches `main` (its head is the fix),
`stable/4.1.x`, `stable/4.0.x` and `stable/3.2.x`. The first call fetches about 40 MB and takes
about a minute; what it made is kept in the cache (`CACHE` is the usual folder), and later calls
copy it in well under a second. Callers in several processes may share one cache.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.core.errors import UserError
from devkit import history, sdists, unfix
from devkit.history import Commit, git
from devkit.sdists import File, Say, silent

CACHE = Path(__file__).parents[1] / ".cache" / "django"
"""The usual cache, in the checkout and ignored by git."""

STABLE = {"stable/3.2.x": "3.2.16", "stable/4.0.x": "4.0.8", "stable/4.1.x": "4.1.4"}
"""The stable branches with the release that each stands just after, oldest first."""

UPSTREAM_FIX = "c4eaa67e2b880db778c9fe6d9854fbdfcc16ecd2"
"""The fix in Django's own repository."""

_INIT = "django/__init__.py"
# One moment, shortly before the fix, so that no commit is older than its parent.
_DEVKIT = "Stablehand devkit <devkit@stablehand.invalid> 1667865600 +0000"
_AUTHOR = "Scott Halgrim <shalgrim@gmail.com> 1667906399 +0100"
_COMMITTER = "Carlton Gibson <carlton@noumenal.es> 1667912014 +0100"
_FIX_MESSAGE = """\
Fixed #34063 -- Fixed reading request body with async request factory and client.

Co-authored-by: Kevan Swanberg <kevswanberg@gmail.com>
Co-authored-by: Carlton Gibson <carlton.gibson@noumenal.es>
"""


@dataclass(frozen=True, slots=True)
class DjangoRepository:
    """A bare repository; `branches` maps each branch name to the commit at its head."""

    git_dir: Path
    fix_sha: str
    branches: Mapping[str, str]


def build(cache: Path, into: Path, say: Say = silent) -> DjangoRepository:
    """Make the repository at the new path `into` from released source archives.

    The object names are the same on every machine. Raises UserError when an archive is neither in
    the cache nor to be had from the package index.
    """
    with _locked(cache):
        made = cache / f"repository-{_recipe()}.git"
        if not made.exists():
            _make(cache, made, say)
    git(cache, "clone", "--quiet", "--bare", "--local", str(made), str(into.absolute()))
    git(into, "remote", "remove", "origin")
    return _described(into)


def from_clone(clone: Path, into: Path, fix: str = UPSTREAM_FIX) -> DjangoRepository:
    """Make the same at the new path `into` from a clone of Django, whose objects are borrowed.

    The stable branches stand at their release tags. The clone is only read, and must stay where it
    is. `main` shall stand at the commit `fix`. Raises UserError when the clone lacks it, one of the
    tags or a part of its history.
    """
    heads = {"main": fix, **{branch: f"refs/tags/{tag}" for branch, tag in STABLE.items()}}
    try:
        objects = git(clone, "rev-parse", "--path-format=absolute", "--git-path", "objects")
        shallow = git(clone, "rev-parse", "--is-shallow-repository")
        found = {name: git(clone, "rev-parse", f"{at}^{{commit}}") for name, at in heads.items()}
    except (OSError, subprocess.CalledProcessError) as error:
        raise UserError(
            f"{clone} is no clone of Django with the tags {', '.join(STABLE.values())} and the"
            f" commit {fix[:10]}. Run `git fetch --tags` there, or name another folder."
        ) from error
    if shallow == "true":
        raise UserError(f"{clone} is a shallow clone. Run `git fetch --unshallow` there.")
    history.create(into)
    (into / "objects" / "info" / "alternates").write_text(f"{objects}\n")
    for name, sha in found.items():
        git(into, "update-ref", f"refs/heads/{name}", sha)
    return _described(into)


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    """Let one process at a time fill the cache; the others wait and find it filled."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _recipe() -> str:
    """Name how the repository is made, so that a cache never serves an older recipe."""
    modules = (__file__, history.__file__, sdists.__file__, unfix.__file__)
    sources = b"".join(Path(module).read_bytes() for module in modules)
    return hashlib.sha256(sources).hexdigest()[:12]


def _make(cache: Path, made: Path, say: Say) -> None:
    archives = {version: sdists.fetch(version, cache, say) for version in sdists.VERSIONS}
    say("Writing a git repository from the Django trees")
    commits = _commits({version: sdists.unpack(path) for version, path in archives.items()})
    with tempfile.TemporaryDirectory(dir=cache, prefix=".repository-") as folder:
        fresh = Path(folder) / "repository.git"
        history.create(fresh)
        history.write(fresh, commits)
        for older in cache.glob("repository-*.git"):
            shutil.rmtree(older)
        fresh.rename(made)
    say("The Django repository is ready")


def _commits(trees: Mapping[str, Mapping[str, File]]) -> list[Commit]:
    """Lay the trees out as Django's history is: one line of development, a branch off each."""
    with_fix = trees["4.2a1"]
    without = unfix.unfix(with_fix)
    fix = {path: with_fix[path] for path in unfix.PATHS}
    line = {**trees, "4.2a1": {**with_fix, **without}}
    commits = [
        _release(version, tree, place - 1 if place else None)
        for place, (version, tree) in enumerate(line.items())
    ]
    for place, (branch, version) in enumerate(STABLE.items()):
        commits.append(_bump(branch, trees[version][_INIT], place))
    commits.append(Commit("main", len(line) - 1, _AUTHOR, _COMMITTER, _FIX_MESSAGE, fix))
    return commits


def _release(version: str, tree: Mapping[str, File], parent: int | None) -> Commit:
    message = f"Django {version}, from its source archive\n"
    if version == "4.2a1":
        message = f"Django {version} without the fix of ticket 34063\n"
    return Commit("main", parent, _DEVKIT, _DEVKIT, message, tree, whole=True)


def _bump(branch: str, init: File, parent: int) -> Commit:
    """Give the first commit after a release, in the form that Django's own has."""
    pattern = rb"""VERSION = \((\d+), (\d+), (\d+), (["'])final\4, 0\)"""
    text = re.sub(pattern, _next_alpha, init.data, count=1)
    series = branch.removeprefix("stable/")
    message = f"[{series}] Post-release version bump.\n"
    files = {_INIT: replace(init, data=text)}
    return Commit(branch, parent, _DEVKIT, _DEVKIT, message, files)


def _next_alpha(version: re.Match[bytes]) -> bytes:
    major, minor, micro, quote = version.groups()
    following = b"%d" % (int(micro) + 1)
    status = quote + b"alpha" + quote
    return b"VERSION = (%s)" % b", ".join((major, minor, following, status, b"0"))


def _described(git_dir: Path) -> DjangoRepository:
    lines = git(git_dir, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads")
    branches = dict(line.split(" ") for line in lines.splitlines())
    return DjangoRepository(git_dir, branches["main"], branches)
