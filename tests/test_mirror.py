from __future__ import annotations

import asyncio
import os
import socket
import sys
from asyncio.subprocess import PIPE
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.git.mirror import GitMirrors, Home
from bot.core.errors import Transient, UserError
from bot.core.model import Push, PushState
from tests.children import descendants, shown_by
from tests.git_server import AUTHORIZATION, TOKEN, GitServer, serving
from tests.git_toys import BOT, RECIPE, File, Toy, ToyCommit
from tests.mirrored import HEAD, REPOSITORY, pick_on


async def test_a_fetch_makes_the_mirror_and_asks_once(
    mirrors: GitMirrors, server: GitServer, toy: Toy
) -> None:
    """The first fetch is the clone; each asks for the refs once and is never told 401 first."""
    wanted = [f"{HEAD}main", f"{HEAD}stable/*", f"{HEAD}absent"]
    async with mirrors.open(REPOSITORY) as mirror:
        refs = await mirror.fetch(TOKEN, wanted)
        assert refs == {
            f"{HEAD}main": toy.shas["fix"],
            f"{HEAD}stable/4.0.x": toy.shas["stable/4.0.x"],
            f"{HEAD}stable/4.1.x": toy.shas["stable/4.1.x"],
        }
        assert server.count("info/refs") == 1
        assert await mirror.has(toy.shas["fix"])
        assert not await mirror.has("1" * 40)
    async with mirrors.open(REPOSITORY) as mirror:
        assert await mirror.fetch(TOKEN, wanted) == refs
    assert server.count("info/refs") == 2


async def test_a_fetch_follows_what_was_forced_or_deleted(
    mirrors: GitMirrors, toy: Toy, server: GitServer
) -> None:
    """The answer is what stands there now, whatever was there before."""
    async with mirrors.open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}*"])
        toy.git("update-ref", "-d", f"{HEAD}stable/4.0.x")
        toy.git("update-ref", f"{HEAD}main", toy.shas["maintenance"])
        refs = await mirror.fetch(TOKEN, [f"{HEAD}*"])
    assert f"{HEAD}stable/4.0.x" not in refs
    assert refs[f"{HEAD}main"] == toy.shas["maintenance"]
    assert server.count("info/refs") == 2


async def test_all_heads_go_in_one_push(mirrors: GitMirrors, toy: Toy, server: GitServer) -> None:
    """Two new branches cost one push; what already stands there costs none."""
    async with mirrors.open(REPOSITORY) as mirror:
        heads = await pick_on(mirror, toy, "4.1.x", "4.0.x")
        done = await mirror.push(TOKEN, heads)
        assert done == {name: Push(PushState.CREATED, sha) for name, sha in heads.items()}
        assert server.count("POST /django/django.git/git-receive-pack") == 1
        for name, sha in heads.items():
            assert toy.line("rev-parse", HEAD + name) == sha
        again = await pick_on(mirror, toy, "4.1.x", "4.0.x")
        assert again == heads
        done = await mirror.push(TOKEN, heads)
    assert done == {name: Push(PushState.UNCHANGED, sha) for name, sha in heads.items()}
    assert server.count("service=git-receive-pack") == 1


async def test_a_push_whose_answer_was_lost_can_be_repeated(
    mirrors: GitMirrors, toy: Toy, server: GitServer
) -> None:
    """The first is to be tried again, and then finds its own work."""
    async with mirrors.open(REPOSITORY) as mirror:
        heads = await pick_on(mirror, toy, "4.1.x", "4.0.x")
        server.lose = True
        with pytest.raises(Transient):
            await mirror.push(TOKEN, heads)
    server.lose = False
    async with mirrors.open(REPOSITORY) as mirror:
        done = await mirror.push(TOKEN, heads)
    assert done == {name: Push(PushState.UNCHANGED, sha) for name, sha in heads.items()}


