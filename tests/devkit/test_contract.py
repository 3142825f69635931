"""The contract: wrong requests are noticed, and so would wrong answers be."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import aiohttp
import pytest

from devkit.github import ContractBroken, LocalGitHub, running_github
from devkit.github.client import AppClient
from devkit.github.contract import CUT, contract
from devkit.github.rest import SERVED
from devkit.github.state import Json, Pull, Repository
from devkit.openapi.cut import WANTED, Cutter, translated

REPOSITORY = "/repos/django/django"


def test_exactly_what_is_cut_is_served() -> None:
    """Every operation of the cut is served, and nothing else."""
    wanted = {line for line in WANTED.read_text().splitlines() if " " not in line}
    assert set(SERVED) == set(contract().operations) == wanted


@pytest.mark.parametrize(
    ("request_line", "body", "word"),
    [
        ("POST /issues/1/comments", {"text": "x"}, "body"),
        ("POST /issues/1/comments", {"body": 3}, "string"),
        ("POST /issues/1/comments", None, "missing"),
        ("POST /check-runs", {"name": "x", "head_sha": "0", "status": "begun"}, "status"),
        ("GET /pulls?state=merged", None, "merged"),
        ("GET /issues/one", None, "integer"),
    ],
)
async def test_wrong_request_is_refused(
    client: AppClient, pull: Pull, request_line: str, *, body: Json, word: str
) -> None:
    """A request against its schema gets 422 and a complaint that says what is wrong."""
    method, path = request_line.split()
    reply = await client.ask(method, REPOSITORY + path, body)
    assert (reply.status, pull.comments) == (422, {})
    assert word in " ".join(client.github.complaints)
    with pytest.raises(ContractBroken):
        client.github.check()


@pytest.mark.parametrize(
    ("request_line", "body"),
    [
        ("GET /pulls?label=x", None),
        ("POST /issues/1/comments", {"body": "x", "labels": []}),
        ("GET /no/such/thing", None),
    ],
)
async def test_ignored_parts_are_noticed(
    client: AppClient, pull: Pull, request_line: str, body: Json
) -> None:
    """What GitHub would silently ignore, and what is not served, is complained of."""
    method, path = request_line.split()
    await client.ask(method, REPOSITORY + path, body)
    assert len(client.github.complaints) == 1, pull


async def test_good_requests_leave_no_complaint(client: AppClient, pull: Pull) -> None:
    """Good requests and expected refusals leave nothing to complain of."""
    await client.ask("POST", f"{REPOSITORY}/issues/1/comments", {"body": "x"})
    await client.ask("DELETE", f"{REPOSITORY}/issues/{pull.number}/labels/none")
    client.github.check()


async def test_block_ends_with_a_check(tmp_path: Path) -> None:
    """`running_github` raises at a clean end when a request was wrong."""

    async def misuse() -> None:
        async with running_github(tmp_path) as github, aiohttp.ClientSession() as session:
            await session.get(f"{github.api_url}/gists")

    with pytest.raises(ContractBroken, match="not served"):
        await misuse()


async def test_truncated_json_is_refused(client: AppClient, pull: Pull) -> None:
    """A body that is no JSON gets 400."""
    url = f"{client.github.api_url}{REPOSITORY}/issues/{pull.number}/comments"
    headers = {"Authorization": f"Bearer {client.bearer}"}
    async with client.session.post(url, data=b'{"body": ', headers=headers) as answer:
        assert answer.status == 400


async def test_wrong_answer_breaks_the_server(
    client: AppClient, github: LocalGitHub, django: Repository, pull: Pull
) -> None:
    """An answer that GitHub could not give is an error of this server, and is recorded."""
    pull.title = None  # type: ignore[assignment]
    reply = await client.ask("GET", f"{REPOSITORY}/pulls?base={django.default_branch}")
    assert reply.status == 500
    with pytest.raises(ContractBroken, match="title"):
        github.check()


def test_payload_is_checked() -> None:
    """A payload that GitHub would not send is an error."""
    with pytest.raises(ValueError, match="zen"):
        contract().payload("ping", {"zen": 3})


def test_nullable_becomes_a_type() -> None:
    """GitHub's `nullable` is understood for types, enumerations and alternatives."""
    schema = {"type": "string", "enum": ["a"], "nullable": True, "description": "prose"}
    assert translated(schema) == {"type": ["string", "null"], "enum": ["a", None]}
    schema = {"nullable": True, "oneOf": [{"type": "string"}]}
    assert translated(schema) == {"anyOf": [{"anyOf": [{"type": "string"}]}, {"type": "null"}]}


def test_property_named_like_prose_survives() -> None:
    """A property may be called `title`; only the schema's own words are dropped."""
    schema = {"title": "T", "properties": {"title": {"$ref": "#/components/schemas/x"}}}
    assert translated(schema) == {"properties": {"title": {"$ref": "urn:github#/schemas/x"}}}


def test_cut_holds_what_is_referred_to() -> None:
    """A cut holds exactly the schemas that its operations reach."""
    ref = {"$ref": "#/components/schemas/title"}
    description = {
        "info": {"version": "1"},
        "x-webhooks": {},
        "paths": {
            "/app": {
                "get": {
                    "operationId": "apps/get-authenticated",
                    "responses": {"200": {"content": {"application/json": {"schema": ref}}}},
                }
            }
        },
        "components": {
            "schemas": {
                "title": {"properties": {"title": {"$ref": "#/components/schemas/deep"}}},
                "deep": {"type": "string"},
                "unused": {},
            }
        },
    }
    cut = Cutter(description).cut(["apps/get-authenticated"])
    assert list(cut["schemas"]) == ["deep", "title"]
    assert cut["operations"]["apps/get-authenticated"]["method"] == "GET"


def test_cut_names_its_source() -> None:
    """The committed cut says which version it was cut from, and so does the page beside it."""
    source = json.loads(gzip.decompress(CUT.read_bytes()))["source"]
    version = source.split()[1]
    assert version in (CUT.parent / "README.md").read_text()
