"""Take away the lock files that a killed git left in a mirror: no git would go past them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def remove_stale_locks(mirror: Path) -> None:
    """Remove git's lock files; the mirror's own lock must be held.

    Whoever holds that knows that no git of ours lives there: each one holds it too, to its end.
    """
    for lock in _locks(mirror):
        lock.unlink(missing_ok=True)


def _locks(mirror: Path) -> Iterator[Path]:
    yield from mirror.glob("*.lock")
    yield from (mirror / "refs").rglob("*.lock")
    yield from (mirror / "objects" / "info").rglob("*.lock")
    yield from mirror.glob("gc.pid*")
