"""Starts and stops DBOS in this process, with the settings that durable work needs."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypedDict

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from bot.core.errors import UserError
from bot.engine import dbos_log
from bot.engine.database import Monitor, Store, parse
from bot.engine.reaper import PostgresStore
from bot.engine.sqlite_store import SqliteStore

# DBOS runs only work of its own version, so that a changing one would strand what is under way.
# A workflow's steps may change only behind `DBOS.patch_async`.
VERSION = "1"

_CORES = os.cpu_count() or 1


class _Limits(TypedDict, total=False):
    worker_concurrency: int  # in each process
    partition_concurrency: int  # over all processes


QUEUES: dict[str, _Limits] = {
    "deliveries": {"worker_concurrency": 8},
    # Partitioned by repository: one at a time in each, several repositories side by side.
    "branches": {"partition_concurrency": 1, "worker_concurrency": 4},
    # More than there are cores: the runner lets as many run at a time, the others make ready.
    "tests": {"worker_concurrency": 2 * _CORES},
    # Tests that run elsewhere: they only wait, and need no core of ours.
    "waiting": {"worker_concurrency": 200},
    "reports": {"partition_concurrency": 1, "worker_concurrency": 4},
}
ALL_QUEUES = frozenset(QUEUES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How this process takes part in the durable work; all times in seconds.

    `database_url` is `sqlite:////absolute/path` or `postgresql://…`. `executor_name` names the
    process for people (a dyno, a host). A process without `queues` only accepts work. `on_bug`
    gets every unexpected exception that ends a workflow.

    A step that meets `Transient` is tried up to `tries` times, after the pause that it asks for
    or else `first_pause`, doubled each time up to `longest_pause`.
    """

    database_url: str
    executor_name: str
    queues: frozenset[str]
    on_bug: Callable[[Exception], object]
    poll_seconds: float = 0.3
    accept_seconds: float = 8.0
    grace_seconds: float = 3.0
    tries: int = 12
    first_pause: float = 1.0
    longest_pause: float = 300.0
    probe_seconds: float = 3.0
    lease_seconds: float = 30.0


@dataclass(slots=True)
class Process:
    """What this process is running now."""

    options: Options
    monitor: Monitor
    workflows: set[asyncio.Task[Any]] = field(default_factory=set)
    stopping: bool = False

    @contextmanager
    def tracking(self) -> Iterator[None]:
        """Count the current task as a workflow, to be stopped with the process."""
        task = asyncio.current_task()
        if task is None or self.stopping:
            raise asyncio.CancelledError  # claimed too late: the next start finds it
        self.workflows.add(task)
        try:
            yield
        finally:
            self.workflows.discard(task)


class _Here:
    """DBOS is one per process, and so is what belongs to it."""

    process: Process | None = None


def current() -> Process:
    """Give the running process; calling it outside of `running` is a bug."""
    if _Here.process is None:
        raise RuntimeError("durable work needs `async with running(options)` around it")
    return _Here.process


@asynccontextmanager
async def running(options: Options) -> AsyncIterator[None]:
    """Run durable work on this loop until the block ends, then stop within ten seconds.

    Work that does not finish in `grace_seconds` is cut off between or within steps; the next
    start, or a peer, goes on with it. Raises UserError where the database cannot be used.
    """
    store = _store(options)
    async with store.claimed():
        process = Process(options, Monitor(store))
        _Here.process = process
        try:
            await _launch(store, options)
            async with store.watched(_recover):
                yield
        finally:
            await _stop(process)
            process.monitor.close()
            _Here.process = None


def _store(options: Options) -> Store:
    url = parse(options.database_url)
    if url.drivername == "sqlite":
        return SqliteStore(Path(url.database or ""))
    return PostgresStore(
        url.render_as_string(hide_password=False),
        options.executor_name,
        probe_seconds=options.probe_seconds,
        lease_seconds=options.lease_seconds,
    )


def _recover(executor_id: str) -> None:
    # Private, but the only call that moves a workflow just if it still belongs to that executor,
    # and that keeps its queue, partition and number of attempts.
    DBOS._recover_pending_workflows([executor_id])  # noqa: SLF001 - see above


async def _launch(store: Store, options: Options) -> None:
    dbos_log.calm()
    config: DBOSConfig = {
        "name": "stablehand",
        "system_database_url": store.url,
        "sys_db_pool_size": store.pool_size,
        "db_engine_kwargs": store.engine_kwargs(),
        "application_version": VERSION,
        "executor_id": store.executor_id,
        "serializer": DBOSPortableJSONSerializer(),
        "max_executor_threads": 16,
        "log_level": "WARNING",
    }
    DBOS(config=config)
    DBOS.listen_queues(sorted(options.queues))
    try:
        DBOS.launch()  # on the loop's own thread: that is how DBOS finds the loop
    except sa.exc.DBAPIError as error:
        raise UserError(f"The database of DATABASE_URL cannot be used: {error.orig}") from error
    for name in sorted(options.queues):
        await DBOS.register_queue_async(
            name,
            polling_interval_sec=options.poll_seconds,
            on_conflict="always_update",
            **QUEUES[name],
        )


async def _stop(process: Process) -> None:
    """Claim nothing more, let workflows finish for a while, cut off the rest, destroy DBOS."""
    process.stopping = True
    dbos_log.silence()
    grace = process.options.grace_seconds
    destroyed = asyncio.Event()
    loop = asyncio.get_running_loop()
    patience = math.ceil(grace) + 1 if process.workflows else 0

    def destroy() -> None:
        DBOS.destroy(workflow_completion_timeout_sec=patience)
        loop.call_soon_threadsafe(destroyed.set)

    # A daemon: in a database outage it may hang, and must not hold up the end of the process.
    threading.Thread(target=destroy, name="dbos-destroy", daemon=True).start()
    await _finish(process.workflows, grace)
    try:
        async with asyncio.timeout(3):
            await destroyed.wait()
    except TimeoutError:
        pass
    # DBOS lent the loop its threads and has taken them away.
    loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="loop"))


def leave(code: int) -> NoReturn:
    """Exit after `running`, even while threads of DBOS wait for a database that is gone.

    They repeat their question for ever, and Python would wait for them.
    """
    deadline = time.monotonic() + 0.5
    threads = [known for known in threading.enumerate() if known.name.startswith("dbos-executor-")]
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


async def _finish(workflows: set[asyncio.Task[Any]], grace: float) -> None:
    if not workflows:
        return
    _, left = await asyncio.wait(workflows, timeout=grace)
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=1)
