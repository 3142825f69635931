"""A project on a server, and the mirrors of a service that knows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.git.mirror import GitMirror, GitMirrors, Home
from bot.core.model import Repository
from tests.git_server import TOKEN, GitServer, serving
from tests.git_toys import BOT, RECIPE, File, Toy, ToyCommit, make_toy

REPOSITORY = Repository(1, 1, "django", "django")
TREE = {b"f": File(b"one\n")}
HEAD = "refs/heads/"


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Give the repository that the server has: main with a fix, and a stable branch."""
    made = serve_toy(
        tmp_path,
        ToyCommit("main", TREE),
        ToyCommit("stable/4.1.x", TREE, ("main",), message=b"Stable\n"),
        ToyCommit("stable/4.0.x", TREE, ("main",), message=b"Old stable\n"),
        ToyCommit("maintenance", TREE, ("main",), message=b"Else\n"),
        ToyCommit("fix", {b"f": File(b"two\n")}, ("main",), message=b"Fix\n"),
    )
    made.git("update-ref", "refs/heads/main", made.shas["fix"])
    return made


def serve_toy(tmp_path: Path, *commits: ToyCommit) -> Toy:
    """Make a repository where the server looks for it."""
    folder = tmp_path / "served" / "django"
    folder.mkdir(parents=True)
    made = make_toy(folder, *commits)
    made.git_dir.rename(folder / "django.git")
    made.git_dir.symlink_to("django.git")
    made.git("config", "http.receivepack", "true")
    return made


@pytest.fixture
def server(toy: Toy) -> Iterator[GitServer]:
    """Serve it."""
    with serving(toy.folder.parent) as started:
        yield started


@pytest.fixture
def mirrors(tmp_path: Path, server: GitServer) -> GitMirrors:
    """Give the mirrors of a service that knows this server."""
    return GitMirrors(Home(tmp_path / "data", server.url, BOT))


async def pick_on(mirror: GitMirror, toy: Toy, *branches: str) -> dict[str, str]:
    """Fetch, pick the fix on to branches, and give head branch → commit."""
    refs = await mirror.fetch(TOKEN, [f"{HEAD}main", f"{HEAD}stable/*", f"{HEAD}backport/*"])
    made = {}
    for branch in branches:
        picked = await mirror.pick([toy.shas["fix"]], refs[f"{HEAD}stable/{branch}"], RECIPE)
        made[f"backport/{branch}"] = str(picked.commit)
    return made
