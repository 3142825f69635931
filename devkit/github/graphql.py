"""What the App may need of GraphQL: a pull request made a draft, or ready; who edited a comment."""

from __future__ import annotations

import json
import re

from aiohttp import web

from devkit.github.gate import ARCHIVED, INACCESSIBLE, holds, reaches, recognised
from devkit.github.rest import Refused
from devkit.github.rest_server import PREFIX
from devkit.github.site import ApiCall, Site
from devkit.github.state import Json, Repository, Token, User
from devkit.github.views import moment
from devkit.github.world import NotFound

PATH = "/graphql"
NEEDS = ("contents", "pull_requests")  # both, whatever the documentation says
MUTATIONS = {"convertPullRequestToDraft": True, "markPullRequestReadyForReview": False}
ASKED = re.compile(
    r"mutation\s*\(\$(?P<variable>\w+):\s*ID!\)\s*\{\s*(?P<name>\w+)\s*"
    r"\(input:\s*\{pullRequestId:\s*\$(?P=variable)\}\)\s*"
    r"\{\s*pullRequest\s*\{\s*isDraft\s*\}\s*\}\s*\}\s*"
)
EDITORS = (
    "query($id: ID!) { node(id: $id) { ... on Comment { editor { __typename login } "
    "userContentEdits(first: 100) { totalCount nodes { editedAt editor { __typename login } } } "
    "} } }"
)
LISTED = 100  # edits, as `EDITORS` asks for


class Failed(Exception):  # noqa: N818 - reads as what happened
    """An error of GraphQL, which answers with status 200."""

    def __init__(self, message: str, kind: str | None = None) -> None:
        super().__init__(message)
        self.error = {"message": message, **({"type": kind} if kind else {})}


class GraphQL:
    """Serves a site: mutations in the one form that `ASKED` describes, and `EDITORS`."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def routes(self) -> list[web.RouteDef]:
        """Give the one address of GraphQL."""
        return [web.post(PREFIX + PATH, self._endpoint)]

    async def _endpoint(self, request: web.Request) -> web.StreamResponse:
        response = await self.site.faults.pass_through(request, PATH, self._serve)
        self.site.record.calls.append(ApiCall("POST", PATH, response.status))
        return response

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            token = recognised(self.site.world, PATH, request.headers.get("Authorization", ""))
        except Refused as refusal:
            return web.json_response(refusal.answer.body, status=refusal.answer.status)
        try:
            body = {"data": self._performed(await request.json(), token)}
        except Failed as failure:
            body = {"data": None, "errors": [failure.error]}
        return web.json_response(body)

    def _performed(self, body: Json, token: Token | None) -> Json:
        """Perform a mutation, or answer the question, and give what it asked for."""
        if body.get("query") == EDITORS:
            return {"node": self._edited(body.get("variables", {}).get("id"), token)}
        asked = ASKED.fullmatch(body.get("query", ""))
        if asked is None or asked["name"] not in MUTATIONS:
            self.site.record.complaints.append(f"POST {PATH}: {json.dumps(body)} is not served")
            raise Failed("Parse error")
        node_id = body.get("variables", {}).get(asked["variable"])
        try:
            repository, pull = self.site.world.pull_of_node(node_id)
        except NotFound as error:
            message = f"Could not resolve to a node with the global id of '{node_id}'."
            raise Failed(message, "NOT_FOUND") from error
        _permit(token, repository)
        draft = MUTATIONS[asked["name"]]
        self.site.activity.set_draft(repository, pull, self.site.world.bot, draft=draft)
        return {asked["name"]: {"pullRequest": {"isDraft": pull.draft}}}

    def _edited(self, node_id: str, token: Token | None) -> Json:
        """Show by whom a comment was edited, the newest first and its beginning last."""
        try:
            repository, comment = self.site.world.comment_of_node(node_id)
        except NotFound as error:
            message = f"Could not resolve to a node with the global id of '{node_id}'."
            raise Failed(message, "NOT_FOUND") from error
        if token is None or (repository.private and not reaches(token, repository)):
            raise Failed(INACCESSIBLE, "FORBIDDEN")
        begun = (comment.author, comment.created_at)
        edits = [*reversed(comment.edits), begun] if comment.edits else []
        nodes = [{"editedAt": moment(at), "editor": _actor(by)} for by, at in edits[:LISTED]]
        return {
            "editor": _actor(edits[0][0]) if edits else None,
            "userContentEdits": {"totalCount": len(edits), "nodes": nodes},
        }


def _actor(user: User) -> Json:
    """Show who acted; GraphQL names an App without the `[bot]` of REST."""
    return {"__typename": user.kind, "login": user.login.removesuffix("[bot]")}


def _permit(token: Token | None, repository: Repository) -> None:
    if (
        token is None
        or not reaches(token, repository)
        or not all(holds(token, need, "write") for need in NEEDS)
    ):
        raise Failed(INACCESSIBLE, "FORBIDDEN")
    if repository.archived:
        raise Failed(ARCHIVED, "UNPROCESSABLE")
