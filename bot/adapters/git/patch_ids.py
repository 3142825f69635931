"""Names of changes that do not depend on where they were made: git's patch-ids."""

from __future__ import annotations

from collections.abc import Sequence

from bot.adapters.git.run import Call, Git

MAX_PATCHES = 256 << 20  # bytes


async def patch_ids(git: Git, commits: Sequence[str]) -> list[tuple[str, str]]:
    """Give (patch-id, commit) of each commit that has one: a merge or an empty one has none."""
    stdin = "".join(f"{sha}\n" for sha in commits).encode()
    options = ("--stdin", "--patch", "-r", "--root")
    patches = await git("diff-tree", *options, call=Call(stdin, limit=MAX_PATCHES))
    return await identify(git, patches.out)


async def identify(git: Git, patches: bytes) -> list[tuple[str, str]]:
    """Give (patch-id, commit) for patches as `git diff-tree --stdin --patch` prints them."""
    listed = await git.line("patch-id", "--stable", call=Call(patches))
    return [(patch, sha) for patch, _, sha in (line.partition(" ") for line in listed.splitlines())]
