"""Who edited a comment or a review last: REST does not tell by whom it was changed."""

from __future__ import annotations

from bot.adapters.github_draft import BROKEN, endpoint
from bot.adapters.github_errors import SECONDARY_LIMIT_PAUSE, NotFound, Rejected
from bot.adapters.github_session import InstallationSession, Json
from bot.core.errors import Transient

_ACTOR = "editor { __typename login }"
_QUESTION = (
    f"query($id: ID!) {{ node(id: $id) {{ ... on Comment {{ {_ACTOR} "
    f"userContentEdits(first: 100) {{ totalCount nodes {{ editedAt {_ACTOR} }} }} }} }} }}"
)


async def last_person(session: InstallationSession, comment_url: str) -> str:
    """Give the login of the person who edited a comment last, named by its address in REST.

    Edits by bots, ours among them, are passed over. Empty where no person did, or GitHub does not
    tell.
    """
    try:
        node_id = (await session.get(comment_url)).get("node_id")
    except NotFound:
        return ""  # the comment is gone
    return await last_person_at(session, node_id)


async def last_person_at(session: InstallationSession, node_id: object) -> str:
    """Give the same of a comment or a review, named by its node in GraphQL."""
    try:
        question = {"query": _QUESTION, "variables": {"id": node_id}}
        answer = await session.post(endpoint(session.url("/")), question)
    except (NotFound, Rejected):
        return ""  # it is gone, or this GitHub has no GraphQL
    if errors := answer.get("errors"):
        _raise_if_passing(errors)
    return _person((answer.get("data") or {}).get("node") or {})


def _raise_if_passing(errors: list[Json]) -> None:
    """Raise Transient for a failure that may pass; they come with status 200."""
    if any(error.get("type") == "RATE_LIMITED" for error in errors):
        raise Transient("GitHub asks to slow down.", retry_after=SECONDARY_LIMIT_PAUSE)
    if any(str(error.get("message")).startswith(BROKEN) for error in errors):
        raise Transient("GitHub failed at telling who edited a comment.")


def _person(comment: Json) -> str:
    """Find the last person; where edits are left out, only the last edit of all tells it."""
    last, edits = comment.get("editor") or {}, comment.get("userContentEdits") or {}
    nodes = edits.get("nodes") or []
    if last.get("__typename") == "User" or edits.get("totalCount", 0) > len(nodes):
        by = [last]
    else:
        newest_first = sorted(nodes, key=lambda edit: str(edit["editedAt"]), reverse=True)
        by = [edit.get("editor") or {} for edit in newest_first]
    people = (str(one["login"]) for one in by if one.get("__typename") == "User")
    return next(people, "")
