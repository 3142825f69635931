"""What is run shut up, and what the ways of doing so have in common."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bot.core.outcome import Limits

# What shuts a command up is started with this; the command itself gets only what its job says.
ENVIRON = {"PATH": "/usr/bin:/bin"}
NICE = 10  # the service keeps the upper hand, even over hundreds of busy processes


@dataclass(frozen=True, slots=True)
class Job:
    """A command to run shut up.

    `readable` pairs a path of the host with the place where the command sees it, read-only;
    `writable` does so for files that it may write to, but neither remove nor replace. `folder` is
    where it starts. Nothing else of the host can be written. `allow_weak` lets it run where there
    are no namespaces.
    """

    command: tuple[str, ...]
    readable: tuple[tuple[Path, str], ...] = ()
    writable: tuple[tuple[Path, str], ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    folder: str = "/"
    limits: Limits = field(default_factory=Limits)
    allow_weak: bool = False


class Strength(StrEnum):
    """How much shutting up is worth; `docs/sandbox.md` says what each holds."""

    STRONG = "strong"
    WEAK = "weak"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Mode:
    """How commands are shut up, in words for a report; `reason` is why it is not better."""

    name: str
    reason: str = ""
    strength: Strength = Strength.STRONG

    @property
    def usable(self) -> bool:
        """Tell whether anything may be run, if need be only by jobs that allow the weak one."""
        return self.strength is not Strength.NONE


@dataclass(frozen=True, slots=True)
class Launch:
    """A command line that shuts a job up, and the files that it needs open.

    Where it `keeps` its processes itself, it is told to end them; else they are killed one by one.
    `temporary` is its folder on the host, if it has one; `named` says an output in the job's terms.
    """

    argv: tuple[str, ...]
    fds: tuple[int, ...]
    keeps: bool = False
    temporary: Path | None = None
    named: Callable[[bytes], bytes] = bytes


@contextmanager
def in_memory(content: bytes) -> Iterator[int]:
    """Give an open file that has no name and holds these bytes, read from its beginning."""
    file = os.memfd_create("stablehand")
    try:
        os.write(file, content)
        os.lseek(file, 0, os.SEEK_SET)
        yield file
    finally:
        os.close(file)
