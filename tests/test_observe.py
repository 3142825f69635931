from __future__ import annotations

import asyncio
import gzip
import json
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics import Metrics
from bot.redaction import HIDDEN, Redactor

ROOT = Path(__file__).parent.parent
TOKEN = "v9.minted-token-of-no-known-form"
PASSWORD = "pa55-of-the-database"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc+/=\n-----END RSA PRIVATE KEY-----"

START = f"""
import logging
from pathlib import Path
from bot import observe
from bot.core.errors import Transient, UserError
from bot.settings import Settings

settings = Settings.model_validate({{
    "log_format": LOG_FORMAT,
    "database_url": "postgresql://bot:{PASSWORD}@db/x",
    "sentry_dsn": SENTRY_DSN,
}})
seen = observe.start(settings)
seen.minted("{TOKEN}")
"""


async def run(script: str, log_format: str = "json", dsn: str = "") -> str:
    """Run a script in a process of its own after `start`, and give what it wrote to stderr."""
    head = f"LOG_FORMAT, SENTRY_DSN = {log_format!r}, {dsn!r}\n"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        head + START + script,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert out == b""
    return err.decode()


def lines(log: str) -> list[dict[str, Any]]:
    """Read a log in JSON."""
    return [json.loads(line) for line in log.splitlines()]


async def test_json_log() -> None:
    """A JSON line carries the event, its fields, the context it happened in, level and time."""
    log = await run("""
with seen.context(delivery="guid", repository="django/django", pull=7):
    with seen.context(series="4.1.x"):
        seen.note("pick", outcome="picked")
    logging.getLogger("other").warning("from %s", "elsewhere")
seen.note("later")
""")
    first, second, third = lines(log)
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "event": "pick",
        "outcome": "picked",
        "delivery": "guid",
        "repository": "django/django",
        "pull": 7,
        "series": "4.1.x",
        "level": "info",
        "logger": "stablehand",
    }
    assert second["event"] == "from elsewhere"
    assert (second["delivery"], second["level"]) == ("guid", "warning")
    assert "series" not in second
    assert "delivery" not in third


@pytest.mark.parametrize("log_format", ["json", "console"])
async def test_no_secret_in_log(log_format: str) -> None:
    """No secret shows in a line, a field, a traceback, another library's line or the last words."""
    log = await run(
        f"""
seen.note("one {TOKEN}", header={{"Authorization": "token x-{PASSWORD}"}}, rest=["{TOKEN}"])
seen.note("two", path=Path("/{TOKEN}"), url="https://x-access-token:{TOKEN}@github.com/a/b")
logging.getLogger("other").error("three %s", "{PASSWORD}")
def fails(password):
    raise ValueError("four " + password)
try:
    fails("{PASSWORD}")
except ValueError as error:
    seen.bug(error)
    logging.getLogger("other").exception("five")
raise RuntimeError("six {TOKEN}")
""",
        log_format,
    )
    assert all(word in log for word in ("one", "two", "three", "four", "five", "six"))
    assert "ValueError" in log
    assert "RuntimeError" in log
    assert "in fails" in log
    assert TOKEN not in log
    assert PASSWORD not in log


async def test_note_counts_picks() -> None:
    """A pick that is noted is counted, and so is a request to GitHub that is reported."""
    log = await run("""
seen.note("pick", outcome="conflict")
seen.called("GET", "304", 4321)
seen.called("POST", "dropped", None)
seen.note(seen.metrics.render_metrics().decode())
""")
    text = lines(log)[1]["event"]
    assert 'stablehand_picks_total{outcome="conflict"} 1.0' in text
    assert 'stablehand_api_requests_total{method="GET",status="304"} 1.0' in text
    assert 'stablehand_api_requests_total{method="POST",status="dropped"} 1.0' in text
    assert "stablehand_api_rate_remaining 4321.0" in text


