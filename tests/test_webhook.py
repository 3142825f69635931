import asyncio
import hashlib
import hmac
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp import AiohttpClient

from bot.core.commands import Claim, Delivery
from bot.core.errors import Transient
from bot.core.model import Repository
from bot.web.webhook import LIMIT, Receipt, Webhook
from handlers import translate
from tests.front import front

SECRET = "a made-up secret"
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
HELLO = Repository(installation=5, id=7, owner="octo", name="hello")
LABELED = {
    "action": "labeled",
    "number": 2,
    "label": {"name": "council exception"},
    "repository": {"id": 7, "name": "hello", "owner": {"login": "octo"}},
    "installation": {"id": 5},
}

Client = TestClient[web.Request, web.Application]


@dataclass
class Desk:
    """Where deliveries are handed in; it may refuse them all for a while."""

    taken: list[Delivery] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    trouble: Exception | None = None

    async def accept(self, delivery: Delivery) -> None:
        """Take a delivery, or fail as told."""
        if self.trouble:
            raise self.trouble
        self.taken.append(delivery)


@pytest.fixture
def desk() -> Desk:
    """Give an empty desk."""
    return Desk()


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, desk: Desk) -> Client:
    """Serve the real application on a real socket."""
    webhook = Webhook(SECRET, translate, desk.accept, desk.receipts.append)
    return await aiohttp_client(front(webhook))


def signed(body: bytes, **changes: str | None) -> dict[str, str]:
    """Give GitHub's headers for a body; None takes one out."""
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers: dict[str, str | None] = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": GUID,
        "X-Hub-Signature-256": f"sha256={digest}",
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    return {name: value for name, value in headers.items() if value is not None}


