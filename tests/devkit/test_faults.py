"""Faults: each kind strikes the request that its rule names, and no other."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from devkit.github import Fault, LocalGitHub
from devkit.github.client import AppClient
from devkit.github.state import Pull

PATH = "/repos/django/django/issues/1/comments"


@pytest.mark.parametrize(
    ("kind", "status", "header"),
    [
        (Fault.HTML_502, 502, None),
        (Fault.SECONDARY_403, 403, "Retry-After"),
        (Fault.SECONDARY_429, 429, "Retry-After"),
        (Fault.PRIMARY_403, 403, "X-RateLimit-Reset"),
        (Fault.EXPIRED_401, 401, None),
    ],
)
async def test_answered_fault(
    client: AppClient, pull: Pull, kind: Fault, *, status: int, header: str | None
) -> None:
    """A fault that answers comes instead of the work, once, and is counted as a call."""
    client.github.faults.add(kind, method="POST", path="/comments$")
    assert (await client.ask("GET", PATH)).status == 200
    struck = await client.ask("POST", PATH, {"body": "x"})
    assert (struck.status, pull.comments) == (status, {})
    assert header is None or header in struck.headers
    assert (await client.ask("POST", PATH, {"body": "x"})).status == 201
    assert [call.status for call in client.github.calls] == [200, status, 201]


async def test_spent_rate_limit_says_so(client: AppClient, github: LocalGitHub) -> None:
    """The primary limit leaves nothing remaining and tells when it resets."""
    github.faults.retry_after = 30
    github.faults.add(Fault.PRIMARY_403)
    reply = await client.ask("GET", "/repos/django/django")
    assert reply.headers["X-RateLimit-Remaining"] == "0"


async def test_nth_and_times(client: AppClient, github: LocalGitHub) -> None:
    """A rule strikes from the nth matching request on, as often as it says."""
    github.faults.add(Fault.HTML_502, method="GET", path="django$", nth=2, times=2)
    replies = [await client.ask("GET", "/repos/django/django") for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 502, 502, 200]


async def test_rules_can_be_taken_back(client: AppClient, github: LocalGitHub) -> None:
    """A rule that was taken back strikes nothing."""
    github.faults.add(Fault.HTML_502)
    github.faults.clear()
    assert (await client.ask("GET", "/repos/django/django")).status == 200


@pytest.mark.parametrize(
    ("kind", "comments", "status"), [(Fault.DROP_BEFORE, 0, 499), (Fault.DROP_AFTER, 1, 201)]
)
async def test_dropped_connection(
    client: AppClient, pull: Pull, kind: Fault, *, comments: int, status: int
) -> None:
    """A connection is dropped before the work, or after it was done."""
    client.github.faults.add(kind, method="POST", path="/comments$")
    with pytest.raises(aiohttp.ClientError):
        await client.ask("POST", PATH, {"body": "x"})
    assert len(pull.comments) == comments
    assert [call.status for call in client.github.calls] == [status]


async def test_strike_can_be_watched(client: AppClient, pull: Pull) -> None:
    """At the moment of a strike the write is done already, or not yet."""
    seen: list[int] = []
    faults = client.github.faults
    faults.when_struck = lambda: seen.append(len(pull.comments))
    for kind in (Fault.DROP_BEFORE, Fault.DROP_AFTER):
        faults.add(kind, method="POST", path="/comments$")
        with pytest.raises(aiohttp.ClientError):
            await client.ask("POST", PATH, {"body": "x"})
    assert seen == [0, 1]


async def test_hanging_request(client: AppClient, pull: Pull) -> None:
    """A hanging request never gets an answer, and the server goes on serving others."""
    client.github.faults.add(Fault.HANG, method="POST", path="/comments$")
    hanging = asyncio.create_task(client.ask("POST", PATH, {"body": "x"}))
    assert (await client.ask("GET", PATH)).status == 200
    assert not hanging.done()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert pull.comments == {}


async def test_git_can_be_struck(client: AppClient, github: LocalGitHub) -> None:
    """A fault can strike git too; what was struck is no fetch."""
    github.faults.add(Fault.HTML_502, path="/info/refs")
    code, out = await client.run_git("django/django", "ls-remote", "URL")
    assert code != 0
    assert "502" in out
    assert github.git_operations == {}
    assert (await client.run_git("django/django", "ls-remote", "URL"))[0] == 0
    assert github.git_operations == {"fetch": 1}
