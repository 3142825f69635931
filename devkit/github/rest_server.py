"""REST over aiohttp: a request is checked, permitted, performed, and its answer completed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from aiohttp import web

from devkit.github import operations  # noqa: F401 - importing registers them
from devkit.github.contract import Asked, Described
from devkit.github.gate import permit, recognised
from devkit.github.rest import SERVED, Answer, Call, Refused
from devkit.github.site import ApiCall, Site
from devkit.github.state import Json
from devkit.github.world import NotFound

PREFIX = "/api"
DEEP = ("path", "ref", "branch", "basehead")  # parameters that may hold slashes


class RestServer:
    """Serves every registered operation of a site."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def routes(self) -> list[web.RouteDef]:
        """Give the routes, those with the most fixed parts first."""
        described = [self.site.contract.operations[name] for name in SERVED]
        described.sort(key=lambda one: (-_fixed(one.path), one.path))
        routes = [
            web.route(one.method, PREFIX + _pattern(one.path), Endpoint(self.site, one).answer)
            for one in described
        ]
        return [*routes, web.route("*", PREFIX + "/{path:.*}", self._unserved)]

    async def _unserved(self, request: web.Request) -> web.StreamResponse:
        self.site.record.complaints.append(f"{request.method} {request.path} is not served")
        return _rendered(Refused(404, "Not Found").answer, {})


class Endpoint:
    """One operation as aiohttp calls it."""

    def __init__(self, site: Site, operation: Described) -> None:
        self.site = site
        self.operation = operation
        self.served = SERVED[operation.id]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Serve one request and record it."""
        path = request.rel_url.raw_path.removeprefix(PREFIX)
        try:
            response = await self.site.faults.pass_through(request, path, self._serve)
        except Exception as error:
            self.site.record.wrong_answers.append(f"{self.operation.name}: {error!r}")
            raise
        call = ApiCall(self.operation.method, self.operation.path, response.status)
        self.site.record.calls.append(call)
        return response

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            answer = await self._performed(request)
        except Refused as refusal:
            answer = refusal.answer
        except NotFound:
            answer = Refused(404, "Not Found").answer
        response = _rendered(self._checked(answer), self.site.limit.headers())
        return _unchanged(request, response) or self._counted(response)

    async def _performed(self, request: web.Request) -> Answer:
        authorization = request.headers.get("Authorization", "")
        token = recognised(self.site.world, self.operation.path, authorization)
        body = await _body(request)
        parameters = self._accepted(request, body)
        call = Call(
            site=self.site,
            url=request.url,
            accept=request.headers.get("Accept", ""),
            parameters=parameters,
            body=body,
            token=token,
        )
        permit(call, self.served)
        return await self.served.handler(call)

    def _accepted(self, request: web.Request, body: Json) -> Mapping[str, Json]:
        """Give the typed parameters of a request; complain and refuse where it is wrong."""
        contract, operation = self.site.contract, self.operation
        asked = Asked(dict(request.match_info), tuple(request.query.items()), body)
        parameters, wrong = contract.typed(operation, asked)
        wrong += contract.of_body(operation, body)
        ignored = contract.unknown_keys(operation, body)
        if not request.headers.get("User-Agent"):
            ignored.append("a User-Agent is missing")
        found = [f"{operation.name}: {one}" for one in wrong + ignored]
        self.site.record.complaints += found
        if wrong:
            raise Refused(422, "Invalid request.\n\n" + "\n".join(wrong))
        return parameters

    def _checked(self, answer: Answer) -> Answer:
        """Complete an answer and make sure that it is one which GitHub could give."""
        if isinstance(answer.body, bytes):
            return answer
        contract, operation, status = self.site.contract, self.operation, answer.status
        body = contract.answer(operation, status, answer.body)
        wrong = contract.of_answer(operation, status, body)
        if wrong:
            raise AssertionError("; ".join(wrong))
        return Answer(status, body, answer.headers)

    def _counted(self, response: web.Response) -> web.Response:
        self.site.limit.used += 1
        return response


def _rendered(answer: Answer, headers: Mapping[str, str]) -> web.Response:
    shown = {**headers, **answer.headers}
    if answer.body is None:
        return web.Response(status=answer.status, headers=shown)
    if isinstance(answer.body, bytes):
        return web.Response(status=answer.status, body=answer.body, headers=shown)
    text = json.dumps(answer.body)
    shown["ETag"] = 'W/"' + hashlib.sha256(text.encode()).hexdigest() + '"'
    return web.json_response(text=text, status=answer.status, headers=shown)


def _unchanged(request: web.Request, response: web.Response) -> web.Response | None:
    """Give 304 where the client has this very answer already."""
    etag = response.headers.get("ETag")
    if request.method != "GET" or not etag or request.headers.get("If-None-Match") != etag:
        return None
    kept = {name: value for name, value in response.headers.items() if name != "Content-Type"}
    kept.pop("Content-Length", None)
    return web.Response(status=304, headers=kept)


async def _body(request: web.Request) -> Json:
    raw = await request.read()
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError as error:
        raise Refused(400, "Problems parsing JSON") from error


def _fixed(path: str) -> int:
    return sum(not part.startswith("{") for part in path.split("/"))


def _pattern(path: str) -> str:
    for name in DEEP:
        path = path.replace(f"{{{name}}}", f"{{{name}:.+}}")
    return path
