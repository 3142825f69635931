"""A repository that borrows a clone's objects and has its stable branches again.

Each is there twice: as people pushed it, and with every word taken out that names a source.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.replay.history_git import ask
from bench.replay_ships.truth import Branch, without_words
from bot.adapters.git.mirror import GitMirror, Home
from bot.adapters.git.objects import Objects, objects_of
from bot.adapters.git.run import Git
from bot.core.model import Repository
from devkit.history import environment


@dataclass(frozen=True, slots=True)
class Place:
    """The mirror to ask, and for each commit that was rewritten the one that it was."""

    mirror: GitMirror
    was: dict[str, str]


@contextmanager
def place(clone: Path, branches: Sequence[Branch]) -> Iterator[Place]:
    """Make one, and take it away again."""
    with TemporaryDirectory() as folder:
        bare = Path(folder, "django.git")
        init = ["git", "init", "--bare", "--quiet", "--template=", str(bare)]
        subprocess.run(init, env=environment(), check=True)
        store = ask(clone, "rev-parse", "--path-format=absolute", "--git-path", "objects").strip()
        bare.joinpath("objects", "info").mkdir(exist_ok=True)
        bare.joinpath("objects", "info", "alternates").write_text(f"{store}\n")
        with objects_of(Git(bare)) as objects:
            was = _fill(clone, bare, objects, branches)
            home = Home(Path(folder), "http://127.0.0.1:9", "Bench <bench@localhost>")
            yield Place(GitMirror(objects, home, Repository(1, 1, "django", "django")), was)


def hidden(branch: Branch) -> str:
    """Name the branch whose commits do not say what they copy."""
    return f"hidden/{branch.series}.x"


def _fill(clone: Path, bare: Path, objects: Objects, branches: Sequence[Branch]) -> dict[str, str]:
    kept = ("refs/tags/[0-9]*", "refs/heads/main")
    refs = ask(clone, "for-each-ref", "--format=create %(refname) %(objectname)", *kept)
    was: dict[str, str] = {}
    for branch in branches:
        named = _rewritten(objects, branch)
        was |= {new: old for old, new in named.items()}
        tips = (branch.name, branch.tip), (hidden(branch), named[branch.tip])
        refs += "".join(f"create refs/heads/{name} {sha}\n" for name, sha in tips)
    ask(bare, "update-ref", "--stdin", stdin=refs)
    return was


def _rewritten(objects: Objects, branch: Branch) -> dict[str, str]:
    """Write the commits of a branch without those words; give old name → new name."""
    named: dict[str, str] = {}
    for commit in branch.commits:
        raw = objects.data(commit.sha)
        head, _, message = raw.partition(b"\n\n")
        for old, new in _parents(head, named):
            head = head.replace(b"parent " + old.encode(), b"parent " + new.encode())
        named[commit.sha] = objects.write("commit", head + b"\n\n" + without_words(message))
    return named


def _parents(head: bytes, named: dict[str, str]) -> list[tuple[str, str]]:
    lines = (line.split(b" ") for line in head.split(b"\n") if line.startswith(b"parent "))
    shas = [parts[1].decode() for parts in lines]
    return [(sha, named[sha]) for sha in shas if sha in named]
