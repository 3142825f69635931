"""Read and write single objects of a repository."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.adapters.git.commit import Commit, parse_commit
from bot.adapters.git.run import Call, Git

FULL_SHA = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Stored:
    """An object; `kind` is `commit`, `tree`, `blob` or `tag`."""

    sha: str
    kind: str
    data: bytes


async def read_objects(git: Git, names: Sequence[bytes]) -> tuple[Stored | None, ...]:
    """Give objects by name (`<sha>`, `<sha>:<path>`), None for each that is not there."""
    if not names:
        return ()
    stdin = b"".join(name + b"\0" for name in names)
    out = (await git("cat-file", "--batch", "-z", call=Call(stdin, limit=256 << 20))).out
    found: list[Stored | None] = []
    for name in names:
        stored, out = _next_object(out, name)
        found.append(stored)
    return tuple(found)


def _next_object(out: bytes, name: bytes) -> tuple[Stored | None, bytes]:
    absent = name + b" missing\n"
    if out.startswith(absent):
        return None, out[len(absent) :]
    header, _, rest = out.partition(b"\n")
    sha, kind, size = header.decode().split(" ")
    end = int(size)
    return Stored(sha, kind, rest[:end]), rest[end + 1 :]


async def read_commits(git: Git, shas: Sequence[str]) -> tuple[Commit | None, ...]:
    """Give commits by full object name, None for what is not there or no commit."""
    stored = await read_objects(git, [sha.encode() for sha in shas])
    return tuple(
        parse_commit(sha, found.data)
        if found is not None and found.kind == "commit" and found.sha == sha
        else None
        for sha, found in zip(shas, stored, strict=True)
    )


async def write_commit(git: Git, raw: bytes) -> str:
    """Write a commit object and give its name."""
    return await git.line("hash-object", "-t", "commit", "-w", "--stdin", call=Call(raw))
