"""A process that starts a command confined by Landlock and seccomp, and ends all that it leaves.

It is the parent of whatever loses its own, so that nothing of the command can hide from it. It
ends everything on SIGTERM, which it also gets when the service dies. It runs by itself:
`python -c … FD`, where FD is a file in memory that holds a `Confinement` as JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from bot.adapters import landlock
from bot.adapters.process_family import Member, family
from bot.adapters.seccomp import program
from bot.adapters.system_calls import ALONE, ALWAYS, NO_SIGNALS

# linux/prctl.h
_PDEATHSIG, _KEEPCAPS, _SECCOMP, _BOUND_DROP = 1, 8, 22, 24
_CHILD_SUBREAPER, _NO_NEW_PRIVS, _AMBIENT = 36, 38, 47
_AMBIENT_RAISE, _FILTER = 2, 2
_READ_ANYTHING = 2  # CAP_DAC_READ_SEARCH
_CAPABILITIES = 64
_CAPABILITY_VERSION = 0x20080522
_NOT_STARTED = 127
_PAUSE = 0.005
_SIGNALS = (signal.SIGTERM, signal.SIGCHLD)


@dataclass(frozen=True, slots=True)
class Confinement:
    """What is run and how: `limits` are `RLIMIT_…` without that prefix, and their values.

    `user` is who it runs as, where the service is root; `parent` is the service's pid and `states`
    an open pipe on which the exit status is told as bubblewrap tells it.
    """

    command: tuple[str, ...]
    env: Mapping[str, str]
    folder: str
    readable: tuple[str, ...]
    writable: tuple[str, ...]
    limits: Mapping[str, int]
    nice: int
    landlock: int
    user: int | None
    parent: int
    states: int


def main(given: int) -> NoReturn:
    """Run what the file in memory says, to its end or ours."""
    with os.fdopen(given, "rb") as file:
        wanted = Confinement(**json.load(file))
    _control(_CHILD_SUBREAPER, 1)
    _control(_PDEATHSIG, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    if os.getppid() != wanted.parent:
        sys.exit(1)
    sys.exit(_kept(wanted))


def _kept(wanted: Confinement) -> int:
    ready, tell_ready = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ready)
        _become(wanted, tell_ready)
    os.close(tell_ready)
    status = _status_of(child)
    _end_all()
    problem = os.read(ready, 4096)
    if problem:
        sys.stdout.write(problem.decode(errors="replace"))
        return 1
    if status is None:
        return 1
    os.write(wanted.states, json.dumps({"exit-code": status}).encode())
    return status


def _status_of(child: int) -> int | None:
    """Wait for the command to end and give its status, None where we are told to end it."""
    while True:
        if signal.sigwait(_SIGNALS) == signal.SIGTERM:
            return None
        for ended, status in _reaped():
            if ended == child:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code


def _reaped() -> list[tuple[int, int]]:
    found = []
    try:
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            found.append(ended)
    except ChildProcessError:  # none is left
        pass
    return found


def _end_all() -> None:
    """Kill every descendant: stop them first, so that none starts another meanwhile."""
    stopped: set[Member] = set()
    own = os.getpid()
    while new := {one for one in family(own) if one.pid != own} - stopped:
        _signal(new, signal.SIGSTOP)
        stopped |= new
    while _has_children():
        _signal({one for one in family(own) if one.pid != own}, signal.SIGKILL)
        _reaped()
        time.sleep(_PAUSE)


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _signal(members: set[Member], number: signal.Signals) -> None:
    for member in members:
        try:
            os.kill(member.pid, number)
        except ProcessLookupError:  # it ended meanwhile
            continue


def _become(wanted: Confinement, tell: int) -> NoReturn:
    """Give up all rights, in the child, and become the command."""
    try:
        _confine(wanted)
        try:
            os.execvpe(wanted.command[0], wanted.command, dict(wanted.env))  # noqa: S606 - no shell is wanted
        except OSError as error:
            os.write(1, f"failed to execute {wanted.command[0]}: {error.strerror}\n".encode())
    except BaseException as error:  # noqa: BLE001 - whatever it is: the command must not run
        os.write(tell, f"{type(error).__name__}: {error}\n".encode())
    os._exit(_NOT_STARTED)


def _confine(wanted: Confinement) -> None:
    _control(_PDEATHSIG, signal.SIGKILL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores
        signal.signal(number, signal.SIG_DFL)
    os.setpriority(os.PRIO_PROCESS, 0, wanted.nice)
    for name, value in wanted.limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
    os.chdir(wanted.folder)
    _control(_NO_NEW_PRIVS, 1)
    landlock.confine(map(Path, wanted.readable), map(Path, wanted.writable), wanted.landlock)
    if wanted.user is not None:
        _step_down(wanted.user)
    signals = () if wanted.landlock >= landlock.KEEPS_SIGNALS else NO_SIGNALS
    _filter(program((*ALWAYS, *ALONE, *signals)))


def _step_down(user: int) -> None:
    """Become a user of no rights but one: to read by path what only root may, in Landlock's bounds.

    Interpreters and trees lie in folders that nobody else may enter.
    """
    for capability in range(_CAPABILITIES):
        if capability != _READ_ANYTHING:
            _libc().prctl(_BOUND_DROP, capability, 0, 0, 0)  # fails for those that do not exist
    _control(_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    kept = 1 << _READ_ANYTHING
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)(kept, kept, kept, 0, 0, 0)
    _checked(_libc().capset(header, sets), "capset")
    _control(_AMBIENT, _AMBIENT_RAISE, _READ_ANYTHING)


def _filter(instructions: bytes) -> None:
    buffer = ctypes.create_string_buffer(instructions, len(instructions))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    whole = Program(len(instructions) // 8, ctypes.addressof(buffer))
    _control(_SECCOMP, _FILTER, ctypes.addressof(whole))


def _control(option: int, value: int, third: int = 0) -> None:
    arguments = (ctypes.c_ulong(word) for word in (value, third, 0, 0))
    _checked(_libc().prctl(option, *arguments), f"prctl {option}")


def _checked(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
