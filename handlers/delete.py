"""`delete`: a branch or a tag is gone."""

from __future__ import annotations

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core.commands import Command
from handlers.payload import moved
from handlers.routes import on

router = Router()


@on(router, "delete")
def gone(event: Event) -> tuple[Command, ...]:
    """Tell which, but for a head branch, with which a bot is done."""
    return moved(event)
