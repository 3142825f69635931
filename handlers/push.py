"""`push`: a branch or a tag moved, by whatever may follow from that.

The policy judges what a person pushed, and commits on the default branch may take others back.
"""

from __future__ import annotations

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core import reverts
from bot.core.commands import Command, Moved, Pushed, Reverted
from bot.core.hand_push import PushedCommit
from handlers.payload import by_bot, repository, take
from handlers.routes import on

router = Router()


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
def moved(event: Event) -> tuple[Command, ...]:
    """Tell that a branch or a tag is not where it was; a branch that a bot makes holds no more."""
    ref = take(event.data, "ref", str)
    new_head = ref.startswith("refs/heads/") and take(event.data, "created", bool)
    return () if new_head and by_bot(event) else (Moved(repository(event), (ref,)),)


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
