"""Which commits a branch took back again, from the messages of its commits.

A revert that was itself reverted takes nothing back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PHRASE = "This reverts commit "
_COMMIT = re.compile(rf"^[ \t]*{PHRASE}([0-9a-f]{{7,40}})\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Revert:
    """A commit (40 hex digits), and those (7 to 40) that it says it takes back."""

    sha: str
    undoes: tuple[str, ...]


def read(sha: str, message: str) -> Revert | None:
    """Read what a commit takes back, None for nothing."""
    found = tuple(dict.fromkeys(_COMMIT.findall(message)))
    return Revert(sha, found) if found else None


def reverting(commits: Iterable[str], reverts: Sequence[Revert]) -> Revert | None:
    """Give the revert in force on any of some commits; `reverts` are in order, oldest first."""
    in_force: list[Revert] = []
    for revert in reversed(reverts):
        if not _undone(revert.sha, in_force):
            in_force.append(revert)
    wanted = tuple(commits)
    return next((one for one in in_force if any(_undone(sha, [one]) for sha in wanted)), None)


def _undone(sha: str, by: Iterable[Revert]) -> bool:
    return any(sha.startswith(name) for revert in by for name in revert.undoes)
