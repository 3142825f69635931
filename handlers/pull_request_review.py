"""`pull_request_review`: where a rule counts reviews, each is a vote."""

from __future__ import annotations

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core.commands import Command, Spoke
from handlers.payload import by_bot, moment, repository, take, text_or_empty
from handlers.routes import on

router = Router()
_ACTIONS = {"submitted": "created"}


@on(router, "pull_request_review", action="submitted")
@on(router, "pull_request_review", action="edited")
@on(router, "pull_request_review", action="dismissed")
def reviewed(event: Event) -> tuple[Command, ...]:
    """Pass on a person's review with its state; one that was dismissed holds no vote any more."""
    if by_bot(event):
        return ()
    review, action = take(event.data, "review.id", int), take(event.data, "action", str)
    submitted = text_or_empty(event.data, "review.submitted_at")
    body = text_or_empty(event.data, "review.body")
    return (
        Spoke(
            repository=repository(event),
            pull=take(event.data, "pull_request.number", int),
            place=f"review:{review}",
            comment=0,
            author=text_or_empty(event.data, "review.user.login"),
            editor=take(event.data, "sender.login", str),
            body=body,
            action=_ACTIONS.get(action, action),
            url=text_or_empty(event.data, "review.html_url"),
            created_at=moment(event.data, "review.submitted_at"),
            stamp=f"{submitted} {action} {len(body)}",
            state=take(event.data, "review.state", str),
        ),
    )
