"""The attempts, as a program that runs inside the sandbox with nothing but the standard library.

`main(NAME, FACTS)` prints `through: …` where the attempt got anywhere, else `stopped: …`. What an
attempt uses is bounded by itself too, should the sandbox not hold: 1,500 processes, 3 GiB of
memory, 2 GiB of files, 1 GiB of output, a minute.
"""

from __future__ import annotations

import ctypes
import errno
import json
import sys

from devkit.attacks import exhausting, reaching
from devkit.attacks.facts import Facts

ATTEMPTS = {one.__name__: one for one in (*reaching.ATTEMPTS, *exhausting.ATTEMPTS)}
_GET_SECCOMP, _FILTERED = 21, 2  # linux/prctl.h


def main(name: str, facts: str) -> None:
    """Make one attempt and say what came of it."""
    if ctypes.CDLL(None).prctl(_GET_SECCOMP, 0, 0, 0, 0) != _FILTERED:
        sys.exit("this is no sandbox: nothing is tried")
    try:
        got = ATTEMPTS[name](Facts(**json.loads(facts)))
        said = f"through: {got}" if got else "stopped: no effect"
    except OSError as error:
        said = f"stopped: {errno.errorcode.get(error.errno or 0, 'time')}"
    except MemoryError:
        said = "stopped: ENOMEM"
    print(f"\n{said}", flush=True)
