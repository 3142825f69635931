"""Keeps the log of DBOS readable: through our handlers, a line per event, and rarely the same."""

from __future__ import annotations

import logging
import time
from collections import Counter

_WINDOW = 60.0  # seconds
_ALLOWED = 5  # lines of one origin in each window


class _Calm(logging.Filter):
    """Lets each line of DBOS's code speak a few times a minute, without tracebacks.

    A database outage writes thousands of equal lines; a failed workflow is reported by us.
    """

    def __init__(self) -> None:
        super().__init__()
        self._since = 0.0
        self._seen: Counter[tuple[str, int]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now - self._since > _WINDOW:
            self._since = now
            self._seen.clear()
        if record.exc_info and record.exc_info[1] is not None:
            record.msg = f"{record.getMessage()} {record.exc_info[1]!r}"
            record.args = ()
            record.exc_info = None
        origin = (record.pathname, record.lineno)
        self._seen[origin] += 1
        return self._seen[origin] <= _ALLOWED


def calm() -> None:
    """Prepare the logger of DBOS; called before DBOS is made, which would print by itself."""
    logger = logging.getLogger("dbos")
    if not any(isinstance(known, _Calm) for known in logger.filters):
        logger.addHandler(logging.NullHandler())
        logger.addFilter(_Calm())
    logger.propagate = True


def silence() -> None:
    """Drop what DBOS says while it is torn down: hundreds of lines on work that we stopped."""
    logging.getLogger("dbos").setLevel(logging.CRITICAL)
