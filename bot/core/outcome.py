"""Judging a test run from how it ended and what it said; doubt is never a success."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from bot.core.counts import Counts, quantity, read_counts
from bot.core.misconfigured import mistake
from bot.core.model import Conclusion, TestReport
from bot.core.printable import last_lines, printable
from bot.core.results import Results

TAIL_LINES = 60
KIB, MIB, GIB = 2**10, 2**20, 2**30
_STATUS_ALONE = "The output has no test counts that we know; only the exit status was looked at."
_LOADING = "Check the test labels configured for this branch, and the imports of the tests."
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
    unsound: bool = False


_STOPPED: dict[Ending, Callable[[Limits], str]] = {
    Ending.MEMORY: lambda limits: f"more than {limits.memory / GIB:.1f} GiB of memory",
    Ending.PROCESSES: lambda limits: f"more than {limits.processes} processes",
    Ending.OUTPUT: lambda limits: f"more than {limits.output / MIB:.0f} MiB of output",
    Ending.FILES: lambda limits: f"more than {limits.temporary / MIB:.0f} MiB of temporary files",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a run left beside its output.

    `results` are None where nothing told of single tests. `complaint` is the sentence about a
    file that had to be there. `status_alone` says that nothing but the exit status counts.
    """

    results: Results | None = None
    complaint: str = ""
    status_alone: bool = False


def judge(run: Run, limits: Limits, evidence: Evidence | None = None) -> TestReport:
    """Judge a run; interpreter, sandbox and command are left for the caller to fill in."""
    output = printable(run.output)
    evidence = evidence or Evidence()
    completed = run.ending is Ending.EXITED
    if completed and (wrong := mistake(run.status, output, evidence.results)):
        return _misconfigured(run, output, wrong)
    counts = read_counts(output) if completed and not evidence.status_alone else None
    sentence = _sentence(run, counts, limits, evidence)
    whole = evidence.results if evidence.results and evidence.results.whole else None
    ran = counts.ran if counts else len(whole.tests) if whole and completed else None
    known = TestReport(
        conclusion=sentence.conclusion,
        title=sentence.title,
        ran=ran,
        failed=counts.failed if counts else None,
        skipped=counts.skipped if counts else None,
        seconds=run.seconds,
        tail=last_lines(output, TAIL_LINES),
        notes=tuple(filter(None, (sentence.note, _cut(evidence)))),
        completed=completed,
        unsound=sentence.unsound,
        output=output,
    )
    if whole is None or not completed:
        return known
    return replace(known, results=whole.tests, failed=len(whole.failing), skipped=whole.skipped)


def _misconfigured(run: Run, output: str, wrong: str) -> TestReport:
    return TestReport(
        Conclusion.NEUTRAL,
        f"Tests not run: {wrong}",
        seconds=run.seconds,
        tail=last_lines(output, TAIL_LINES),
        notes=("Check the tests configured for this branch.",),
        output=output,
    )


def _cut(evidence: Evidence) -> str:
    if evidence.results is None or evidence.results.whole:
        return ""
    return (
        f"The list of results ends early, after {quantity(len(evidence.results.tests), 'test')}: "
        "it was too long, or there was no room for it. Only the counts were looked at."
    )


def _sentence(run: Run, counts: Counts | None, limits: Limits, evidence: Evidence) -> _Sentence:
    if run.ending is Ending.WALL:
        return _Sentence(Conclusion.TIMED_OUT, f"Timed out after {limits.wall:g} s")
    if run.ending is not Ending.EXITED:
        return _failure(f"Stopped: {_STOPPED[run.ending](limits)}")
    if evidence.complaint:
        return _unsound(evidence.complaint)
    if evidence.results and evidence.results.whole:
        return _by_results(run, counts, evidence.results)
    if counts is None:
        return _by_status(run, "" if evidence.status_alone else _STATUS_ALONE)
    return _by_counts(run, counts)


def _by_results(run: Run, counts: Counts | None, results: Results) -> _Sentence:
    ran, failing = counts.ran if counts else len(results.tests), len(results.failing)
    if ran == 0 and not failing:
        return _no_tests()
    if run.status == 0 and failing:
        return _unsound(
            f"The command succeeded, though {quantity(failing, 'test')} failed",
            "Its exit status cannot be relied on.",
        )
    if failing and all(test.id in results.unloadable for test in results.failing):
        return _failure(f"{quantity(failing, 'test module')} could not be loaded", _LOADING)
    if failing:
        return _failure(f"{failing} of {quantity(max(ran, failing), 'test')} failed")
    if run.status:
        return _unsound(f"The command {_status(run.status)}, though no test failed")
    return _passed(run, ran, results.skipped)


def _by_status(run: Run, note: str) -> _Sentence:
    if run.status == 0:
        return _Sentence(
            Conclusion.SUCCESS, f"The command succeeded in {_duration(run.seconds)}", note
        )
    return _failure(f"The command {_status(run.status)}", note)


def _by_counts(run: Run, counts: Counts) -> _Sentence:
    if counts.ran == 0 and not counts.problem:
        return _no_tests()
    if (run.status == 0) == bool(counts.problem):
        said = counts.problem or f"{quantity(counts.ran, 'test')} passed"
        return _unsound(
            "The output contradicts the exit status",
            f"The output says: {said}. The command {_status(run.status)}.",
        )
    if counts.unloadable:
        return _failure(f"Tests could not be loaded: {counts.problem}", _LOADING)
    if counts.problem:
        return _failure(counts.problem)
    return _passed(run, counts.ran, counts.skipped)


def _passed(run: Run, ran: int, skipped: int) -> _Sentence:
    if skipped >= ran:
        return _unsound(f"Nothing was tested: {quantity(ran, 'test')}, all skipped")
    also = f", {skipped} skipped" if skipped else ""
    passed = quantity(ran - skipped, "test")
    return _Sentence(Conclusion.SUCCESS, f"{passed} passed{also} in {_duration(run.seconds)}")


def _no_tests() -> _Sentence:
    return _unsound("No tests ran", "Check the test labels configured for this branch.")


def _failure(title: str, note: str = "") -> _Sentence:
    return _Sentence(Conclusion.FAILURE, title, note)


def _unsound(title: str, note: str = "") -> _Sentence:
    return _Sentence(Conclusion.FAILURE, title, note, unsound=True)


def _status(status: int) -> str:
    try:
        return f"was killed by {signal.Signals(status - _SIGNALLED).name}"
    except ValueError:
        return f"ended with status {status}"


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s"
