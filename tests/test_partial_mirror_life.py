from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from bot.adapters.git.gaps import has_gaps
from bot.adapters.git.mirror import GitMirror, GitMirrors
from bot.core.errors import Transient, UserError
from tests import partially_mirrored
from tests.children import descendants, shown_by
from tests.git_server import AUTHORIZATION, TOKEN, GitServer
from tests.git_toys import RECIPE, File, Toy, ToyCommit, Tree
from tests.mirrored import HEAD, REPOSITORY
from tests.partially_mirrored import FAR, NOTES, emptied, fetches, held, home, pick_and_push

# The fixtures that others build on, here with a project of more than one file.
toy = partially_mirrored.project
noted = partially_mirrored.noted
mirrors = partially_mirrored.partial_mirrors


@pytest.fixture
def whole(tmp_path: Path, server: GitServer, noted: list[str]) -> GitMirrors:
    """Give whole mirrors, beside the partial ones."""
    return GitMirrors(home(tmp_path / "whole", server, noted))


async def test_what_is_pushed_is_the_same_and_can_be_tested(
    mirrors: GitMirrors, whole: GitMirrors, toy: Toy, server: GitServer, tmp_path: Path
) -> None:
    """Both kinds push equal commits; the tests' tree takes a fetch for the head, one for files."""
    heads = await pick_and_push(mirrors, toy)
    assert await pick_and_push(whole, toy) == heads
    assert server.count("POST /django/django.git/git-receive-pack") == 1
    sha = heads["backport/3.2.x"]
    before = fetches(server)
    async with mirrors.open(REPOSITORY) as mirror:
        assert not await mirror.has(sha)
        await mirror.fetch(TOKEN, [f"{HEAD}backport/3.2.x"])
        assert await mirror.has(sha)
        await mirror.export(sha, emptied(tmp_path / "tree"))
    assert fetches(server) - before == 2
    assert b"far = 1" in held(tmp_path / "tree")["pkg/moved.py"]


async def test_a_server_that_does_not_filter_gives_a_whole_mirror(
    mirrors: GitMirrors, toy: Toy, server: GitServer, noted: list[str]
) -> None:
    """It is noted once, and nothing more has to be fetched."""
    server.filters = False
    await pick_and_push(mirrors, toy)
    await pick_and_push(mirrors, toy)
    assert noted == ["filter ignored"]
    assert fetches(server) == 2


async def test_a_whole_mirror_goes_on_as_a_partial_one(
    mirrors: GitMirrors, tmp_path: Path, toy: Toy, server: GitServer, noted: list[str]
) -> None:
    """What it has it keeps, and only what comes later may have gaps."""
    await pick_and_push(GitMirrors(home(tmp_path, server, noted)), toy)
    toy.add(ToyCommit("later", {**FAR, NOTES: File(b"Later\n")}, ("far",)))
    toy.git("update-ref", "refs/heads/main", toy.shas["later"])
    async with mirrors.open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}*"])
        before = fetches(server)
        assert await mirror.read(toy.shas["far"], os.fsdecode(NOTES)) == b"Notes\n"
        assert fetches(server) == before
        assert await mirror.read(toy.shas["later"], os.fsdecode(NOTES)) == b"Later\n"
    assert noted == ["contents fetched 1"]


async def test_a_partial_mirror_makes_place_for_a_whole_one(
    mirrors: GitMirrors, tmp_path: Path, toy: Toy, server: GitServer, noted: list[str]
) -> None:
    """Nothing of it is left, so no gap is: the whole one then needs one fetch for a job."""
    await pick_and_push(mirrors, toy)
    place = tmp_path / "data" / "mirrors" / "django" / "django.git"
    assert has_gaps(place)
    before, noted[:] = fetches(server), []
    await pick_and_push(GitMirrors(home(tmp_path, server, noted)), toy)
    assert fetches(server) - before == 1
    assert noted == []
    assert not has_gaps(place)
    assert {path.name for path in place.parent.iterdir()} == {"django.git", "django.lock"}
    toy.git("--git-dir", str(place), "fsck", "--connectivity-only")


