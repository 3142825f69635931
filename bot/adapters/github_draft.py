"""A pull request made a draft, or ready for review: the one thing for which REST has no call."""

from __future__ import annotations

from bot.adapters.github_errors import SECONDARY_LIMIT_PAUSE, Rejected
from bot.adapters.github_session import InstallationSession, Json
from bot.core.errors import Transient, UserError

BROKEN = "Something went wrong"  # how GitHub begins to say that its own side failed


async def change_draft(session: InstallationSession, node_id: str, *, draft: bool) -> None:
    """Make a pull request, named by its node id, a draft or ready for review.

    Raises `Rejected` with GitHub's words where it will not, `NotFound` where this GitHub has no
    GraphQL, `UserError` where the App may not.
    """
    # GitHub's REST API takes `draft` when a pull request is opened and ignores it afterwards, so
    # this is GraphQL. Both mutations take the same input.
    mutation = "convertPullRequestToDraft" if draft else "markPullRequestReadyForReview"
    question = {
        "query": f"mutation($id: ID!) {{ {mutation}(input: {{pullRequestId: $id}}) "
        "{ pullRequest { isDraft } } }",
        "variables": {"id": node_id},
    }
    answer = await session.post(endpoint(session.url("/")), question)
    if errors := answer.get("errors"):
        raise _failure(errors)


def endpoint(api_url: str) -> str:
    """Give where the GraphQL API is that belongs to a REST API.

    It stands beside the REST API of an own server, whose address ends in `/api/v3`, and below any
    other.
    """
    return api_url.rstrip("/").removesuffix("/v3") + "/graphql"


def _failure(errors: list[Json]) -> Exception:
    """Give what GraphQL's errors mean; they come with status 200."""
    words = tuple(str(error.get("message")).rstrip(".") for error in errors)
    if any(error.get("type") == "RATE_LIMITED" for error in errors):
        return Transient("GitHub asks to slow down.", retry_after=SECONDARY_LIMIT_PAUSE)
    if any(said.startswith(BROKEN) for said in words):
        return Transient("GitHub failed at changing a draft.")
    if any("not accessible by integration" in said for said in words):
        return UserError(
            "The App lacks the permission contents: write or pull_requests: write, so it cannot "
            "make a pull request a draft or ready for review. An owner of the organisation must "
            "grant it in the settings of the App's installation."
        )
    return Rejected(f"GitHub refused it: {'; '.join(words)}", words)
