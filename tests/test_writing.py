"""Commits of our own, written on top of a branch without a work tree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from bot.adapters.git.mirror import GitMirrors
from bot.core.model import PushState
from tests import mirrored
from tests.git_server import TOKEN
from tests.git_toys import BOT, EXECUTABLE, File, Toy, ToyCommit
from tests.mirrored import HEAD, REPOSITORY

toy = mirrored.toy
server = mirrored.server
mirrors = mirrored.mirrors

AT = datetime(2023, 1, 2, 8, 10, 59, tzinfo=UTC)
MESSAGE = "[4.1.x] Added release note for 4.1.6.\n\nNö.\n\n"


def author(toy: Toy, sha: str) -> str:
    """Give who made a commit when, and its message, as plain git shows them."""
    return toy.line("show", "--no-patch", "--format=%an <%ae> %at%n%cn <%ce> %ct%n%B", sha)


async def test_a_written_commit_is_pushed_whole(mirrors: GitMirrors, toy: Toy) -> None:
    """Files are made in new folders, replaced and deleted; all others stay; modes stay."""
    toy.add(
        ToyCommit(
            "stable/1.x", {b"f": File(b"1"), b"d/run": File(b"2", EXECUTABLE), b"g": File(b"3")}
        )
    )
    base = toy.shas["stable/1.x"]
    files = {"docs/é/4.1.6.txt": b"New\n", "d/run": b"Changed\n", "f": None}
    async with mirrors.open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}stable/*"])
        sha = await mirror.write(base, files, MESSAGE, AT)
        pushed = await mirror.push(TOKEN, {"backport/1.x/abc": sha})
    assert pushed["backport/1.x/abc"].state is PushState.CREATED
    assert toy.line("rev-parse", f"{sha}^") == base
    listed = toy.line(
        "-c", "core.quotePath=false", "ls-tree", "-r", "--format=%(objectmode) %(path)", sha
    )
    assert listed == "100755 d/run\n100644 docs/é/4.1.6.txt\n100644 g"
    assert toy.git("show", f"{sha}:d/run") == b"Changed\n"
    seconds = int(AT.timestamp())
    assert author(toy, sha) == f"{BOT} {seconds}\n{BOT} {seconds}\n{MESSAGE.strip()}"


async def test_the_same_at_the_same_moment_is_the_same_commit(
    mirrors: GitMirrors, toy: Toy
) -> None:
    """A step done twice makes one commit, in whatever zone the moment is told."""
    base, elsewhere = toy.shas["stable/4.1.x"], AT.astimezone(timezone(timedelta(hours=5)))
    made = set()
    for at in (AT, elsewhere):
        async with mirrors.open(REPOSITORY) as mirror:
            await mirror.fetch(TOKEN, [f"{HEAD}stable/*"])
            made.add(await mirror.write(base, {"n.txt": b"Note\n"}, MESSAGE, at))
    assert len(made) == 1
    assert base not in made


async def test_what_changes_nothing_is_no_commit(mirrors: GitMirrors, toy: Toy) -> None:
    """Files that are as they should be leave the branch where it is."""
    base = toy.shas["stable/4.1.x"]
    async with mirrors.open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}stable/*"])
        assert await mirror.write(base, {"f": b"one\n", "gone.txt": None}, MESSAGE, AT) == base
