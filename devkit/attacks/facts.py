"""What an attacker may well know, and what an attempt is."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TEMPORARY = Path(os.environ.get("TMPDIR", "/nowhere"))


@dataclass(frozen=True)
class Facts:
    """What an attacker may well know: where the service is, what its files are called."""

    pid: int
    tcp: int
    udp: int
    folder: str
    abstract: str
    mark: str
    results: str


Attempt = Callable[[Facts], str | None]
"""Gives what it got, if anything, or raises OSError where it was refused."""


def checked(result: int) -> None:
    """Raise OSError where a call of the C library failed."""
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