async def test_nothing_is_fetched_behind_the_back(
    mirrors: GitMirrors, tmp_path: Path, toy: Toy, server: GitServer
) -> None:
    """The mirror does not know where it came from, so any git can but say what it lacks."""
    async with mirrors.open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}*"])
    asked = len(server.requests)
    place = tmp_path / "data" / "mirrors" / "django" / "django.git"
    toy.git(
        "--git-dir", str(place), "cat-file", "-e", "refs/heads/main:docs/notes.txt", accept=(1,)
    )
    assert len(server.requests) == asked
    config = (place / "config").read_text()
    assert "promisor" not in config
    assert server.url not in config
    async with mirrors.open(REPOSITORY) as mirror:
        with pytest.raises(RuntimeError, match="before anything was fetched"):
            await mirror.read(toy.shas["far"], os.fsdecode(NOTES))


async def test_it_is_kept_in_order(
    mirrors: GitMirrors, tmp_path: Path, toy: Toy, server: GitServer
) -> None:
    """Packing takes the gaps for none, and what was fetched before it is there after it."""
    names = [f"docs/{number}.txt" for number in range(21)]
    more: Tree = {name.encode(): File(name.encode()) for name in names}
    toy.add(ToyCommit("more", {**FAR, **more}, ("far",)))
    async with mirrors.open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}*"])
        for name in names:
            await mirror.read(toy.shas["more"], name)
    packs = tmp_path / "data" / "mirrors" / "django" / "django.git" / "objects" / "pack"
    assert len(list(packs.glob("*.pack"))) > len(names)
    await mirrors.maintain()
    assert len(list(packs.glob("*.pack"))) == len(list(packs.glob("*.promisor"))) == 1
    before = fetches(server)
    async with mirrors.open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}*"])
        assert await mirror.read(toy.shas["more"], names[0]) == names[0].encode()
    assert fetches(server) - before == 1
    await pick_and_push(mirrors, toy)


async def reading(mirror: GitMirror, toy: Toy, server: GitServer) -> asyncio.Task[bytes | None]:
    """Begin to read what is absent, and wait until git has asked the server for it."""
    await mirror.fetch(TOKEN, [f"{HEAD}*"])
    server.gate.clear()
    server.waiting.clear()
    task = asyncio.create_task(mirror.read(toy.shas["far"], os.fsdecode(NOTES)))
    await asyncio.to_thread(server.waiting.wait)
    return task


async def test_the_token_stands_nowhere_while_contents_come(
    mirrors: GitMirrors, toy: Toy, server: GitServer, tmp_path: Path
) -> None:
    """No argument, variable or file shows it, then or afterwards."""
    secrets = [text.encode() for text in (TOKEN, AUTHORIZATION.removeprefix("basic "))]
    async with mirrors.open(REPOSITORY) as mirror:
        task = await reading(mirror, toy, server)
        told = [shown for pid in descendants(os.getpid()) for shown in shown_by(pid)]
        assert any(b"remote-http" in shown for shown in told)
        server.gate.set()
        assert await task == b"Notes\n"
    told += [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert not [shown for shown in told if any(secret in shown for secret in secrets)]


async def test_a_fetch_of_contents_that_is_killed_is_made_again(
    mirrors: GitMirrors, toy: Toy, server: GitServer
) -> None:
    """The job is to be tried again, and the next one finds a mirror in order."""
    async with mirrors.open(REPOSITORY) as mirror:
        task = await reading(mirror, toy, server)
        fetching = [pid for pid in descendants(os.getpid()) if b"fetch\0" in shown_by(pid)[0]]
        for pid in fetching:
            os.kill(pid, signal.SIGKILL)
        server.gate.set()
        with pytest.raises(Transient, match="Fetching contents from django/django failed"):
            await task
    await pick_and_push(mirrors, toy)
    async with mirrors.open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}*"])
        assert await mirror.read(toy.shas["far"], os.fsdecode(NOTES)) == b"Notes\n"


@pytest.mark.parametrize("status", [401, 403])
async def test_who_must_act_is_told_when_contents_are_refused(
    mirrors: GitMirrors, toy: Toy, server: GitServer, status: int
) -> None:
    """A refusal in the middle of a job names the repository and the status."""
    async with mirrors.open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}*"])
        server.status = status
        with pytest.raises(UserError, match=rf"django/django: .* owner must .*\({status}\)"):
            await mirror.pick([toy.shas["fix"]], toy.shas["stable/4.1.x"], RECIPE)
