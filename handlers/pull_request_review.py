"""`pull_request_review`: where a rule counts reviews, each is a vote."""

from __future__ import annotations

from dataclasses import replace

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core import occasion
from bot.core.commands import Command
from handlers.payload import by_bot, take
from handlers.routes import on
from handlers.speech import spoke

router = Router()


@on(router, "pull_request_review", action="submitted")
@on(router, "pull_request_review", action="edited")
@on(router, "pull_request_review", action="dismissed")
def reviewed(event: Event) -> tuple[Command, ...]:
    """Pass on a person's review with its state; one that was dismissed holds no vote any more."""
    if by_bot(event):
        return ()
    said = spoke(event, "review", take(event.data, "pull_request.number", int), "submitted_at")
    state = take(event.data, "review.state", str)
    stamp = occasion.review_stamp(said, state)
    action = "created" if said.action == "submitted" else said.action
    return (replace(said, action=action, state=state, stamp=stamp),)
