"""Comments: read, written, edited, deleted and reacted to; a locked conversation takes none."""

from __future__ import annotations

from datetime import UTC, datetime

from devkit.github.operations.issues import READ, WRITE
from devkit.github.rest import Answer, Call, Refused, invalid, serves
from devkit.github.state import Comment, Pull

LONGEST = 65_536


@serves("issues/list-comments", *READ)
async def list_comments(call: Call) -> Answer:
    """List the comments, oldest first."""
    repository, pull = call.repository, call.pull
    comments = list(pull.comments.values())
    return call.page(comments, lambda one: call.site.views.comment(repository, pull, one))


@serves("issues/list-comments-for-repo", *READ)
async def list_all_comments(call: Call) -> Answer:
    """List the comments of the whole repository, or those changed since then, oldest first."""
    repository, since = call.repository, call.parameters.get("since")
    after = datetime.fromisoformat(since) if since else datetime.min.replace(tzinfo=UTC)
    every = [
        (pull, one)
        for pull in repository.pulls.values()
        for one in pull.comments.values()
        if one.updated_at.replace(microsecond=0) >= after
    ]
    every.sort(key=lambda found: found[1].id)
    return call.page(every, lambda found: call.site.views.comment(repository, *found))


@serves("issues/create-comment", *WRITE)
async def create_comment(call: Call) -> Answer:
    """Write a comment."""
    repository, pull, body = call.repository, call.pull, call.body["body"]
    if pull.locked:
        raise Refused(403, "Unable to create comment because issue is locked.")
    _ensure_short(body)
    comment = call.site.activity.comment(repository, pull, body, call.actor)
    return Answer(201, call.site.views.comment(repository, pull, comment))


@serves("issues/get-comment", *READ)
async def get_comment(call: Call) -> Answer:
    """Show a comment."""
    pull, comment = _comment(call)
    return Answer(200, call.site.views.comment(call.repository, pull, comment))


@serves("issues/update-comment", *WRITE)
async def update_comment(call: Call) -> Answer:
    """Give a comment another text."""
    pull, comment = _comment(call)
    _ensure_short(call.body["body"])
    call.site.activity.edit_comment(call.repository, pull, comment, call.body["body"], call.actor)
    return Answer(200, call.site.views.comment(call.repository, pull, comment))


@serves("issues/delete-comment", *WRITE)
async def delete_comment(call: Call) -> Answer:
    """Delete a comment."""
    call.site.activity.delete_comment(call.repository, *_comment(call), call.actor)
    return Answer(204, None)


@serves("reactions/create-for-issue-comment", *WRITE)
async def react(call: Call) -> Answer:
    """React to a comment; the same reaction again is the first one still."""
    _, comment = _comment(call)
    reaction, new = call.site.activity.react(comment, call.body["content"], call.actor)
    return Answer(201 if new else 200, call.site.views.reaction(reaction))


def _comment(call: Call) -> tuple[Pull, Comment]:
    return call.site.world.comment(call.repository, call.parameters["comment_id"])


def _ensure_short(body: str) -> None:
    if len(body) > LONGEST:
        message = f"body is too long (maximum is {LONGEST} characters)"
        raise invalid("IssueComment", field="body", code="custom", message=message)
