"""The outside as the workflows see it: set once by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.core.model import Repository
from bot.core.signature import Sign
from bot.core.split import FileChange
from bot.machine_ports import Logs, Observer, Runner
from bot.mirror_ports import Mirrors
from bot.ports import GitHub, GitHubApp


@dataclass(frozen=True, slots=True)
class World:
    """The adapters, a maker of folders that are gone when left, and who is told what happens.

    `apply` brings the files of a tree to another state. `clock` gives the moment in UTC, and is the
    only source of time for votes; `sign` gives the keyed hash by which our records are known.
    """

    app: GitHubApp
    mirrors: Mirrors
    runner: Runner
    scratch: Callable[[], AbstractContextManager[Path]]
    apply: Callable[[Sequence[FileChange], Path], None]
    logs: Logs
    observer: Observer
    clock: Callable[[], datetime]
    sign: Sign


_installed: list[World] = []


def install(world: World) -> None:
    """Make this the world of all workflows in this process."""
    _installed[:] = [world]


def world() -> World:
    """Give the installed world; workflows are registered before it exists."""
    return _installed[0]


def github(repository: Repository) -> GitHub:
    """Give the view of one repository."""
    return world().app.repository(repository)
