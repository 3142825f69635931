from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from bot.adapters.git.local import open_local
from bot.core.errors import UserError
from bot.core.model import Outcome
from tests.git_toys import ENVIRONMENT, RECIPE, File, Toy, ToyCommit, make_toy

BASE = {b"f": File(b"one\n"), b"g": File(b"1\n2\n3\n4\n5\n")}
HOOK = "#!/bin/sh\ntouch {}\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Give a person's clone with work in progress: a change staged, another not, a file besides."""
    return make_clone(tmp_path)


def make_clone(tmp_path: Path, name: str = "clone") -> Path:
    """Clone a toy whose fix goes cleanly on to `stable/4.1.x`."""
    (tmp_path / "origin").mkdir()
    toy = make_toy(
        tmp_path / "origin",
        ToyCommit("main", BASE),
        ToyCommit("stable/4.1.x", {**BASE, b"f": File(b"old\n")}, ("main",)),
        ToyCommit("fix", {**BASE, b"g": File(b"1\n2\nthree\n4\n5\n")}, ("main",)),
    )
    toy.git("tag", "--no-sign", "-m", "Tag", "4.1.4", "stable/4.1.x")
    folder = tmp_path / name
    plain(tmp_path, "clone", "--quiet", "-b", "main", str(toy.git_dir), str(folder))
    (folder / "f").write_text("staged\n")
    plain(folder, "add", "f")
    (folder / "g").write_text("not staged\n")
    (folder / "besides").write_text("new\n")
    return folder


