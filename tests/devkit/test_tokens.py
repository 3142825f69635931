"""Who is let in: JSON web tokens, installation tokens and their permissions."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from devkit.github import LocalGitHub
from devkit.github.client import AppClient
from devkit.github.state import Repository

REPOSITORY = "/repos/django/django"


async def test_app_shows_itself(client: AppClient, github: LocalGitHub) -> None:
    """A good JSON web token speaks for the App."""
    client.be_app()
    reply = await client.ask("GET", "/app")
    assert (reply.status, reply.json["id"]) == (200, github.app.id)


async def test_app_finds_its_installations(client: AppClient, github: LocalGitHub) -> None:
    """The App can list its installations and find the one of a repository."""
    client.be_app()
    wanted = github.installation("django").id
    (listed,) = (await client.ask("GET", "/app/installations")).json
    found = await client.ask("GET", f"{REPOSITORY}/installation")
    shown = await client.ask("GET", f"/app/installations/{wanted}")
    assert listed["id"] == found.json["id"] == shown.json["id"] == wanted
    assert (await client.ask("GET", "/app/installations/1")).status == 404


async def test_token_for_one_repository(client: AppClient, github: LocalGitHub) -> None:
    """A token for named repositories and permissions carries no more than these."""
    await github.add_repository("django", "other")
    client.be_app()
    path = f"/app/installations/{github.installation('django').id}/access_tokens"
    asked = {"repositories": ["other"], "permissions": {"checks": "write"}}
    client.bearer = (await client.ask("POST", path, asked)).json["token"]
    check = {"name": "tests", "head_sha": "0" * 40}
    assert (await client.ask("POST", "/repos/django/other/check-runs", check)).status == 422
    assert (await client.ask("POST", f"{REPOSITORY}/check-runs", check)).status == 403
    label = {"labels": ["x"]}
    assert (await client.ask("POST", "/repos/django/other/issues/1/labels", label)).status == 403


@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ({"exp": int(time.time()) + 3600}, "too far"),
        ({"exp": int(time.time()) - 3600}, "exp"),
        ({"iss": "1"}, "Integration not found"),
        ({"iat": int(time.time()) + 3600}, "decoded"),
    ],
)
async def test_bad_claims_are_refused(client: AppClient, claims: dict[str, Any], word: str) -> None:
    """A JSON web token that lives too long, is over, or is another's gets 401."""
    client.be_app(**claims)
    reply = await client.ask("GET", "/app")
    assert reply.status == 401
    assert word in reply.json["message"]


async def test_another_key_is_refused(client: AppClient, github: LocalGitHub) -> None:
    """A JSON web token signed with another key gets 401."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    claims = {"iat": int(time.time()), "exp": int(time.time()) + 60, "iss": str(github.app.id)}
    client.bearer = jwt.encode(claims, key, algorithm="RS256")
    assert (await client.ask("GET", "/app")).status == 401


async def test_expired_token_is_refused(client: AppClient, github: LocalGitHub) -> None:
    """A token is good until it expires, then it is a bad credential."""
    assert (await client.ask("GET", REPOSITORY)).status == 200
    github.expire_tokens()
    reply = await client.ask("GET", REPOSITORY)
    assert (reply.status, reply.json["message"]) == (401, "Bad credentials")


async def test_lifetime_is_configurable(client: AppClient, github: LocalGitHub) -> None:
    """A token issued without any lifetime is refused at once."""
    github.token_lifetime = timedelta(0)
    await client.log_in("django")
    assert (await client.ask("GET", REPOSITORY)).status == 401


async def test_no_token_is_refused(client: AppClient) -> None:
    """A request without a token gets 401."""
    client.bearer = ""
    assert (await client.ask("GET", REPOSITORY)).status == 401


async def test_missing_permission_is_refused(client: AppClient, github: LocalGitHub) -> None:
    """What the installation was not granted gets 403 in GitHub's words."""
    del github.installation("django").permissions["members"]
    github.add_team("django", "mergers", ["felixxm"])
    reply = await client.ask("GET", "/orgs/django/teams/mergers/memberships/felixxm")
    assert (reply.status, reply.json["message"]) == (
        403,
        "Resource not accessible by integration",
    )


async def test_token_cannot_exceed_grants(client: AppClient, github: LocalGitHub) -> None:
    """A token is not given for a permission that was not granted."""
    client.be_app()
    path = f"/app/installations/{github.installation('django').id}/access_tokens"
    reply = await client.ask("POST", path, {"permissions": {"administration": "write"}})
    assert reply.status == 422


async def test_private_repository_is_hidden(
    client: AppClient, github: LocalGitHub, django: Repository
) -> None:
    """A private repository that a token does not reach is not found."""
    other = await github.add_repository("other", "secret")
    other.private = True
    assert django.private is False
    assert (await client.ask("GET", "/repos/other/secret")).status == 404


async def test_foreign_repository_is_read_only(client: AppClient, github: LocalGitHub) -> None:
    """A public repository of another installation may be read, not written."""
    await github.add_repository("other", "open")
    assert (await client.ask("GET", "/repos/other/open")).status == 200
    check = {"name": "tests", "head_sha": "0" * 40}
    assert (await client.ask("POST", "/repos/other/open/check-runs", check)).status == 403
