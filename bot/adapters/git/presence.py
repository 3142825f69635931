"""Tell whether a branch has a commit already, itself or as somebody's backport."""

from __future__ import annotations

import re

from bot.adapters.git.run import Call, Git

MENTION = re.compile(rb"(?:backport of|cherry picked from commit) ([0-9a-f]{7,40})", re.IGNORECASE)
REVERT = re.compile(rb"reverts commit ([0-9a-f]{7,40})", re.IGNORECASE)
WANTED = "(backport of|cherry picked from commit|reverts commit) [0-9a-f]{7,40}"


async def is_there(git: Git, sha: str, onto: str) -> bool:
    """Tell whether `onto` holds a commit, or one that names it as its origin and still stands."""
    return await _is_ancestor(git, sha, onto) or await _is_mentioned(git, sha, onto)


async def _is_ancestor(git: Git, sha: str, onto: str) -> bool:
    result = await git("merge-base", "--is-ancestor", sha, onto, call=Call(accept=(0, 1)))
    return result.code == 0


async def _is_mentioned(git: Git, sha: str, onto: str) -> bool:
    found = await git(
        *("log", "-z", "--format=%H%n%B", "--extended-regexp", "--regexp-ignore-case"),
        *(f"--grep={WANTED}", onto, f"^{sha}"),
    )
    return _stands(sha, [entry.partition(b"\n") for entry in found.out.split(b"\0")])


def _stands(sha: str, newest_first: list[tuple[bytes, bytes, bytes]]) -> bool:
    reverted: set[bytes] = set()
    for own, _, message in newest_first:
        if any(own.startswith(name) for name in reverted):
            continue
        reverted |= set(REVERT.findall(message))
        if any(sha.encode().startswith(name) for name in MENTION.findall(message)):
            return True
    return False
