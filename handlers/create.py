"""`create`: a branch or a tag was made, of which `push` does not always tell."""

from __future__ import annotations

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core.commands import Command
from handlers.payload import moved
from handlers.routes import on

router = Router()


@on(router, "create")
def made(event: Event) -> tuple[Command, ...]:
    """Tell which, but for a head branch, with which a bot began."""
    return moved(event)
