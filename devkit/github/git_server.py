"""Git over smart HTTP: `git http-backend` as a CGI, with GitHub's tokens and refusals."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from aiohttp import web

from devkit.github.bare import ENVIRONMENT
from devkit.github.gate import by_password, holds, reaches
from devkit.github.site import Site
from devkit.github.state import Repository, Token
from devkit.github.world import NotFound

HOOKS = Path(__file__).parent / "hooks"
CONFIG = {
    "core.hooksPath": str(HOOKS),
    "gc.auto": "0",
    "http.receivepack": "true",
    "receive.autogc": "false",
    "receive.hideRefs": "refs/pull",
    "receive.procReceiveRefs": "refs",
    "safe.directory": "*",
    "uploadpack.allowAnySHA1InWant": "true",
    "uploadpack.allowFilter": "true",
}
CHUNK = 1 << 16
OPERATIONS = {"git-upload-pack": "fetch", "git-receive-pack": "push"}


class GitServer:
    """Serves the git side of every repository of a site."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def routes(self) -> list[web.RouteDef]:
        """Give the three addresses that git's smart protocol knows."""
        base = "/{owner}/{name}.git"
        return [
            web.get(f"{base}/info/refs", self._endpoint),
            web.post(f"{base}/git-upload-pack", self._endpoint),
            web.post(f"{base}/git-receive-pack", self._endpoint),
        ]

    async def _endpoint(self, request: web.Request) -> web.StreamResponse:
        return await self.site.faults.pass_through(request, request.path, self._serve)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        service = request.query.get("service") or request.path.rsplit("/", 1)[-1]
        token = by_password(self.site.world, request.headers.get("Authorization", ""))
        if token is None:
            headers = {"WWW-Authenticate": 'Basic realm="GitHub"'}
            return web.Response(status=401, text="Invalid username or token.", headers=headers)
        try:
            repository = self.site.world.repository(**request.match_info)
        except NotFound:
            return web.Response(status=404, text="Repository not found.")
        refused = self._refused(token, repository, service)
        if refused:
            return web.Response(status=403, text=refused)
        if request.path.endswith("/info/refs"):
            self.site.record.git_operations[OPERATIONS.get(service, service)] += 1
        return await self._run(request, repository, token)

    def _refused(self, token: Token, repository: Repository, service: str) -> str | None:
        """Give why a token may not do this, None where it may."""
        pushes = service == "git-receive-pack"
        if pushes and repository.archived:
            return "This repository was archived so it is read-only."
        level = "write" if pushes else "read"
        if reaches(token, repository) and holds(token, "contents", level):
            return None
        login = self.site.world.app.login
        return f"Permission to {repository.full_name}.git denied to {login}."

    async def _run(
        self, request: web.Request, repository: Repository, token: Token
    ) -> web.StreamResponse:
        process = await asyncio.create_subprocess_exec(
            "git",
            "http-backend",
            env={**_environment(request, repository), **_rules(repository, token)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            process_group=0,
        )
        feeding = asyncio.create_task(_feed(request, process))
        try:
            return await self._answer(request, repository, process)
        finally:
            await _end(process)
            await feeding

    async def _answer(
        self, request: web.Request, repository: Repository, process: asyncio.subprocess.Process
    ) -> web.StreamResponse:
        out = cast("asyncio.StreamReader", process.stdout)  # a pipe, as asked for
        headers = await _headers(out)
        status = int(headers.pop("Status", "200").split()[0])
        if request.path.endswith("/git-receive-pack"):
            body = await out.read()
            await process.wait()
            await self.site.pushes.seen(repository, self.site.world.bot)
            return web.Response(status=status, body=body, headers=headers)
        response = web.StreamResponse(status=status, headers=headers)
        with contextlib.suppress(ConnectionError):  # a client may leave in the middle
            await response.prepare(request)
            while chunk := await out.read(CHUNK):
                await response.write(chunk)
            await process.wait()
        return response


async def _feed(request: web.Request, process: asyncio.subprocess.Process) -> None:
    """Give git the body of the request; git may stop listening early."""
    pipe = cast("asyncio.StreamWriter", process.stdin)  # a pipe, as asked for
    with contextlib.suppress(ConnectionError):
        async for chunk in request.content.iter_chunked(CHUNK):
            pipe.write(chunk)
            await pipe.drain()
    pipe.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    """End git and its children; what they still had to say is read, else waiting never ends."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    await cast("asyncio.StreamReader", process.stdout).read()
    await process.wait()


async def _headers(out: asyncio.StreamReader) -> dict[str, str]:
    headers = {}
    while line := (await out.readline()).decode().strip():
        name, _, value = line.partition(":")
        headers[name] = value.strip()
    return headers


def _environment(request: web.Request, repository: Repository) -> Mapping[str, str]:
    """Give what a CGI gets; aiohttp has undone any compression, so no length is passed on."""
    service = request.path.split(".git/", 1)[1]
    environment = {
        **ENVIRONMENT,
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROJECT_ROOT": str(repository.git.path),
        "PATH_INFO": f"/{service}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query_string,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "REMOTE_USER": "x-access-token",
        "REMOTE_ADDR": "127.0.0.1",
        "GIT_CONFIG_COUNT": str(len(CONFIG)),
    }
    for number, (key, value) in enumerate(CONFIG.items()):
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    if "Git-Protocol" in request.headers:
        environment["GIT_PROTOCOL"] = request.headers["Git-Protocol"]
    return environment


def _rules(repository: Repository, token: Token) -> Mapping[str, str]:
    """Give what the hook needs to know to judge a push."""
    return {
        "DEVKIT_PYTHON": sys.executable,
        "DEVKIT_PROTECTED": "\n".join(repository.protected),
        "DEVKIT_WORKFLOWS": "yes" if holds(token, "workflows", "write") else "no",
    }
