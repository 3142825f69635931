"""`check_suite`: GitHub's button for all check runs of ours asks for one more proof."""

from __future__ import annotations

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core.commands import Command, ProofAsked
from handlers.payload import repository, take
from handlers.routes import on

router = Router()


@on(router, "check_suite", action="rerequested")
def rerequested(event: Event) -> tuple[Command, ...]:
    """Take it for a request: GitHub tells it to the App alone whose check runs they are."""
    sha = take(event.data, "check_suite.head_sha", str)
    author = take(event.data, "sender.login", str)
    return (ProofAsked(repository(event), sha, author, event.delivery_id or ""),)
