"""One worker at a time on a mirror, over all processes of this machine."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

PAUSE = 0.02  # seconds between two looks; a waiting task can so be cancelled at any time


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[int]:
    """Hold a lock file; the kernel frees it when the process ends, however it ends.

    It excludes other tasks of this process as well, and belongs to no event loop. Children that
    inherit the descriptor which is given hold the lock too, as long as they live.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _try_lock(descriptor):  # noqa: ASYNC110 - no other process can set an event here
            await asyncio.sleep(PAUSE)
        yield descriptor
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
