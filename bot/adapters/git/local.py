"""A person's own clone, used without ever being written to.

A scratch repository borrows its objects. So neither its configuration nor its attributes, hooks
or replaced objects have a say, and what a pick writes goes away with the scratch.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import gettempdir
from types import MappingProxyType

from bot.adapters.git.clone import Clone
from bot.adapters.git.objects import FULL_SHA, Objects, objects_of
from bot.adapters.git.run import Call, Git, GitFailedError, git_version, quoted
from bot.adapters.scratch import scratch
from bot.core.errors import UserError

HEADS = "refs/heads/"
REMOTES = "refs/remotes/"
ABSENT = "0" * 40
NOTHING: Mapping[str, str] = MappingProxyType({})


class LocalRepository(Clone):
    """A clone, bare or with work trees, seen through a scratch repository."""

    def __init__(self, objects: Objects, original: Git, environ: Mapping[str, str]) -> None:
        super().__init__(objects, environ)
        self._original = original

    async def resolve(self, rev: str) -> str | None:
        """Give the full object name of the commit that a revision means, None if it means none."""
        options = ("--verify", "--quiet", "--end-of-options")
        call = Call(accept=(0, 1, 128))
        sha = await self._original.line("rev-parse", *options, f"{rev}^{{commit}}", call=call)
        return sha if FULL_SHA.fullmatch(sha) else None

    async def branch_name(self, rev: str) -> str | None:
        """Give the branch that a revision names (`origin/stable/4.1.x` → `stable/4.1.x`).

        None for a tag, an object name, or whatever else is no branch.
        """
        options = ("--verify", "--quiet", "--symbolic-full-name", "--end-of-options")
        name = await self._original.line("rev-parse", *options, rev, call=Call(accept=(0, 1, 128)))
        if name.startswith(HEADS):
            return name.removeprefix(HEADS)
        if name.startswith(REMOTES):
            return name.removeprefix(REMOTES).partition("/")[2] or None
        return None

    async def create_branch(self, name: str, sha: str) -> None:
        """Create a branch in the person's repository, and bring its objects there.

        One that stands at `sha` already is fine; one that stands elsewhere raises UserError.
        """
        ref = HEADS + name
        there = await self.resolve(ref)
        if there == sha:
            return
        if there is not None:
            raise UserError(
                f"Branch {name} exists already, at {there[:10]}: rename or delete it first."
            )
        await self._hand_over(sha)
        result = await self._original(
            *("update-ref", "-m", "branch: Created by stablehand", ref, sha, ABSENT),
            call=Call(accept=(0, 1, 128)),
        )
        if result.code:
            said = result.err.decode(errors="replace").strip()
            raise UserError(f"Branch {name} could not be created: {said}")

    async def _hand_over(self, sha: str) -> None:
        fork = sha
        while not await self._original_has(fork):
            commit = self.objects.commit(fork)
            if commit is None or not commit.parents:
                raise UserError(f"Commit {sha} is not in the repository.")
            fork = commit.parents[0]
        revisions = f"{sha}\n^{fork}\n".encode()
        pack = await self.objects.git(
            "pack-objects", "--stdout", "--revs", "-q", call=Call(revisions)
        )
        await self._original("unpack-objects", "-q", call=Call(pack.out))

    async def _original_has(self, sha: str) -> bool:
        result = await self._original("cat-file", "-e", sha, call=Call(accept=(0, 1, 128)))
        return result.code == 0


@asynccontextmanager
async def open_local(
    path: Path, environ: Mapping[str, str] = NOTHING
) -> AsyncIterator[LocalRepository]:
    """Open the repository at `path`; what is no usable one raises UserError.

    `environ` is for the tool that fetches the formatter which a branch keeps to. What picks write
    is gone afterwards, except for branches that were created.
    """
    version = await git_version()
    original = await _find(path)
    with scratch("clone", Path(gettempdir(), "stablehand")) as folder:
        place = folder / "repository"
        await _borrow(original, place)
        try:
            with objects_of(Git(place, version=version)) as objects:
                yield LocalRepository(objects, original, environ)
        except GitFailedError as error:
            if not await _is_partial(original):
                raise
            raise UserError(
                f"{path} is a partial clone and lacks an object that is needed: use a full clone."
            ) from error


async def _find(path: Path) -> Git:
    call = Call(cwd=path)
    try:
        ask = ("rev-parse", "--path-format=absolute")
        folder = await Git(None).line(*ask, "--git-dir", call=call)
        form = await Git(None).line("rev-parse", "--show-object-format", call=call)
    except (GitFailedError, NotADirectoryError, PermissionError, UserError):
        raise UserError(f"{path} is not a git repository that can be read.") from None
    if form != "sha1":
        raise UserError(f"{path} names its objects by {form}; only sha1 is supported.")
    return Git(Path(folder))


async def _borrow(original: Git, place: Path) -> None:
    await Git(None)("init", "--bare", "--quiet", "--template=", str(place))
    objects = await _path_in(original, "objects")
    shallow = await _path_in(original, "shallow")
    _connect(place, objects, shallow)


async def _is_partial(git: Git) -> bool:
    keys = r"^(extensions\.partialclone|remote\..*\.promisor)$"
    found = await git("config", "--get-regexp", keys, call=Call(accept=(0, 1)))
    return found.code == 0


def _connect(place: Path, objects: str, shallow: str) -> None:
    info = place / "objects" / "info"
    info.mkdir(exist_ok=True)
    info.joinpath("alternates").write_bytes(os.fsencode(quoted(objects)) + b"\n")
    # A shallow clone lacks parents: without this file git would take it for broken.
    if Path(shallow).exists():
        shutil.copyfile(shallow, place / "shallow")


async def _path_in(git: Git, name: str) -> str:
    return await git.line("rev-parse", "--path-format=absolute", "--git-path", name)
