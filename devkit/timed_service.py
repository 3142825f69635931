"""The real service with a clock that a story moves: it reads how far it is ahead from a file."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devkit.github import LocalGitHub
from devkit.service import Service

_VARIABLE = "STABLEHAND_DEVKIT_CLOCK"
UNDER_WAY = frozenset({"ENQUEUED", "PENDING"})
"""The states of work that goes on."""

_CLOCKWORK = frozenset({"look at votes", "sweep", "tidy"})
_EACH_SECOND = "* * * * * *"
REPAIR = "STABLEHAND_DEVKIT_REPAIR"
"""The variable that says how often the service looks for what no webhook told, in cron's form.

Without it that is never done, so that stories can count what they bring about themselves.
"""


@dataclass(frozen=True, slots=True)
class MovedClock:
    """A clock that runs as the machine's does, some seconds ahead of it or behind."""

    file: Path

    def __call__(self) -> datetime:
        """Give the moment, in UTC."""
        return datetime.now(UTC) + self._ahead()

    def set(self, at: datetime) -> None:
        """Let it be this moment now."""
        ahead = (at - datetime.now(UTC)).total_seconds()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        new = self.file.with_suffix(".new")
        new.write_text(str(ahead))
        new.replace(self.file)

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.set(self() + by)

    def _ahead(self) -> timedelta:
        return timedelta(seconds=float(self.file.read_text()))


@dataclass
class TimedService(Service):
    """`bot.main.run` with a clock that can be moved, as its own process."""

    module: str = "devkit.timed_service"

    @property
    def clock(self) -> MovedClock:
        """Give the clock, which all starts of the service share."""
        return MovedClock(self.data / "clock")

    @property
    def database(self) -> Path:
        """Give the service's database."""
        return self.data / "stablehand.sqlite"

    def work(self) -> list[tuple[str, str]]:
        """Give the work that is not done with success, by name, with its status.

        The clock's own, which is never done, is left out.
        """
        query = "SELECT name, status FROM workflow_status WHERE name NOT LIKE 'tick %'"
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            found = [(name, status) for name, status in database.execute(query)]
        return [one for one in found if one[0] not in _CLOCKWORK and one[1] != "SUCCESS"]


@asynccontextmanager
async def timed_service(
    github: LocalGitHub, data: Path, now: datetime, environment: Mapping[str, str] | None = None
) -> AsyncIterator[TimedService]:
    """Run the service, and its GitHub, as if it were `now`, until the block ends."""
    moved = {_VARIABLE: str(data / "clock"), **(environment or {})}
    service = TimedService(github, data, moved)
    service.clock.set(now)
    github.site.world.clock = service.clock
    try:
        await service.start()
        yield service
    finally:
        await service.stop()


def main() -> None:
    """Do what `python -m bot serve` does, by the moved clock."""
    from bot import main as service  # noqa: PLC0415 - this module is also imported by tests

    clock = MovedClock(Path(os.environ[_VARIABLE]))
    time = service.Time(clock, _EACH_SECOND, os.environ.get(REPAIR))
    service.run("work" if sys.argv[1:] == ["work"] else "serve", time)


if __name__ == "__main__":
    main()
