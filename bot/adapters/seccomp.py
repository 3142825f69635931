"""A filter of system calls, as a program that the kernel runs before each call of a process."""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from bot.adapters.system_calls import NEWEST, NUMBERS, Refusal, Test

# linux/bpf_common.h: load a word, jump on a comparison with a constant, return a constant.
_LOAD, _EQUAL, _GREATER, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_KILL, _ERROR, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000  # linux/seccomp.h
_NUMBER, _MACHINE, _ARGUMENTS, _ARGUMENT_SIZE = 0, 4, 16, 8  # struct seccomp_data
_TESTS = {Test.EQUALS: _EQUAL, Test.HAS_ANY_BIT: _ANY_BIT}


@dataclass(frozen=True, slots=True)
class _Machine:
    column: int
    audit: int  # linux/audit.h


_MACHINES = {"x86_64": _Machine(0, 0xC000003E), "aarch64": _Machine(1, 0xC00000B7)}


def known_machine(machine: str | None = None) -> bool:
    """Tell whether there are numbers of system calls for this machine."""
    return (machine or platform.machine()) in _MACHINES


def program(refusals: Iterable[Refusal], machine: str | None = None) -> bytes:
    """Give the program that refuses these calls, and each that is newer than our list.

    Calls in the way of another machine, which have other numbers, kill the process. Raises
    KeyError for a machine whose numbers are not known.
    """
    here = _MACHINES[machine or platform.machine()]
    instructions = [
        _instruction(_LOAD, _MACHINE),
        _instruction(_EQUAL, here.audit, 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
        # This also refuses the calls of x32, whose numbers begin far above.
        _instruction(_GREATER, NEWEST, 0, 1),
        _instruction(_RETURN, _ERROR | errno.ENOSYS),
    ]
    for refusal in refusals:
        number = NUMBERS[refusal.call][here.column]
        if number is not None:
            instructions += _refused(number, refusal)
    return b"".join([*instructions, _instruction(_RETURN, _ALLOW)])


def _refused(number: int, refusal: Refusal) -> list[bytes]:
    refuse = _instruction(_RETURN, _ERROR | refusal.error)
    if refusal.test is None:
        return [_instruction(_EQUAL, number, 0, 1), refuse]
    argument = _ARGUMENTS + refusal.argument * _ARGUMENT_SIZE  # the lower half comes first
    return [
        _instruction(_EQUAL, number, 0, 4),
        _instruction(_LOAD, argument),
        _instruction(_TESTS[refusal.test], refusal.value, 0, 1),
        refuse,
        _instruction(_LOAD, _NUMBER),
    ]


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
