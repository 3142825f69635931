"""`check_run`: GitHub's button asks for one more proof of the commit that a check run is on."""

from __future__ import annotations

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core import marker
from bot.core.commands import Command, ProofAsked
from handlers.payload import repository, take, text_or_empty
from handlers.routes import on

router = Router()


@on(router, "check_run", action="rerequested")
def rerequested(event: Event) -> tuple[Command, ...]:
    """Take it for a request where the check run carries our mark; other Apps' are not ours."""
    if not text_or_empty(event.data, "check_run.external_id").startswith(marker.PROOF):
        return ()
    sha = take(event.data, "check_run.head_sha", str)
    author = take(event.data, "sender.login", str)
    return (ProofAsked(repository(event), sha, author, event.delivery_id or ""),)