@pytest.mark.parametrize("fetched", [True, False], ids=["seen", "unseen"])
async def test_a_branch_that_stands_there_is_never_moved(
    mirrors: GitMirrors,
    toy: Toy,
    fetched: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """An earlier pick of ours is kept, a person's commit is foreign, whether seen before or not."""
    async with mirrors.open(REPOSITORY) as mirror:
        heads = await pick_on(mirror, toy, "4.1.x", "4.0.x")
        toy.add(ToyCommit("person", {b"f": File(b"three\n")}, ("stable/4.0.x",)))
        ours = await mirror.pick(
            [toy.shas["fix"]],
            toy.shas["stable/4.0.x"],
            replace(RECIPE, subject_prefix="[old] "),
        )
        await mirror.push(TOKEN, {"backport/4.1.x": str(ours.commit)})
        toy.git("update-ref", f"{HEAD}backport/4.0.x", toy.shas["person"])
        await mirror.fetch(TOKEN, [f"{HEAD}*"])
        if not fetched:
            await mirror.fetch(TOKEN, [f"{HEAD}main"])
        done = await mirror.push(TOKEN, heads)
    assert {name: push.state for name, push in done.items()} == {
        "backport/4.1.x": PushState.KEPT,
        "backport/4.0.x": PushState.FOREIGN,
    }
    assert done["backport/4.0.x"].sha == toy.shas["person"]
    assert toy.line("rev-parse", f"{HEAD}backport/4.0.x") == toy.shas["person"]


async def test_a_branch_that_appears_meanwhile_is_left_alone(mirrors: GitMirrors, toy: Toy) -> None:
    """A commit that the mirror has never seen is refused to be replaced, in plain words."""
    async with mirrors.open(REPOSITORY) as mirror:
        heads = await pick_on(mirror, toy, "4.1.x", "4.0.x")
        toy.add(ToyCommit("person", {b"f": File(b"three\n")}, ("stable/4.0.x",)))
        toy.git("update-ref", f"{HEAD}backport/4.0.x", toy.shas["person"])
        done = await mirror.push(TOKEN, heads)
    assert done["backport/4.1.x"].state is PushState.CREATED
    assert done["backport/4.0.x"] == Push(
        PushState.REFUSED,
        toy.shas["person"],
        "The branch was created meanwhile, with another commit.",
    )


async def test_a_protected_branch_does_not_hold_up_the_others(
    mirrors: GitMirrors, toy: Toy
) -> None:
    """The refused one comes back with the other side's words, its neighbour is created."""
    hook = toy.git_dir / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        "#!/bin/sh\n"
        'case $1 in *4.0.x) echo "error: GH006: Protected branch $1." >&2; exit 1;; esac\n'
    )
    hook.chmod(0o755)
    async with mirrors.open(REPOSITORY) as mirror:
        heads = await pick_on(mirror, toy, "4.1.x", "4.0.x")
        done = await mirror.push(TOKEN, heads)
    assert done["backport/4.1.x"] == Push(PushState.CREATED, heads["backport/4.1.x"])
    refused = done["backport/4.0.x"]
    assert (refused.state, refused.sha) == (PushState.REFUSED, None)
    assert "GH006: Protected branch refs/heads/backport/4.0.x." in refused.detail
    assert "remote:" not in refused.detail


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_who_must_act_is_told(mirrors: GitMirrors, server: GitServer, status: int) -> None:
    """A refusal names the repository and the status, and is not tried again."""
    server.status = status
    async with mirrors.open(REPOSITORY) as mirror:
        with pytest.raises(
            UserError, match=rf"django/django: .* owner must .*\({status}\)"
        ) as found:
            await mirror.fetch(TOKEN, [f"{HEAD}main"])
        with pytest.raises(UserError, match=f"({status})"):
            await mirror.push(TOKEN, {"x": "1" * 40})
    assert TOKEN not in str(found.value)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_busy_server_is_tried_again(
    mirrors: GitMirrors, server: GitServer, status: int
) -> None:
    """What may pass by itself is Transient."""
    server.status = status
    async with mirrors.open(REPOSITORY) as mirror:
        with pytest.raises(Transient, match=f"HTTP {status}"):
            await mirror.fetch(TOKEN, [f"{HEAD}main"])


