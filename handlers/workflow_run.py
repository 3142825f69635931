"""`workflow_run`: a run that we ordered of GitHub Actions ended."""

from __future__ import annotations

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core import workflow_run
from bot.core.commands import Command, RunChanged
from handlers.payload import repository, take, text_or_empty
from handlers.routes import on

router = Router()


@on(router, "workflow_run", action="completed")
def ended(event: Event) -> tuple[Command, ...]:
    """Wake whoever waits for the run; most runs are no business of ours."""
    if take(event.data, "workflow_run.event", str) != workflow_run.EVENT:
        return ()
    at, title = repository(event), text_or_empty(event.data, "workflow_run.display_title")
    waiting = workflow_run.nonce_of(title, at.id)
    return (RunChanged(at, waiting),) if waiting else ()