async def post(client: Client, body: bytes | object, **changes: str | None) -> tuple[int, str]:
    """Send a delivery and give the status and the one line of the answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await client.post("/webhook", data=io.BytesIO(raw), headers=signed(raw, **changes))
    text = await answer.text()
    assert answer.content_type == "text/plain"
    assert text.endswith("\n")
    assert text.count("\n") == 1
    return answer.status, text.strip()


async def test_a_delivery_is_stored_before_it_is_accepted(client: Client, desk: Desk) -> None:
    """202 says that the delivery is stored, with what it asks for."""
    assert await post(client, LABELED) == (202, f"accepted {GUID}")
    claim = Claim(HELLO, 2, "council exception")
    assert desk.taken == [Delivery(GUID, "pull_request", "labeled", HELLO, (claim,))]
    assert desk.receipts == [Receipt(202, f"accepted {GUID}", "pull_request", GUID)]


async def test_the_answer_waits_for_the_store(aiohttp_client: AiohttpClient) -> None:
    """No answer is given while the store still works."""
    asked, stored = asyncio.Event(), asyncio.Event()

    async def accept(_delivery: Delivery) -> None:
        asked.set()
        await stored.wait()

    webhook = Webhook(SECRET, translate, accept, lambda _receipt: None)
    client = await aiohttp_client(front(webhook))
    posting = asyncio.create_task(post(client, LABELED))
    await asked.wait()
    assert not posting.done()
    stored.set()
    assert (await posting)[0] == 202


async def test_the_same_delivery_again_is_accepted(client: Client, desk: Desk) -> None:
    """A redelivery gets 202 as well, and carries the same GUID to the store."""
    for _ in range(2):
        assert (await post(client, LABELED))[0] == 202
    assert [delivery.guid for delivery in desk.taken] == [GUID, GUID]


@pytest.mark.parametrize(
    "signature",
    [None, "", "sha256=", "sha256=" + "0" * 64, "sha1=" + "0" * 40, "sha256=\u00e9\u00fc", "0"],
)
async def test_a_wrong_signature_is_refused(
    client: Client, desk: Desk, signature: str | None
) -> None:
    """Without the signature that the secret gives, nothing is read from the body."""
    status, _ = await post(client, LABELED, X_Hub_Signature_256=signature)
    assert status == 401
    assert not desk.taken
    assert [receipt.event for receipt in desk.receipts] == [""]


async def test_a_sha1_signature_alone_is_refused(client: Client, desk: Desk) -> None:
    """The right SHA-1 signature is no signature."""
    body = json.dumps(LABELED).encode()
    sha1 = "sha1=" + hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
    for changes in ({"X_Hub_Signature_256": None}, {"X_Hub_Signature_256": sha1}):
        assert (await post(client, body, X_Hub_Signature=sha1, **changes))[0] == 401
    assert not desk.taken


async def test_a_signature_of_another_body_is_refused(client: Client, desk: Desk) -> None:
    """A signature is good for its own body only."""
    other = signed(b"{}")["X-Hub-Signature-256"]
    assert (await post(client, LABELED, X_Hub_Signature_256=other))[0] == 401
    assert not desk.taken


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
async def test_another_content_type_is_refused(client: Client, kind: str | None) -> None:
    """Only JSON is taken."""
    changes = {"Content_Type": kind or "application/octet-stream"}
    assert (await post(client, LABELED, **changes))[0] == 415


async def test_a_charset_is_no_other_content_type(client: Client) -> None:
    """JSON with parameters is JSON."""
    changes = {"Content_Type": "application/json; charset=utf-8"}
    assert (await post(client, LABELED, **changes))[0] == 202


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-GitHub-Event", None),
        ("X-GitHub-Event", "Pull Request"),
        ("X-GitHub-Delivery", None),
        ("X-GitHub-Delivery", "a" * 101),
        ("X-GitHub-Delivery", "a/../b"),
        ("X-GitHub-Delivery", "\u00e9"),
    ],
)
async def test_unusable_headers_are_named(client: Client, header: str, value: str | None) -> None:
    """The two headers that name a delivery must be plain words."""
    status, line = await post(client, LABELED, **{header: value})
    assert (status, line) == (400, f"the header {header} is missing or unusable")


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (json.dumps(LABELED).encode()[:-1], "the body is not JSON"),
        (b"", "the body is not JSON"),
        (b"\xff{}", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        (b"[]", "the body is not a JSON object"),
        (b'{"action": ["labeled"]}', "`action` is not text"),
    ],
)
async def test_a_malformed_body_is_refused(client: Client, body: bytes, line: str) -> None:
    """Truncated JSON, too deep JSON and JSON of another shape are told apart in one line."""
    assert await post(client, body) == (400, line)


async def test_a_missing_installation_is_refused(client: Client, desk: Desk) -> None:
    """An event that asks for work must say through which installation."""
    body = {name: value for name, value in LABELED.items() if name != "installation"}
    assert await post(client, body) == (
        400,
        "malformed pull_request payload: `installation.id` is missing or is not a whole number",
    )
    assert not desk.taken
    assert desk.receipts[0].guid == GUID


@pytest.mark.parametrize("event", ["ping", "star", "an_event_of_next_year"])
async def test_an_event_without_use_is_not_stored(client: Client, desk: Desk, event: str) -> None:
    """Ping and unknown events get 202, installed or not, and leave nothing."""
    status, line = await post(client, {"zen": "Design for failure."}, X_GitHub_Event=event)
    assert (status, line) == (202, f"nothing to do for {event}")
    assert not desk.taken


@pytest.mark.parametrize(("pause", "header"), [(2.5, "3"), (None, "30")])
async def test_a_store_in_trouble_asks_for_patience(
    client: Client, desk: Desk, pause: float | None, header: str
) -> None:
    """Where the store cannot take a delivery, 503 says when to come again."""
    desk.trouble = Transient("postgresql://me:password@db is away", retry_after=pause)
    body = json.dumps(LABELED).encode()
    answer = await client.post("/webhook", data=body, headers=signed(body))
    assert (answer.status, answer.headers["Retry-After"]) == (503, header)
    assert "password" not in await answer.text()
    assert [receipt.status for receipt in desk.receipts] == [503]


async def test_the_largest_body_is_read(client: Client) -> None:
    """A body of exactly 25 MiB is still a delivery."""
    body = json.dumps(LABELED).encode()
    assert (await post(client, body + b" " * (LIMIT - len(body))))[0] == 202


async def test_a_larger_body_is_refused_unread(client: Client) -> None:
    """A body announced as larger than 25 MiB is refused before it arrives."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(
        b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 27262976\r\n\r\n{"
    )
    assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
    writer.close()
    await writer.wait_closed()


async def test_an_endless_body_is_cut_off(client: Client, desk: Desk) -> None:
    """A body that never says its length is refused once it is larger than 25 MiB."""
    megabyte = b" " * 1024 * 1024

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(26):
            yield megabyte

    answer = await client.post("/webhook", data=chunks(), headers=signed(b""))
    assert (answer.status, await answer.text()) == (
        413,
        "the body is larger than 26214400 bytes\n",
    )
    assert not desk.taken


async def test_other_methods_and_paths_lead_nowhere(client: Client) -> None:
    """Only POST is taken, and only there."""
    assert (await client.get("/webhook")).status == 405
    assert (await client.put("/webhook")).status == 405
    assert (await client.post("/webhook/")).status == 404


def test_the_secret_is_not_shown(desk: Desk) -> None:
    """The receiver's own description hides the secret."""
    assert SECRET not in repr(Webhook(SECRET, translate, desk.accept, desk.receipts.append))