@pytest.fixture
async def sentry() -> AsyncIterator[tuple[str, list[str]]]:
    """Receive what is sent to Sentry: its DSN, and the bodies that came."""
    bodies: list[str] = []

    async def take(request: web.Request) -> web.Response:
        raw = await request.read()  # the test server has unpacked it where it could
        bodies.append((gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode())
        return web.json_response({"id": "0" * 32})

    app = web.Application()
    app.router.add_post("/api/1/envelope/", take)
    async with TestServer(app) as server:
        yield f"http://sentry-key-5@{server.host}:{server.port}/1", bodies


async def test_sentry_gets_bugs_only(sentry: tuple[str, list[str]]) -> None:
    """Sentry hears of a bug, with its context and no secret, and of no expected failure."""
    dsn, bodies = sentry
    await run(
        f"""
import sentry_sdk
seen.bug(UserError("the label is missing"))
seen.bug(Transient("GitHub is busy"))
with seen.context(delivery="guid-1", repository="django/django"):
    def fails(password):
        raise ValueError("bug with {TOKEN} and " + password)
    try:
        fails("{PASSWORD}")
    except ValueError as error:
        seen.bug(error)
sentry_sdk.flush()
""",
        dsn=dsn,
    )
    sent = "\n".join(bodies)
    events = [
        event
        for line in sent.splitlines()
        if "exception" in (event := json.loads(line)) or "logentry" in event
    ]
    assert [event["exception"]["values"][-1]["type"] for event in events] == ["ValueError"]
    assert events[0]["exception"]["values"][-1]["value"] == f"bug with {HIDDEN} and {HIDDEN}"
    assert events[0]["tags"] == {"delivery": "guid-1", "repository": "django/django"}
    for secret in (TOKEN, PASSWORD):
        assert secret not in sent


async def test_no_sentry_without_dsn() -> None:
    """Without a DSN Sentry is not started at all."""
    log = await run("""
import sentry_sdk
seen.note("sentry", active=sentry_sdk.get_client().is_active())
""")
    assert lines(log)[0]["active"] is False


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"key {PEM} end", f"key {HIDDEN} end"),
        (repr(PEM), f"'{HIDDEN}'"),
        (PEM[:50], HIDDEN),
        ("ghs_16C7e42F292c6912E7710c838347Ae178B4a", HIDDEN),
        ("a github_pat_11ABCDEFG0abcdefghij b", f"a {HIDDEN} b"),
        ("eyJhbGciOi.eyJpc3MiOi.c2lnbmF0dXJl", HIDDEN),
        ("{'authorization': 'bearer abc.def'}", f"{{'authorization': '{HIDDEN}'}}"),
        ("AUTHORIZATION: basic eC1hY2Nlc3M=", f"AUTHORIZATION: {HIDDEN}"),
        ("https://x-access-token:abc@github.com/a", f"https://{HIDDEN}@github.com/a"),
        ("postgresql://u:p@db/x", f"postgresql://{HIDDEN}@db/x"),
        ("https://github.com/@me and a@b.example", "https://github.com/@me and a@b.example"),
        ("Fixed #34063 -- Fixed reading of streams.", "Fixed #34063 -- Fixed reading of streams."),
    ],
)
def test_patterns(text: str, clean: str) -> None:
    """What looks like a secret goes even where nobody told of it, and nothing else does."""
    assert Redactor().text(text) == clean


def test_token_in_the_form_of_git() -> None:
    """A token is also known in the header that git sends it in."""
    redactor = Redactor()
    redactor.learn(TOKEN)
    sent = b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    assert redactor.text(f"<{sent}>") == f"<{HIDDEN}>"


def test_values_keep_their_shape() -> None:
    """Only texts change inside containers; keys that name a secret lose their value whole."""
    redactor = Redactor(["s3cret", "", "abc"])
    value = {"n": 1, "none": None, "ok": True, "deep": [("s3cret", 2.5)], "Token": {"a": 1}}
    assert redactor.value(value) == {
        "n": 1,
        "none": None,
        "ok": True,
        "deep": [[HIDDEN, 2.5]],
        "Token": HIDDEN,
    }
    assert redactor.text("abc") == "abc", "too short to be told from a word"


@given(st.text(), st.text(alphabet="abcXYZ019-_.", min_size=8), st.text())
def test_known_secret_never_stays(before: str, secret: str, after: str) -> None:
    """Whatever stands around a known secret, it is gone."""
    assert secret not in Redactor([secret]).text(f"{before}{secret}{after}")


def test_metrics() -> None:
    """Deliveries and workflows show in the text that Prometheus reads."""
    metrics = Metrics()
    metrics.delivery("pull_request", "accepted")
    metrics.workflows({"PENDING": 3, "ERROR": 1})
    metrics.workflows({"PENDING": 2})
    text = metrics.render_metrics().decode()
    assert 'stablehand_deliveries_total{event="pull_request",outcome="accepted"} 1.0' in text
    assert 'stablehand_workflows{state="PENDING"} 2.0' in text
    assert "ERROR" not in text
    assert "process_resident_memory_bytes" in text