def plain(folder: Path, *args: str) -> str:
    """Run plain git in a folder."""
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *args],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def fingerprint(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Give content and time of every file below a folder, git's own included."""
    return {
        str(path): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
            path.stat().st_mode,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


async def test_a_clone_is_not_touched(clone: Path) -> None:
    """Work tree, index, HEAD, refs and objects are the same bytes after a pick as before."""
    before = fingerprint(clone)
    async with open_local(clone) as repository:
        fix, onto = await repository.resolve("origin/fix"), await repository.resolve("4.1.4")
        made = await repository.pick([str(fix)], str(onto), RECIPE)
        assert made.outcome is Outcome.PICKED
        assert await repository.read(str(made.commit), "f") == b"old\n"
        assert await repository.read(str(made.commit), "g") == b"1\n2\nthree\n4\n5\n"
    assert fingerprint(clone) == before


async def test_revisions_are_resolved_as_git_does(clone: Path) -> None:
    """Branches, tags, short names and HEAD mean commits; options and nonsense mean nothing."""
    sha = plain(clone, "rev-parse", "origin/stable/4.1.x")
    async with open_local(clone) as repository:
        for rev in ("origin/stable/4.1.x", "4.1.4", sha[:9], "refs/tags/4.1.4"):
            assert await repository.resolve(rev) == sha
        assert await repository.resolve("HEAD~0") == plain(clone, "rev-parse", "HEAD")
        for rev in ("nope", "--all", "", "HEAD:f", "-h"):
            assert await repository.resolve(rev) is None


async def test_branches_are_known_by_their_name(clone: Path) -> None:
    """Local and remote-tracking branches give the name of the branch, others give None."""
    async with open_local(clone) as repository:
        assert await repository.branch_name("main") == "main"
        assert await repository.branch_name("HEAD") == "main"
        assert await repository.branch_name("origin/stable/4.1.x") == "stable/4.1.x"
        assert await repository.branch_name("4.1.4") is None
        assert await repository.branch_name("HEAD~0") is None
        assert await repository.branch_name("nope") is None


async def test_a_branch_is_created_once_and_whole(clone: Path) -> None:
    """The commit comes with all its objects; again is fine; another commit under it is refused."""
    (clone / ".git" / "hooks").mkdir(exist_ok=True)
    ran = clone.parent / "ran"
    for name in ("reference-transaction", "post-checkout"):
        hook = clone / ".git" / "hooks" / name
        hook.write_text(HOOK.format(ran))
        hook.chmod(0o755)
    head, status = plain(clone, "rev-parse", "HEAD"), plain(clone, "status", "--porcelain")
    async with open_local(clone) as repository:
        fix, onto = await repository.resolve("origin/fix"), await repository.resolve("4.1.4")
        made = await repository.pick([str(fix)], str(onto), RECIPE)
        for _ in range(2):
            await repository.create_branch("backport/4.1.x", str(made.commit))
        with pytest.raises(UserError, match=r"backport/4\.1\.x exists already"):
            await repository.create_branch("backport/4.1.x", str(fix))
        with pytest.raises(UserError, match="could not be created"):
            await repository.create_branch("backport/4.1.x/below", str(fix))
    assert not ran.exists()
    assert plain(clone, "rev-parse", "backport/4.1.x") == made.commit
    assert plain(clone, "show", "backport/4.1.x:g").splitlines()[2] == "three"
    plain(clone, "fsck", "--strict", "--connectivity-only")
    assert (plain(clone, "rev-parse", "HEAD"), plain(clone, "status", "--porcelain")) == (
        head,
        status,
    )


async def test_a_persons_settings_have_no_say(clone: Path) -> None:
    """Drivers, attributes and merge settings of the clone do not change the result."""
    async with open_local(clone) as repository:
        fix, onto = (
            str(await repository.resolve("origin/fix")),
            str(await repository.resolve("4.1.4")),
        )
        before = await repository.pick([fix], onto, RECIPE)
    ran = clone.parent / "ran"
    plain(clone, "config", "merge.evil.driver", f"touch {ran}")
    plain(clone, "config", "merge.default", "evil")
    plain(clone, "config", "merge.renormalize", "true")
    plain(clone, "config", "merge.directoryRenames", "true")
    plain(clone, "config", "core.fsmonitor", f"touch {ran}")
    (clone / ".git" / "info" / "attributes").write_text("* merge=evil -text\n")
    async with open_local(clone) as repository:
        assert await repository.pick([fix], onto, RECIPE) == before
    assert not ran.exists()


async def test_any_shape_of_repository_will_do(tmp_path: Path) -> None:
    """A linked work tree, a folder below, a bare and a shallow clone, and odd names all work."""
    clone = make_clone(tmp_path, 'odd "name"\n#:\\')
    linked = tmp_path / "linked"
    plain(clone, "worktree", "add", "--quiet", "--detach", str(linked), "origin/fix")
    (clone / "below").mkdir()
    origin = tmp_path / "origin" / "toy.git"
    shallow = tmp_path / "shallow"
    url = origin.as_uri()
    plain(tmp_path, "clone", "--quiet", "--depth", "2", "--no-single-branch", url, str(shallow))
    for folder in (clone, clone / "below", clone / ".git", linked, origin, shallow):
        async with open_local(folder) as repository:
            fix = await repository.resolve("fix") or await repository.resolve("origin/fix")
            onto = await repository.resolve("4.1.4")
            made = await repository.pick([str(fix)], str(onto), RECIPE)
        assert made.outcome is Outcome.PICKED


async def test_a_repository_of_another_user_can_be_read(clone: Path) -> None:
    """Git's refusal of foreign owners, meant for its hooks and settings, does not stop a pick."""
    if os.geteuid():
        pytest.skip("only root can give files away")
    for path in (clone, clone / ".git"):
        os.chown(path, 12345, 12345)
    async with open_local(clone) as repository:
        assert await repository.resolve("HEAD") is not None


async def test_what_is_no_repository_is_said_in_one_line(tmp_path: Path) -> None:
    """A plain folder, a missing one, a file, and a repository of another hash are refused."""
    (tmp_path / "file").touch()
    (tmp_path / "plain").mkdir()
    plain(tmp_path, "init", "--quiet", "--object-format=sha256", "other")
    for name in ("plain", "absent", "file", "other"):
        with pytest.raises(UserError) as found:
            async with open_local(tmp_path / name):
                pass
        assert str(tmp_path / name) in found.value.message
        assert "\n" not in found.value.message


async def test_a_clone_that_lacks_objects_is_said_to(tmp_path: Path) -> None:
    """A partial clone works as far as its objects go, and never fetches the rest by itself."""
    (tmp_path / "origin").mkdir()
    lines = [b"%d\n" % i for i in range(9)]
    toy = make_toy(
        tmp_path / "origin",
        ToyCommit("main", {b"f": File(b"".join(lines))}),
        ToyCommit("target", {b"f": File(b"".join([b"old\n", *lines]))}, ("main",)),
        ToyCommit("fix", {b"f": File(b"".join([*lines, b"new\n"]))}, ("main",)),
    )
    toy.git("config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    url = toy.git_dir.as_uri()
    plain(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", url, str(partial))
    with pytest.raises(UserError, match="partial clone"):
        async with open_local(partial) as repository:
            await repository.pick([toy.shas["fix"]], toy.shas["target"], RECIPE)


async def test_a_tree_is_exported_whole(tmp_path: Path) -> None:
    """Files marked for no archive are there, nothing is substituted, modes and links are kept."""
    tree = {
        b".gitattributes": File(b"secret export-ignore\nversion export-subst\n"),
        b"secret": File(b"s\n"),
        b"version": File(b"$Format:%H$\n"),
        b"d/run": File(b"#!/bin/sh\n", "100755"),
        b"d/link": File(b"run", "120000"),
        b"mod": File(b"1" * 40, "160000"),
        b"caf\xe9\n": File(b"x"),
    }
    toy: Toy = make_toy(tmp_path, ToyCommit("main", tree))
    into = tmp_path / "into"
    into.mkdir()
    async with open_local(toy.git_dir) as repository:
        await repository.export(toy.shas["main"], into)
        assert await repository.read(toy.shas["main"], "mod") is None
        assert await repository.read(toy.shas["main"], "d") is None
        assert await repository.read(toy.shas["main"], "absent") is None
    assert (into / "version").read_bytes() == b"$Format:%H$\n"
    assert (into / "secret").read_bytes() == b"s\n"
    assert os.access(into / "d" / "run", os.X_OK)
    assert (into / "d" / "link").readlink() == Path("run")
    assert {os.fsencode(p.relative_to(into)) for p in into.rglob("*") if not p.is_dir()} == (
        set(tree) - {b"mod"}
    )
