"""`issues`: a new issue may ask for an exception, as one from the form for it does."""

from __future__ import annotations

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core.commands import Command, Spoke
from handlers.payload import by_bot, moment, repository, take, text_or_empty
from handlers.routes import on

router = Router()


@on(router, "issues", action="opened")
def opened(event: Event) -> tuple[Command, ...]:
    """Pass on a person's new issue where its text asks for an exception."""
    body = text_or_empty(event.data, "issue.body")
    if by_bot(event) or "/exception" not in body:
        return ()
    author = take(event.data, "sender.login", str)
    return (
        Spoke(
            repository=repository(event),
            pull=take(event.data, "issue.number", int),
            place="issue",
            comment=0,
            author=author,
            editor=author,
            body=body,
            action="created",
            url=text_or_empty(event.data, "issue.html_url"),
            created_at=moment(event.data, "issue.created_at"),
            stamp=text_or_empty(event.data, "issue.updated_at"),
            is_pull=False,
        ),
    )
