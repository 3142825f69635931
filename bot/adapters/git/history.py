"""Find the commits that a pull request became on its branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.adapters.git.objects import Objects
from bot.adapters.git.run import Git
from bot.core.model import CommitSummary

FORMAT = "%H%x00%an%x00%ae%x00%at%x00%B"
FIELDS = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """A commit in a history; `origin` is author's name, email and time, which survive a rebase."""

    sha: str
    origin: tuple[str, str, int]
    message: str


def origin_of(commit: CommitSummary) -> tuple[str, str, int]:
    """Give what survives a rebase of a pull request's commit."""
    return commit.author_name, commit.author_email, int(commit.author_date.timestamp())


async def log(git: Git, *args: str) -> tuple[Entry, ...]:
    """Give a history, newest first, with names and messages as text whatever their encoding."""
    found = await git("log", "-z", f"--format={FORMAT}", *args, "--")
    fields = found.out.decode(errors="replace").split("\0")
    rows = [fields[i : i + FIELDS] for i in range(0, len(fields) - FIELDS + 1, FIELDS)]
    return tuple(
        Entry(sha, (name, email, int(at)), message) for sha, name, email, at, message in rows
    )


async def source_commits(
    objects: Objects, merge_sha: str, pull_commits: Sequence[CommitSummary]
) -> tuple[str, ...]:
    """Give the commits that a merged pull request became, oldest first; none if it is unknown."""
    merge = objects.commit(merge_sha)
    if merge is None:
        return ()
    if len(merge.parents) > 1:
        return await _merged_side(objects.git, merge_sha, merge.parents)
    return await _rebased(objects.git, merge_sha, pull_commits)


async def _merged_side(git: Git, merge: str, parents: tuple[str, ...]) -> tuple[str, ...]:
    """Give what the second parent brought; the merge itself where that is no straight line."""
    listed = await git.line(
        "rev-list", "--reverse", "--topo-order", "--parents", f"^{parents[0]}", *parents[1:]
    )
    rows = [line.split(" ") for line in listed.splitlines()]
    straight = rows and all(len(row) <= 2 for row in rows)  # noqa: PLR2004 - itself and one parent
    return tuple(row[0] for row in rows) if straight else (merge,)


async def _rebased(git: Git, tip: str, pull_commits: Sequence[CommitSummary]) -> tuple[str, ...]:
    """Give as many commits back from the tip as are the pull request's own: one for a squash."""
    count = max(len(pull_commits), 1)
    line = await log(git, "--first-parent", f"--max-count={count}", tip)
    ours = {origin_of(commit) for commit in pull_commits}
    last = max((i for i, entry in enumerate(line) if entry.origin in ours), default=0)
    return tuple(entry.sha for entry in reversed(line[: last + 1]))
