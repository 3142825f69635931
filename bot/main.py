"""The composition root of the service: the place that knows every part and joins them."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal, NoReturn

from aiohttp import web

import handlers
from bot import observe
from bot.adapters import github
from bot.adapters.applied import apply
from bot.adapters.git.mirror import GitMirror, GitMirrors, Home
from bot.adapters.git.partial_mirror import PartialMirror
from bot.adapters.git.run import git_version
from bot.adapters.github import AppClient
from bot.adapters.github_session import AppIdentity
from bot.adapters.hidden import hide_memory
from bot.adapters.job import Mode
from bot.adapters.logs import LogFolder
from bot.adapters.runner import sandbox_runner
from bot.adapters.runner_process import runner_process
from bot.adapters.sandbox import Sandbox
from bot.adapters.scratch import scratch, sweep_scratch
from bot.adapters.signer import signer
from bot.core.config import BOT_EMAIL, BOT_NAME
from bot.core.errors import Transient
from bot.engine import (
    accept,
    durable,
    explaining,
    register,
    releasing,
    repair,
    sweep,
    timing,
    world,
)
from bot.machine_ports import Runner
from bot.observe import Observability
from bot.replay import Replayed, replay
from bot.settings import Settings, environment
from bot.web import app, explain, release
from bot.web.explain import Explanations
from bot.web.health import Check, Health
from bot.web.logs import LogPages
from bot.web.release import ReleasePages
from bot.web.sparing import Sparing
from bot.web.webhook import Receipt, Webhook

_MIRRORS: Mapping[str, type[GitMirror]] = {"full": GitMirror, "partial": PartialMirror}
_LEAST_DISK = 1 << 30  # bytes free below which the service is not ready: a mirror may need it
_WEB_GRACE = 1.0  # seconds for requests under way when the service stops


Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Give the time of this machine, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Time:
    """The time by which votes open and close, and how often things are looked at (cron's form).

    `tick` is for what is due, `repair` for what no webhook told; None lets that go.
    """

    clock: Clock = utc_now
    tick: str = timing.EACH_MINUTE
    repair: str | None = repair.EACH_HOUR


NOW = Time()


def run(command: Literal["serve", "work"], time: Time = NOW) -> NoReturn:
    """Run the service or a worker until it is told to stop, and end the process."""
    asyncio.run(_serve(time) if command == "serve" else _work(time))
    durable.leave(0)


async def _serve(time: Time) -> None:
    """Run the service until it is told to stop: webhooks, and the work they ask for."""
    settings = Settings.load("serve")
    watch = observe.start(settings)
    async with _working(settings, watch, time) as sandbox:
        runner = web.AppRunner(_application(settings, watch, sandbox), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, settings.host, settings.port, shutdown_timeout=_WEB_GRACE)
        await site.start()
        address = runner.addresses[0]
        watch.note("listening", host=address[0], port=address[1])
        await _told_to_stop()
        watch.note("stopping")
        await runner.cleanup()
    watch.note("stopped")


async def _work(time: Time) -> None:
    """Run a worker until it is told to stop."""
    settings = Settings.load("work")
    watch = observe.start(settings)
    async with _working(settings, watch, time):
        watch.note("working")
        await _told_to_stop()
        watch.note("stopping")
    watch.note("stopped")


@asynccontextmanager
async def _working(settings: Settings, watch: Observability, time: Time) -> AsyncIterator[Sandbox]:
    """Connect everything that the workflows use, and run them."""
    data = settings.stablehand_data
    data.mkdir(parents=True, exist_ok=True)
    hide_memory()
    sweep_scratch(data)
    _logs(settings).sweep()
    watch.note("git", version=".".join(map(str, await git_version())))
    sandbox = Sandbox(spare=data)
    watch.note("sandbox", mode=_words(await sandbox.probe()))
    options = durable.Options(
        database_url=settings.database_url.get_secret_value(),
        executor_name=settings.dyno or socket.gethostname(),
        queues=durable.ALL_QUEUES,
        on_bug=watch.bug,
    )
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            github.connect(_identity(settings), watch, translate=handlers.translate)
        )
        runner = await stack.enter_async_context(runner_process(data, environment()))
        world.install(_world(settings, watch, client, runner, time.clock))
        await stack.enter_async_context(register.opened(options.database_url))
        await stack.enter_async_context(durable.running(options))
        await sweep.begin()
        await timing.begin(time.tick)
        if time.repair:
            await repair.begin(time.repair)
        yield sandbox


@asynccontextmanager
async def looking(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[None]:
    """Connect what a command needs that reads GitHub and the register, and runs no work."""
    data = settings.stablehand_data
    data.mkdir(parents=True, exist_ok=True)
    watch = observe.start(settings)
    runner = sandbox_runner(Sandbox(spare=data), data, environment())
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(github.connect(_identity(settings), watch))
        await stack.enter_async_context(register.opened(settings.database_url.get_secret_value()))
        world.install(_world(settings, watch, client, runner, clock))
        yield


def replayed(stored: object, event: str | None) -> Replayed:
    """Say what the handlers make of a stored delivery; raises UserError where it is none."""
    return replay(stored, event, handlers.translate, handlers.EVENTS)


def _identity(settings: Settings) -> AppIdentity:
    key = settings.github_private_key.get_secret_value()
    return AppIdentity(settings.github_api_url, settings.github_app_id, key)


def _world(
    settings: Settings, watch: Observability, client: AppClient, runner: Runner, clock: Clock
) -> world.World:
    data, bot = settings.stablehand_data, f"{BOT_NAME} <{BOT_EMAIL}>"
    home = Home(data, settings.github_url, bot, environment(), watch.note)
    return world.World(
        app=client,
        mirrors=GitMirrors(home, _MIRRORS[settings.stablehand_mirror]),
        runner=runner,
        scratch=partial(scratch, "tree", data),
        apply=apply,
        logs=_logs(settings),
        observer=watch,
        clock=clock,
        sign=signer(settings.github_private_key.get_secret_value()),
    )


def _application(settings: Settings, watch: Observability, sandbox: Sandbox) -> web.Application:
    def noticed(receipt: Receipt) -> None:
        watch.metrics.delivery(receipt.event or "unverified", str(receipt.status))
        watch.note("delivery", status=receipt.status, line=receipt.line, delivery=receipt.guid)

    webhook = Webhook(
        secret=settings.github_webhook_secret.get_secret_value(),
        translate=handlers.translate,
        accept=accept.accept,
        noticed=noticed,
    )
    checks: dict[str, Check] = {
        "database": _database,
        "git": _git,
        "disk": partial(_disk, settings.stablehand_data),
        "sandbox": partial(_sandbox, sandbox),
    }
    health = Health(checks, partial(_metrics, watch))
    clock, site = world.world().clock, settings.github_url
    explanations = Explanations(
        Sparing(lambda asked: explaining.for_everybody(*asked), explain.NOWHERE), clock
    )
    releases = ReleasePages(
        Sparing(lambda asked: releasing.for_everybody(site, *asked), release.NOWHERE), clock
    )
    return app.build(webhook, health, LogPages(_logs(settings).find), explanations, releases)


def _logs(settings: Settings) -> LogFolder:
    folder = settings.stablehand_data / "logs"
    return LogFolder(folder, settings.stablehand_url, settings.stablehand_log_days)


async def _metrics(watch: Observability) -> bytes:
    """Give the figures; without the database those of the workflows are as old as its outage."""
    with suppress(Transient):
        counts: Counter[str] = Counter()
        for (_, status), count in (await durable.workload()).items():
            counts[status] += count
        watch.metrics.workflows(counts)
    return watch.metrics.render_metrics()


async def _database() -> tuple[bool, str]:
    counts = await durable.workload()
    waiting = sum(n for (_, status), n in counts.items() if status in {"ENQUEUED", "PENDING"})
    return True, f"reachable, {waiting} workflows under way"


async def _git() -> tuple[bool, str]:
    return True, ".".join(map(str, await git_version()))


async def _disk(data: Path) -> tuple[bool, str]:
    free = shutil.disk_usage(data).free
    writable = os.access(data, os.W_OK)
    return free >= _LEAST_DISK and writable, f"{free >> 20} MiB free, writable: {writable}"


async def _sandbox(sandbox: Sandbox) -> tuple[bool, str]:
    # Without one the service is still of use: it says on each check run why nothing was run.
    return True, _words(await sandbox.probe())


def _words(mode: Mode) -> str:
    return mode.name or f"none: {mode.reason}"


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
