"""A bare git directory, driven by git itself in child processes."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
}
FIELDS = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"
NO_SHA = "0" * 40


class GitFailed(Exception):  # noqa: N818 - reads as what happened
    """A git command ended in another way than asked for."""


@dataclass(frozen=True, slots=True)
class Person:
    """An author or committer, with the time in ISO 8601."""

    name: str
    email: str
    date: str


@dataclass(frozen=True, slots=True)
class GitCommit:
    """A commit as read from git."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """A path that differs between two commits; `status` is git's letter."""

    status: str
    path: str
    additions: int
    deletions: int


class Bare:
    """Reads and writes one bare git directory; never blocks the event loop."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def run(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> bytes:
        """Give what a git command prints; raise `GitFailed` when it fails."""
        process = await asyncio.create_subprocess_exec(
            "git",
            *arguments,
            env={**ENVIRONMENT, "GIT_DIR": str(self.path), **(env or {})},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(stdin)
        if process.returncode != 0:
            raise GitFailed(
                f"git {' '.join(arguments[:2])}: {(err or out).decode(errors='replace')}"
            )
        return out

    async def text(self, *arguments: str, stdin: bytes = b"") -> str:
        """Give what a git command prints, as text without the last newline."""
        return (await self.run(*arguments, stdin=stdin)).decode(errors="replace").rstrip("\n")

    async def refs(self) -> dict[str, str]:
        """Give all refs: full name → sha."""
        lines = (await self.text("for-each-ref", "--format=%(refname) %(objectname)")).splitlines()
        return dict(line.split(" ", 1) for line in lines)

    async def set_refs(self, refs: Mapping[str, str | None]) -> None:
        """Move, create or (None) delete refs, all or none."""
        lines = [f"update {ref} {sha}" if sha else f"delete {ref}" for ref, sha in refs.items()]
        await self.run("update-ref", "--stdin", stdin="\n".join([*lines, ""]).encode())

    async def resolve(self, name: str) -> str | None:
        """Give the sha of the commit that a name stands for, if any."""
        try:
            return await self.text(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
            )
        except GitFailed:
            return None

    async def commits(self, *revisions: str, limit: int = 250) -> list[GitCommit]:
        """Give the commits of a revision range, oldest first."""
        arguments = ("log", "--reverse", "--topo-order", f"-{limit}", f"--format=%x01{FIELDS}")
        out = await self.text(*arguments, *revisions, "--")
        return [_commit(record) for record in out.split("\x01")[1:]]

    async def commit(self, sha: str) -> GitCommit:
        """Give one commit."""
        return (await self.commits("--no-walk", sha))[0]

    async def changes(self, old: str, new: str) -> list[Change]:
        """Give the paths that differ between two trees."""
        tree = ("diff-tree", "-r", "-z", "--no-renames", "--root")
        status = (await self.text(*tree, "--name-status", old, new)).split("\0")[:-1]
        numbers = (await self.text(*tree, "--numstat", old, new)).split("\0")[:-1]
        counts = [line.split("\t", 2) for line in numbers]
        return [
            Change(letter, path, _number(added), _number(removed))
            for letter, path, (added, removed, _) in zip(
                status[::2], status[1::2], counts, strict=True
            )
        ]

    async def write_commit(
        self,
        tree: str,
        parents: tuple[str, ...],
        message: str,
        people: tuple[Person, Person],
    ) -> str:
        """Write a commit object by an author and a committer and give its sha."""
        author, committer = people
        env = {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_AUTHOR_DATE": author.date,
            "GIT_COMMITTER_NAME": committer.name,
            "GIT_COMMITTER_EMAIL": committer.email,
            "GIT_COMMITTER_DATE": committer.date,
        }
        flags = [argument for parent in parents for argument in ("-p", parent)]
        out = await self.run("commit-tree", tree, *flags, stdin=message.encode(), env=env)
        return out.decode().strip()

    async def write_tag(self, name: str, commit: str, message: str, tagger: Person) -> str:
        """Write an annotated tag object and give its sha; no ref is set."""
        at = datetime.fromisoformat(tagger.date)
        who = f"{tagger.name} <{tagger.email}> {at.timestamp():.0f} {at:%z}"
        text = f"object {commit}\ntype commit\ntag {name}\ntagger {who}\n\n{message}\n"
        return await self.text("mktag", stdin=text.encode())

    async def write_tree(self, parent: str | None, files: Mapping[str, str | bytes | None]) -> str:
        """Give the tree of a commit with some files written or (None) taken away."""
        lines = []
        for path, content in files.items():
            if content is None:
                lines.append(f"0 {NO_SHA}\t{path}\n")
                continue
            raw = content.encode() if isinstance(content, str) else content
            blob = await self.text("hash-object", "-w", "--stdin", stdin=raw)
            lines.append(f"100644 {blob}\t{path}\n")
        with tempfile.TemporaryDirectory() as folder:
            env = {"GIT_INDEX_FILE": f"{folder}/index"}
            if parent:
                await self.run("read-tree", parent, env=env)
            await self.run("update-index", "--index-info", stdin="".join(lines).encode(), env=env)
            return (await self.run("write-tree", env=env)).decode().strip()


def person(name: str, when: datetime) -> Person:
    """Give the git identity of somebody on this GitHub."""
    email = f"{name.lower().replace(' ', '.')}@users.noreply.github.com"
    return Person(name, email, when.isoformat(timespec="seconds"))


def _commit(record: str) -> GitCommit:
    sha, tree, parents, *people, message = record.split("\0", 9)
    author, committer = Person(*people[:3]), Person(*people[3:])
    return GitCommit(sha, tree, tuple(parents.split()), author, committer, message.rstrip("\n"))


def _number(text: str) -> int:
    return 0 if text == "-" else int(text)
