"""`push`: commits that a person pushed to another branch than the default one.

Those that say what they are copies of may have landed a backport, and the policy judges all.
"""

from __future__ import annotations

import re

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core import reverts
from bot.core.commands import Command, Landed, LandedCommit, Pushed, Reverted
from bot.core.hand_push import PushedCommit
from bot.core.message import subject
from handlers.payload import by_bot, repository, take
from handlers.routes import on

router = Router()

_SHA = "([0-9a-f]{7,40})"
_SOURCE = re.compile(
    rf"^(?:Backport of {_SHA} from \S+|\(cherry picked from commit {_SHA}\))[ \t\r]*$", re.MULTILINE
)


@on(router, "push")
def reverted(event: Event) -> tuple[Command, ...]:
    """Report commits on the default branch that take others back, whoever pushed them."""
    branch = take(event.data, "repository.default_branch", str)
    if take(event.data, "ref", str) != f"refs/heads/{branch}":
        return ()
    forced = take(event.data, "forced", bool)
    read = map(_revert, take(event.data, "commits", list))
    found = tuple(revert.sha for revert in read if revert)
    return (Reverted(repository(event), branch, found, forced),) if found or forced else ()


def _revert(commit: object) -> reverts.Revert | None:
    return reverts.read(take(commit, "id", str), take(commit, "message", str))


@on(router, "push")
def pushed(event: Event) -> tuple[Command, ...]:
    """Report the copies that a person pushed to a branch; a deletion carries none.

    What a bot pushes are our own head branches, and merges that `pull_request` tells of as well.
    """
    branch = _branch(event)
    landed = map(_landed, take(event.data, "commits", list) if branch else ())
    commits = tuple(commit for commit in landed if commit)
    return (Landed(repository(event), branch, commits),) if commits else ()


@on(router, "push")
def judged(event: Event) -> tuple[Command, ...]:
    """Have commits judged that a person added to a branch; a new one holds what others have."""
    branch = _branch(event)
    if not branch or take(event.data, "created", bool) or take(event.data, "deleted", bool):
        return ()
    commits = tuple(map(_pushed, take(event.data, "commits", list)))
    by = take(event.data, "sender.login", str)
    return (Pushed(repository(event), branch, by, commits),) if commits else ()


def _branch(event: Event) -> str:
    """Name the branch that a person pushed to, empty for a bot, the default branch and a tag."""
    ref = take(event.data, "ref", str)
    branch = ref.removeprefix("refs/heads/")
    other = branch not in (ref, take(event.data, "repository.default_branch", str))
    return branch if other and not by_bot(event) else ""


def _pushed(commit: object) -> PushedCommit:
    names = [take(commit, key, list) for key in ("added", "removed", "modified")]
    paths = tuple(str(name) for one in names for name in one)
    return PushedCommit(take(commit, "id", str), take(commit, "message", str), paths)


def _landed(commit: object) -> LandedCommit | None:
    """Read what a commit's message says last of its source: a copy of a copy names both."""
    message = take(commit, "message", str)
    sources = _SOURCE.findall(message)
    if not sources:
        return None
    return LandedCommit(take(commit, "id", str), "".join(sources[-1]), subject(message))
