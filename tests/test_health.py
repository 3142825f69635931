import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from pytest_aiohttp import AiohttpClient

from bot.web.health import Check, Health
from tests.front import front

Client = TestClient[web.Request, web.Application]
Serve = Callable[[dict[str, Check]], Awaitable[Client]]


async def good() -> tuple[bool, str]:
    """Be well."""
    return True, "2.39.5"


async def bad() -> tuple[bool, str]:
    """Be ill, and say so."""
    return False, "12 MB left"


async def broken() -> tuple[bool, str]:
    """Fail with a message that nobody may see."""
    raise ConnectionError("postgresql://me:password@db/x")


async def stuck() -> tuple[bool, str]:
    """Never answer."""
    await asyncio.Event().wait()
    return True, ""


async def counted() -> bytes:
    """Give one metric."""
    registry = CollectorRegistry()
    Gauge("deliveries", "Deliveries under way", registry=registry).inc()
    return generate_latest(registry)


@pytest.fixture
def serve(aiohttp_client: AiohttpClient) -> Serve:
    """Give a function that serves some checks on a real socket."""

    async def start(checks: dict[str, Check]) -> Client:
        return await aiohttp_client(front(health=Health(checks, counted, patience=1.0)))

    return start


async def ready(client: Client) -> tuple[int, dict[str, Any]]:
    """Ask whether the service is ready."""
    answer = await client.get("/readyz")
    return answer.status, await answer.json()


async def test_alive_while_not_ready(serve: Serve) -> None:
    """The service is alive as long as its loop runs, ready or not."""
    client = await serve({"database": broken})
    answer = await client.get("/healthz")
    assert (answer.status, await answer.text()) == (200, "alive\n")


async def test_ready_where_all_is_well(serve: Serve) -> None:
    """Ready means that every check is good, and shows each."""
    assert await ready(await serve({"git": good, "disk": good})) == (
        200,
        {
            "ready": True,
            "checks": {
                "git": {"ok": True, "detail": "2.39.5"},
                "disk": {"ok": True, "detail": "2.39.5"},
            },
        },
    )


async def test_not_ready_names_the_cause(serve: Serve) -> None:
    """One bad check is enough, and the others are still shown."""
    status, body = await ready(await serve({"git": good, "disk": bad}))
    assert (status, body["ready"]) == (503, False)
    assert body["checks"]["disk"] == {"ok": False, "detail": "12 MB left"}
    assert body["checks"]["git"]["ok"]


async def test_a_broken_check_tells_no_secret(serve: Serve) -> None:
    """A check that raises is a bad one, and its message stays inside."""
    status, body = await ready(await serve({"database": broken}))
    assert status == 503
    assert body["checks"]["database"] == {"ok": False, "detail": "failed with ConnectionError"}


async def test_stuck_checks_are_given_up_side_by_side(serve: Serve) -> None:
    """Checks that never answer are given up together, not one after the other."""
    meet = asyncio.Barrier(2)

    async def meeting() -> tuple[bool, str]:
        await meet.wait()
        return True, "met"

    checks: dict[str, Check] = {"first": meeting, "second": meeting, "third": stuck}
    status, body = await ready(await serve(checks))
    assert status == 503
    assert body["checks"]["first"] == body["checks"]["second"] == {"ok": True, "detail": "met"}
    assert body["checks"]["third"]["detail"] == "no answer within 1 seconds"


async def test_metrics_are_prometheus_text(serve: Serve) -> None:
    """Metrics come in the form and with the content type that Prometheus reads."""
    answer = await (await serve({})).get("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = list(text_string_to_metric_families(await answer.text()))
    assert [family.name for family in families] == ["deliveries"]


async def test_checks_are_only_read(serve: Serve) -> None:
    """Nothing is posted to health and metrics."""
    client = await serve({})
    for path in ("/healthz", "/readyz", "/metrics"):
        assert (await client.post(path)).status == 405
