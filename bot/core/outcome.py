"""Judging a test run from how it ended and what it said; doubt is never a success."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from bot.core.counts import Counts, quantity, read_counts
from bot.core.model import Conclusion, TestReport
from bot.core.printable import last_lines, printable

TAIL_LINES = 60
KIB, MIB, GIB = 2**10, 2**20, 2**30
_SIGNALLED = 128  # a status over this stands for the signal that ended the command


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use. Sizes are in bytes, times in seconds.

    `memory` and `processes` count the whole run, `address_space`, `cpu` and `file_size` one
    process. Of the output `head` and `tail` are kept; at `output` the run is stopped.
    """

    wall: float = 300
    memory: int = GIB * 3 // 2
    processes: int = 512
    output: int = 64 * MIB
    head: int = 256 * KIB
    tail: int = 768 * KIB
    address_space: int = 2 * GIB
    cpu: int = 600
    file_size: int = 256 * MIB
    open_files: int = 1024
    temporary: int = 512 * MIB
    shared_memory: int = 64 * MIB


class Ending(Enum):
    """What ended a run: itself, or the limit that it went over."""

    EXITED = auto()
    WALL = auto()
    MEMORY = auto()
    PROCESSES = auto()
    OUTPUT = auto()
    FILES = auto()


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run. `status` means nothing unless it exited; `output` is what was kept."""

    ending: Ending
    status: int
    seconds: float
    output: bytes


@dataclass(frozen=True, slots=True)
class _Sentence:
    conclusion: Conclusion
    title: str
    note: str = ""


_STOPPED: dict[Ending, Callable[[Limits], str]] = {
    Ending.MEMORY: lambda limits: f"more than {limits.memory / GIB:.1f} GiB of memory",
    Ending.PROCESSES: lambda limits: f"more than {limits.processes} processes",
    Ending.OUTPUT: lambda limits: f"more than {limits.output / MIB:.0f} MiB of output",
    Ending.FILES: lambda limits: f"more than {limits.temporary / MIB:.0f} MiB of temporary files",
}


def judge(run: Run, limits: Limits) -> TestReport:
    """Judge a run; interpreter, sandbox and command are left for the caller to fill in."""
    output = printable(run.output)
    counts = read_counts(output) if run.ending is Ending.EXITED else None
    sentence = _sentence(run, counts, limits)
    return TestReport(
        conclusion=sentence.conclusion,
        title=sentence.title,
        ran=counts.ran if counts else None,
        failed=counts.failed if counts else None,
        skipped=counts.skipped if counts else None,
        seconds=run.seconds,
        tail=last_lines(output, TAIL_LINES),
        notes=(sentence.note,) if sentence.note else (),
    )


def _sentence(run: Run, counts: Counts | None, limits: Limits) -> _Sentence:
    if run.ending is Ending.WALL:
        return _Sentence(Conclusion.TIMED_OUT, f"Timed out after {limits.wall:g} s")
    if run.ending is not Ending.EXITED:
        return _failure(f"Stopped: {_STOPPED[run.ending](limits)}")
    if counts is None:
        return _by_status(run)
    if counts.ran == 0 and not counts.problem:
        return _failure("No tests ran", "Check the test labels configured for this branch.")
    return _by_counts(run, counts)


def _by_status(run: Run) -> _Sentence:
    note = "The output has no test counts that we know; only the exit status was looked at."
    if run.status == 0:
        return _Sentence(
            Conclusion.SUCCESS, f"The command succeeded in {_duration(run.seconds)}", note
        )
    return _failure(f"The command {_status(run.status)}", note)


def _by_counts(run: Run, counts: Counts) -> _Sentence:
    if (run.status == 0) == bool(counts.problem):
        said = counts.problem or f"{quantity(counts.ran, 'test')} passed"
        return _failure(
            "The output contradicts the exit status",
            f"The output says: {said}. The command {_status(run.status)}.",
        )
    if counts.unloadable:
        note = "Check the test labels configured for this branch, and the imports of the tests."
        return _failure(f"Tests could not be loaded: {counts.problem}", note)
    if counts.problem:
        return _failure(counts.problem)
    if counts.skipped == counts.ran:
        return _failure(f"Nothing was tested: {quantity(counts.ran, 'test')}, all skipped")
    skipped = f", {counts.skipped} skipped" if counts.skipped else ""
    passed = quantity(counts.ran - counts.skipped, "test")
    return _Sentence(Conclusion.SUCCESS, f"{passed} passed{skipped} in {_duration(run.seconds)}")


def _failure(title: str, note: str = "") -> _Sentence:
    return _Sentence(Conclusion.FAILURE, title, note)


def _status(status: int) -> str:
    try:
        return f"was killed by {signal.Signals(status - _SIGNALLED).name}"
    except ValueError:
        return f"ended with status {status}"


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s"