async def test_a_server_out_of_reach_is_tried_again(tmp_path: Path) -> None:
    """A refused connection is Transient."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with GitMirrors(Home(tmp_path, url, BOT)).open(REPOSITORY) as mirror:
            with pytest.raises(Transient):
                await mirror.fetch(TOKEN, [f"{HEAD}main"])


async def test_no_redirect_is_followed(
    mirrors: GitMirrors, server: GitServer, tmp_path: Path
) -> None:
    """The token is not carried to where a server points."""
    with serving(tmp_path) as elsewhere:
        server.status, server.location = 301, elsewhere.url
        async with mirrors.open(REPOSITORY) as mirror:
            with pytest.raises(UserError, match="moved"):
                await mirror.fetch(TOKEN, [f"{HEAD}main"])
        assert elsewhere.requests == []


async def test_the_token_stands_nowhere(
    mirrors: GitMirrors, server: GitServer, tmp_path: Path
) -> None:
    """While git talks, no argument, variable or file shows the token; nor does one afterwards."""
    server.gate.clear()
    secrets = [text.encode() for text in (TOKEN, AUTHORIZATION.removeprefix("basic "))]
    async with mirrors.open(REPOSITORY) as mirror:
        task = asyncio.create_task(mirror.fetch(TOKEN, [f"{HEAD}main"]))
        await asyncio.to_thread(server.waiting.wait)
        children = [shown for pid in descendants(os.getpid()) for shown in shown_by(pid)]
        assert any(b"remote-http" in shown for shown in children)
        files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
        told = children + [path.read_bytes() for path in files]
        server.gate.set()
        await task
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    told += [path.read_bytes() for path in files]
    assert not [shown for shown in told if any(secret in shown for secret in secrets)]


HOLDER = """
import asyncio, sys
from pathlib import Path
from bot.adapters.git.mirror import GitMirrors, Home
from bot.core.model import Repository

async def main():
    async with GitMirrors(Home(Path(sys.argv[1]), "http://127.0.0.1:9", "B <b>")).open(
        Repository(1, 1, "django", "django")
    ):
        print("held", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_one_worker_at_a_time_holds_a_mirror(tmp_path: Path) -> None:
    """A second process waits for the first, and gets the mirror when that is killed."""
    mirrors = GitMirrors(Home(tmp_path, "http://127.0.0.1:9", BOT))
    root = Path(__file__).parent.parent
    first = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(tmp_path), stdout=PIPE, cwd=root
    )
    assert first.stdout is not None
    assert await first.stdout.readline() == b"held\n"
    entered = asyncio.Event()

    async def second() -> None:
        async with mirrors.open(REPOSITORY):
            entered.set()

    task = asyncio.create_task(second())
    async with mirrors.open(replace(REPOSITORY, name="other")):
        await asyncio.sleep(0.1)
    assert not entered.is_set()
    first.kill()
    await first.wait()
    await task
    assert entered.is_set()


async def test_one_task_at_a_time_holds_a_mirror(tmp_path: Path) -> None:
    """Within a process the lock excludes too, and a task that waits can be cancelled."""
    mirrors = GitMirrors(Home(tmp_path, "http://127.0.0.1:9", BOT))

    async def enter() -> None:
        async with mirrors.open(REPOSITORY):
            pass

    async with mirrors.open(REPOSITORY):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(enter(), 0.1)
    await enter()


@pytest.mark.parametrize(
    ("owner", "name"),
    [("..", "x"), ("a", ".."), ("a/b", "c"), ("a", "b/../c"), ("", "x"), ("-u", "x"), ("a", "b\n")],
)
async def test_names_cannot_leave_the_data_folder(tmp_path: Path, owner: str, name: str) -> None:
    """What is no name on GitHub opens nothing."""
    mirrors = GitMirrors(Home(tmp_path, "http://127.0.0.1:9", BOT))
    with pytest.raises(UserError):
        async with mirrors.open(replace(REPOSITORY, owner=owner, name=name)):
            pass
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - one call for all names
