"""Git history written from trees in memory, in one stream and without any work tree."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.sdists import File


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit to be written.

    `author` and `committer` are in git's raw form (`Name <mail> 1667906399 +0100`). `parent` is
    the place of another commit in the same sequence. `whole` says that `files` are all there is;
    otherwise they go on top of the parent's tree.
    """

    branch: str
    parent: int | None
    author: str
    committer: str
    message: str
    files: Mapping[str, File]
    whole: bool = False


def git(git_dir: Path, *arguments: str) -> str:
    """Run git in a repository, undisturbed by anybody's settings, and give what it prints."""
    command = ["git", "-C", str(git_dir), *arguments]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    return done.stdout.strip()


def environment() -> dict[str, str]:
    """Give an environment in which git reads no settings but the repository's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def create(git_dir: Path) -> None:
    """Make an empty bare repository with HEAD on `main`."""
    git_dir.mkdir(parents=True)
    git(git_dir, "init", "--quiet", "--bare", "--initial-branch=main")


def write(git_dir: Path, commits: Sequence[Commit]) -> None:
    """Add these commits to a repository and set its branches."""
    command = ["git", "-C", str(git_dir), "fast-import", "--quiet", "--date-format=raw"]
    stream = b"".join(chunk for place, one in enumerate(commits) for chunk in _stream(place, one))
    subprocess.run(command, env=environment(), input=stream, check=True)


def _stream(place: int, commit: Commit) -> Iterator[bytes]:
    # Marks count from one.
    yield f"commit refs/heads/{commit.branch}\nmark :{place + 1}\n".encode()
    yield f"author {commit.author}\ncommitter {commit.committer}\n".encode()
    yield from _data(commit.message.encode())
    if commit.parent is not None:
        yield f"from :{commit.parent + 1}\n".encode()
    if commit.whole:
        yield b"deleteall\n"
    for path, file in commit.files.items():
        yield f"M {file.mode} inline {path}\n".encode()
        yield from _data(file.data)


def _data(content: bytes) -> Iterator[bytes]:
    yield b"data %d\n" % len(content)
    yield content
    yield b"\n"
