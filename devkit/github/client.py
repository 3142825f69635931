"""A client that speaks REST and git for the App, as plainly as possible."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import jwt

from devkit.github.bare import ENVIRONMENT
from devkit.github.local import LocalGitHub
from devkit.github.state import Json


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered; `json` is None where it is none."""

    status: int
    json: Json
    headers: Mapping[str, str]


class AppClient:
    """Sends requests with `bearer`, which is a token of either kind."""

    def __init__(self, github: LocalGitHub, session: aiohttp.ClientSession) -> None:
        self.github = github
        self.session = session
        self.bearer = ""

    def be_app(self, **claims: Json) -> None:
        """Speak for the App itself from now on; claims override the good ones."""
        moment = int(time.time())
        good = {"iat": moment - 30, "exp": moment + 300, "iss": str(self.github.app.id)}
        key = self.github.app.private_key
        self.bearer = jwt.encode({**good, **claims}, key, algorithm="RS256")

    async def log_in(self, owner: str) -> None:
        """Speak for the App's installation on an account from now on."""
        self.be_app()
        path = f"/app/installations/{self.github.installation(owner).id}/access_tokens"
        self.bearer = (await self.ask("POST", path)).json["token"]

    async def ask(
        self, method: str, path: str, body: Json = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send one request; the path is GitHub's."""
        sent = {"Authorization": f"Bearer {self.bearer}", **(headers or {})}
        url = self.github.api_url + path
        async with self.session.request(method, url, json=body, headers=sent) as answer:
            is_json = answer.content_type == "application/json"
            return Reply(answer.status, await answer.json() if is_json else None, answer.headers)

    async def run_git(self, repository: str, *arguments: str) -> tuple[int, str]:
        """Run git as a client and give exit code and output; the remote is called `URL`."""
        url = f"{self.github.url}/{repository}.git"
        basic = aiohttp.encode_basic_auth("x-access-token", self.bearer)
        credentials = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: {basic}",
        }
        process = await asyncio.create_subprocess_exec(
            "git",
            *[url if argument == "URL" else argument for argument in arguments],
            env={**ENVIRONMENT, **credentials},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        return process.returncode or 0, out.decode(errors="replace")
