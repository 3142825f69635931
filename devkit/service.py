"""The real service as its own process beside a local GitHub, for tests and the demo."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from devkit.github import LocalGitHub

_ROOT = Path(__file__).parents[1]
_START_SECONDS = 120.0
_OWN = frozenset({"DATABASE_URL", "DYNO", "SENTRY_DSN", "HOST"})  # not those of whoever runs us


def _free_port() -> int:
    """Choose below the ports that the kernel hands out, where none is taken in between."""
    while True:
        port = random.randrange(10_000, 30_000)  # noqa: S311 - no secret
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@dataclass
class Service:
    """`python -m bot serve`, its address and its log; it can be killed and started again."""

    github: LocalGitHub
    data: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    module: str = "bot"
    process: asyncio.subprocess.Process | None = None

    def __post_init__(self) -> None:
        """Choose a free port, which stays the same over restarts."""
        self.port = _free_port()
        self.github.webhook_url = f"{self.url}/webhook"

    @property
    def url(self) -> str:
        """Give the service's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """Give the file that all starts append their log to."""
        return self.data / "service.log"

    async def start(self) -> None:
        """Start the process and wait until it is ready."""
        self.process = await self._run("serve")
        async with asyncio.timeout(_START_SECONDS), aiohttp.ClientSession() as http:
            while True:
                if self.process.returncode is not None:
                    raise RuntimeError(f"the service did not start:\n{self.log.read_text()}")
                try:
                    async with http.get(f"{self.url}/readyz") as answer:
                        if answer.status == 200:  # noqa: PLR2004 - ready
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)

    async def start_worker(self) -> asyncio.subprocess.Process:
        """Start a worker beside the service; it needs a database that takes several."""
        return await self._run("work")

    async def _run(self, command: str) -> asyncio.subprocess.Process:
        self.data.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self.module,
                command,
                cwd=_ROOT,
                env=self._environment(),
                stderr=log,
            )

    async def ask(self, *arguments: str) -> tuple[int, str]:
        """Run another command of the bot beside the service; give its exit code and its words."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", *arguments),
            cwd=_ROOT,
            env=self._environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    def kill(self) -> None:
        """Send SIGKILL, now; `ended` waits for the end."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()

    async def ended(self) -> int:
        """Wait until the process has ended and give its exit code; 0 if there is none."""
        code = 0 if self.process is None else await self.process.wait()
        self.process = None
        return code

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and give the exit code; stopping twice is fine."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)
        return await self.ended()

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in _OWN}
        app = self.github.app
        return {
            **inherited,
            "PORT": str(self.port),
            "STABLEHAND_DATA": str(self.data),
            "STABLEHAND_URL": self.url,
            "GITHUB_API_URL": self.github.api_url,
            "GITHUB_URL": self.github.url,
            "GITHUB_APP_ID": str(app.id),
            "GITHUB_PRIVATE_KEY": app.private_key,
            "GITHUB_WEBHOOK_SECRET": app.webhook_secret,
            "LOG_FORMAT": "json",
            **self.environment,
        }


@asynccontextmanager
async def running_service(
    github: LocalGitHub, data: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Service]:
    """Run the service until the block ends."""
    service = Service(github, data, environment or {})
    try:
        await service.start()
        yield service
    finally:
        await service.stop()
