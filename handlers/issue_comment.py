"""`issue_comment`: a `/backport` line on a pull request is a command; the rest may be a vote."""

from __future__ import annotations

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core import request
from bot.core.commands import Asked, Command, Spoke
from handlers.payload import by_bot, has, moment, repository, take, text_or_empty
from handlers.routes import on

router = Router()


@on(router, "issue_comment", action="created")
def commented(event: Event) -> tuple[Command, ...]:
    """Read a person's comment on a pull request; most ask for nothing."""
    asked = request.read(text_or_empty(event.data, "comment.body"))
    if asked is None or by_bot(event) or not has(event.data, "issue.pull_request"):
        return ()
    number = take(event.data, "issue.number", int)
    comment, author = take(event.data, "comment.id", int), take(event.data, "sender.login", str)
    return (Asked(repository(event), number, comment, author, asked),)


@on(router, "issue_comment", action="created")
@on(router, "issue_comment", action="edited")
@on(router, "issue_comment", action="deleted")
def spoke(event: Event) -> tuple[Command, ...]:
    """Pass on what a person wrote, changed or took away; the engine knows where there is a vote."""
    if by_bot(event):
        return ()
    comment = take(event.data, "comment.id", int)
    return (
        Spoke(
            repository=repository(event),
            pull=take(event.data, "issue.number", int),
            place=f"comment:{comment}",
            comment=comment,
            author=text_or_empty(event.data, "comment.user.login"),
            editor=take(event.data, "sender.login", str),
            body=text_or_empty(event.data, "comment.body"),
            action=take(event.data, "action", str),
            url=text_or_empty(event.data, "comment.html_url"),
            created_at=moment(event.data, "comment.created_at"),
            stamp=text_or_empty(event.data, "comment.updated_at"),
            is_pull=has(event.data, "issue.pull_request"),
        ),
    )
