"""`issues`: a new one may ask for an exception, as the form does; one that ends may be watched."""

from __future__ import annotations

from dataclasses import replace

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core.commands import Command, Touched
from handlers.payload import by_bot, repository, take, text_or_empty
from handlers.routes import on
from handlers.speech import spoke

router = Router()


@on(router, "issues", action="opened")
def opened(event: Event) -> tuple[Command, ...]:
    """Pass on a person's new issue where its text asks for an exception."""
    if by_bot(event) or "/exception" not in text_or_empty(event.data, "issue.body"):
        return ()
    said = spoke(event, "issue", take(event.data, "issue.number", int))
    return (replace(said, action="created", is_pull=False),)


@on(router, "issues", action="closed")
@on(router, "issues", action="reopened")
def touched(event: Event) -> tuple[Command, ...]:
    """Tell that an issue ended or goes on; the engine knows whether a checklist watches it."""
    return (Touched(repository(event), take(event.data, "issue.number", int)),)
