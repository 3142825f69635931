"""Landlock: a process gives up all access to files but to the paths that it names."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

LEAST = 3  # before it, files could be emptied
KEEPS_SIGNALS = 6  # from it on, signals to other processes are kept in
_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every machine
_VERSION, _PATH_BENEATH = 1, 1

# linux/landlock.h. What a file knows, what a folder knows too, by the ABI that brought it.
_EXECUTE, _WRITE, _READ, _READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_DEVICES = 1 << 6 | 1 << 11
_BASIC = (1 << 13) - 1
_REFER, _TRUNCATE, _IOCTL = 1 << 13, 1 << 14, 1 << 15
_NET = 0b11
_SCOPES = 0b11
_SINCE_NET, _SINCE_IOCTL = 4, 5

_READ_ONLY = _EXECUTE | _READ | _READ_FOLDER
_IN_A_FILE = _EXECUTE | _WRITE | _READ | _TRUNCATE


def abi() -> int:
    """Give the version of Landlock that the kernel has, 0 where it has none."""
    return max(0, int(_libc().syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)))


def confine(readable: Iterable[Path], writable: Iterable[Path], version: int) -> None:
    """Confine this process and all that it starts, for ever; what is missing is left out.

    `no_new_privs` must be set. Raises OSError where the kernel refuses.
    """
    handled = _BASIC | _REFER | _TRUNCATE | (_IOCTL if version >= _SINCE_IOCTL else 0)
    net = _NET if version >= _SINCE_NET else 0
    scopes = _SCOPES if version >= KEEPS_SIGNALS else 0
    words = {0: 1, _SINCE_NET: 2, KEEPS_SIGNALS: 3}
    size = 8 * next(words[since] for since in sorted(words, reverse=True) if version >= since)
    ruleset = _call(_CREATE, struct.pack("=QQQ", handled, net, scopes), ctypes.c_size_t(size), 0)
    try:
        for path in readable:
            _allow(ruleset, path, _READ_ONLY)
        for path in writable:
            _allow(ruleset, path, (_BASIC | _REFER | _TRUNCATE) & ~_MAKE_DEVICES)
        _call(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            rights &= _IN_A_FILE
        _call(_ADD, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
    finally:
        os.close(opened)


def _call(*arguments: object) -> int:
    libc = _libc()
    result = int(libc.syscall(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
