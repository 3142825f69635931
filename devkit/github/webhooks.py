"""Sends signed webhooks to the App, records what came of each, and may treat them badly."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import random
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

import aiohttp

from devkit.github.registration import AppRegistration
from devkit.github.state import Json
from devkit.github.world import now

ANSWER_WITHIN = 10.0  # seconds, as GitHub gives


@dataclass(eq=False, slots=True)
class Delivery:
    """One attempt to deliver one payload; `status_code` 0 means that nobody answered."""

    id: int
    guid: str
    event: str
    action: str | None
    payload: Json
    installation: int | None
    repository: int | None
    redelivery: bool = False
    delivered_at: datetime = field(default_factory=now)
    duration: float = 0.0
    status: str = "pending"
    status_code: int = 0
    answer: str = ""


class Webhooks:
    """The deliveries to one address; `url` None records them as failed without sending."""

    def __init__(self, app: AppRegistration, url: str | None) -> None:
        self.app = app
        self.url = url
        self.deliveries: list[Delivery] = []
        self._held: list[Delivery] | None = None
        self._duplicated = 0
        self._lost = 0
        self._fate: Callable[[int], int] = _once
        self._sent = count(1)
        self._numbers = count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN),
            headers={"User-Agent": "GitHub-Hookshot/devkit"},
        )

    def send(self, event: str, payload: Json) -> None:
        """Deliver an event in the background, unless the App did not subscribe to it."""
        if event not in {*self.app.events, "ping", "installation"}:
            return
        times = self._fate(next(self._sent))
        if not times:
            return
        delivery = Delivery(
            id=next(self._numbers),
            guid=str(uuid.uuid4()),
            event=event,
            action=payload.get("action"),
            payload=payload,
            installation=payload.get("installation", {}).get("id"),
            repository=payload.get("repository", {}).get("id"),
        )
        self.deliveries.append(delivery)
        for _ in range(times):
            if self._held is None:
                self._dispatch(delivery)
            else:
                self._held.append(delivery)

    def duplicate(self, times: int = 1) -> None:
        """Deliver each of the next events twice, under the same GUID."""
        self._duplicated += times

    def lose(self, times: int = 1) -> None:
        """Let the next events get lost on the way; they are recorded as failed."""
        self._lost += times

    def treat(self, fate: Callable[[int], int]) -> None:
        """Deliver each event from now on as often as `fate` says, which is told its number from 1.

        0 loses it: the event leaves no trace that could be asked for again.
        """
        self._fate, self._sent = fate, count(1)

    def hold(self) -> None:
        """Keep events back until `release`."""
        self._held = []

    def release(self, *, reverse: bool = False, shuffle: random.Random | None = None) -> None:
        """Deliver what was held back: in order, in reverse, or as chance has it."""
        held, self._held = self._held or [], None
        if shuffle:
            shuffle.shuffle(held)
        for delivery in reversed(held) if reverse else held:
            self._dispatch(delivery)

    def redeliver(self, delivery_id: int) -> Delivery:
        """Deliver again under the same GUID; KeyError when there is no such delivery."""
        first = self.find(delivery_id)
        again = Delivery(
            id=next(self._numbers),
            guid=first.guid,
            event=first.event,
            action=first.action,
            payload=first.payload,
            installation=first.installation,
            repository=first.repository,
            redelivery=True,
        )
        self.deliveries.append(again)
        self._start(self._deliver(again))
        return again

    def find(self, delivery_id: int) -> Delivery:
        """Give a delivery by its number; KeyError when there is none."""
        for delivery in self.deliveries:
            if delivery.id == delivery_id:
                return delivery
        raise KeyError(delivery_id)

    async def idle(self) -> None:
        """Wait until nothing is on its way."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Stop delivering."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    def _dispatch(self, delivery: Delivery) -> None:
        if self._lost:
            self._lost -= 1
            delivery.status = "timed out"
            return
        self._start(self._deliver(delivery))
        if self._duplicated:
            self._duplicated -= 1
            self._start(self._deliver(delivery))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery) -> None:
        body = json.dumps(delivery.payload).encode()
        begun = time.monotonic()
        with _failures(delivery):
            if self.url is None:
                raise aiohttp.ClientError("no webhook address is set")
            headers = self.headers(delivery, body)
            async with self._session.post(self.url, data=body, headers=headers) as answer:
                delivery.answer = await answer.text()
                delivery.status_code = answer.status
                delivery.status = "OK" if answer.ok else f"Invalid HTTP Response: {answer.status}"
        delivery.duration = time.monotonic() - begun

    def headers(self, delivery: Delivery, body: bytes) -> dict[str, str]:
        """Give the headers with which a payload goes out, signatures included."""
        secret = self.app.webhook_secret.encode()
        return {
            "Content-Type": "application/json",
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Hook-Installation-Target-ID": str(self.app.id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature": "sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest(),
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest(),
        }


def _once(_number: int) -> int:
    return 1


@contextlib.contextmanager
def _failures(delivery: Delivery) -> Iterator[None]:
    """Record that the App was not reached or did not answer in time."""
    try:
        yield
    except TimeoutError:
        delivery.status = "timed out"
    except aiohttp.ClientError as error:
        delivery.status = f"failed to connect to host: {error}"
