"""A project whose picks need more than history, and partial mirrors of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.adapters.git.mirror import GitMirrors, Home
from bot.adapters.git.partial_mirror import PartialMirror
from bot.core.model import PushState
from tests.git_server import TOKEN, GitServer
from tests.git_toys import BOT, RECIPE, SUBMODULE, File, Toy, ToyCommit, Tree
from tests.mirrored import HEAD, REPOSITORY, serve_toy

A, NOTES, VERSION = b"pkg/a.py", b"docs/notes.txt", b"django/__init__.py"


def module(**changes: str) -> File:
    """Give a module of twenty lines, some of them replaced."""
    lines = [changes.get(f"l{number}", f"v{number} = {number}") for number in range(20)]
    return File("".join(f"{line}\n" for line in lines).encode())


BASE: Tree = {
    A: module(),
    b"pkg/__init__.py": File(b"# All of it\n"),
    b"pkg/util.py": File(b"from pkg.deep import helper\n"),
    b"pkg/deep.py": File(b"def helper():\n    pass\n"),
    b"other/.gitattributes": File(b"*.txt merge=ours\n"),
    b".gitattributes": File(b"*.lock merge=binary\n"),
    b"big/unrelated.txt": File(b"never needed for a pick\n"),
    b"vendored": File(b"1" * 40, SUBMODULE),
    NOTES: File(b"Notes\n"),
    VERSION: File(b"VERSION = (4, 1, 4, 'alpha', 0)\n"),
}
PRE: Tree = {**BASE, A: module(l5="five = 5")}
FIX: Tree = {**PRE, A: module(l4="from pkg.util import helper", l5="five = 6")}
FAR: Tree = {**FIX, A: module(l4="from pkg.util import helper", l5="five = 6", l18="far = 1")}
MOVED: Tree = {
    **{path: file for path, file in BASE.items() if path != A},
    b"pkg/moved.py": module(l1="moved = 1"),
    b"pkg/new.py": module(**{f"l{number}": f"other_{number}()" for number in range(20)}),
}


@pytest.fixture
def project(tmp_path: Path) -> Toy:
    """Give a project: a fix that is clean on 4.1, in conflict on 4.0, its file renamed on 3.2."""
    made = serve_toy(
        tmp_path,
        ToyCommit("first", {**BASE, A: module(l4="four = 4")}),
        ToyCommit("base", BASE, ("first",)),
        ToyCommit("pre", PRE, ("base",), b"Named five.\n", b"Zoe <z@x.test> 1667906000 +0000"),
        ToyCommit("fix", FIX, ("pre",)),
        ToyCommit("far", FAR, ("fix",)),
        ToyCommit("pull", FIX, ("pre",), b"As it was proposed\n"),
        ToyCommit("stable/4.1.x", {**PRE, A: module(l5="five = 5", l12="own = 1")}, ("pre",)),
        ToyCommit("stable/4.0.x", {**BASE, NOTES: File(b"Old\n")}, ("base",)),
        ToyCommit("stable/3.2.x", MOVED, ("base",)),
    )
    made.git("update-ref", "refs/heads/main", made.shas["far"])
    return made


def home(tmp_path: Path, server: GitServer, noted: list[str]) -> Home:
    """Give where mirrors live; notes of what happened go to a list."""

    def note(event: str, **fields: object) -> None:
        noted.append(f"{event} {fields.get('files', '')}".strip())

    return Home(tmp_path / "data", server.url, BOT, note=note)


@pytest.fixture
def noted() -> list[str]:
    """Give the notes of the mirrors."""
    return []


@pytest.fixture
def partial_mirrors(tmp_path: Path, server: GitServer, noted: list[str]) -> GitMirrors:
    """Give partial mirrors."""
    return GitMirrors(home(tmp_path, server, noted), PartialMirror)


def fetches(server: GitServer) -> int:
    """Count the fetches that a server saw."""
    return server.count("info/refs?service=git-upload-pack")


async def pick_and_push(mirrors: GitMirrors, toy: Toy) -> dict[str, str]:
    """Pick on to two branches and push; give what stands on the server then."""
    async with mirrors.open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}main", f"{HEAD}stable/*", f"{HEAD}backport/*"])
        heads = {}
        for series, commit in (("4.1.x", "fix"), ("3.2.x", "far")):
            made = await mirror.pick([toy.shas[commit]], toy.shas[f"stable/{series}"], RECIPE)
            heads[f"backport/{series}"] = str(made.commit)
        pushed = await mirror.push(TOKEN, heads)
    assert {push.state for push in pushed.values()} <= {PushState.CREATED, PushState.UNCHANGED}
    return {name: toy.line("rev-parse", HEAD + name) for name in heads}


def emptied(folder: Path) -> Path:
    """Give an empty folder."""
    folder.mkdir()
    return folder


def held(folder: Path) -> dict[str, bytes]:
    """Give the files below a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
