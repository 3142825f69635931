"""Keeping what a process has in memory from other processes of the same user."""

from __future__ import annotations

import ctypes
import sys

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def hide_memory() -> None:
    """Keep others from reading this process's memory and environment (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
