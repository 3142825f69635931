"""`issue_comment`: a `/backport` line is a command, the rest may be a vote, ours may be touched."""

from __future__ import annotations

from dataclasses import replace

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core import note_request, request
from bot.core.commands import Asked, Command, Noted, Touched
from handlers import speech
from handlers.payload import by_bot, has, of_bot, repository, take, text_or_empty
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
def noted(event: Event) -> tuple[Command, ...]:
    """Tell of a comment on a pull request that asks something of the note, or asked before."""
    texts = [text_or_empty(event.data, path) for path in ("comment.body", "changes.body.from")]
    asks = any(note_request.read(text) for text in texts)
    if not asks or by_bot(event) or not has(event.data, "issue.pull_request"):
        return ()
    number = take(event.data, "issue.number", int)
    comment, author = take(event.data, "comment.id", int), take(event.data, "sender.login", str)
    return (Noted(repository(event), number, comment, author),)


@on(router, "issue_comment", action="edited")
@on(router, "issue_comment", action="deleted")
def touched(event: Event) -> tuple[Command, ...]:
    """Tell of a bot's comment that a person changed or took away: it may be a checklist."""
    if by_bot(event) or not of_bot(event, "comment"):
        return ()
    return (Touched(repository(event), take(event.data, "issue.number", int)),)


@on(router, "issue_comment", action="created")
@on(router, "issue_comment", action="edited")
@on(router, "issue_comment", action="deleted")
def spoke(event: Event) -> tuple[Command, ...]:
    """Pass on what a person wrote, changed or took away; the engine knows where there is a vote."""
    if by_bot(event):
        return ()
    said = speech.spoke(event, "comment", take(event.data, "issue.number", int))
    comment, is_pull = take(event.data, "comment.id", int), has(event.data, "issue.pull_request")
    return (replace(said, comment=comment, is_pull=is_pull),)
