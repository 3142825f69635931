"""`push`: commits on other branches than the default one that say what they are copies of."""

from __future__ import annotations

import re

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core.commands import Command, Landed, LandedCommit
from handlers.payload import by_bot, repository, take
from handlers.routes import on

router = Router()

_SHA = "([0-9a-f]{7,40})"
_SOURCE = re.compile(
    rf"^(?:Backport of {_SHA} from \S+|\(cherry picked from commit {_SHA}\))[ \t\r]*$", re.MULTILINE
)


@on(router, "push")
def pushed(event: Event) -> tuple[Command, ...]:
    """Report the copies that a person pushed to a branch; a deletion carries none.

    What a bot pushes are our own head branches, and merges that `pull_request` tells of as well.
    """
    if by_bot(event):
        return ()
    ref = take(event.data, "ref", str)
    branch = ref.removeprefix("refs/heads/")
    if branch in (ref, take(event.data, "repository.default_branch", str)):
        return ()
    landed = map(_landed, take(event.data, "commits", list))
    commits = tuple(commit for commit in landed if commit)
    return (Landed(repository(event), branch, commits),) if commits else ()


def _landed(commit: object) -> LandedCommit | None:
    """Read what a commit's message says last of its source: a copy of a copy names both."""
    message = take(commit, "message", str)
    sources = _SOURCE.findall(message)
    if not sources:
        return None
    subject = message.lstrip().partition("\n")[0].rstrip()
    return LandedCommit(take(commit, "id", str), "".join(sources[-1]), subject)
