"""What became of each test of a run, read from what hostile code may have written."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from bot.core.model import TestOutcome, TestResult
from bot.core.printable import printable

MOST_TESTS = 150_000
LONGEST_LINE = 16 * 1024  # bytes; reporters write less than half of that
_MOST_MESSAGES = 1_000  # a report shows fewer
_ID, _MESSAGE, _PATH = 300, 500, 400
_HIGHEST_LINE = 10_000_000
_FRAME = re.compile(r'^ *File "([^"\n]+)", line (\d+)|^([^\s:]+\.py):(\d+):', re.MULTILINE)
_RANK = {
    outcome: rank
    for rank, outcome in enumerate(
        (TestOutcome.SKIPPED, TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.ERROR)
    )
}
FAILING = frozenset({TestOutcome.FAILED, TestOutcome.ERROR})


class UnreadableError(Exception):
    """A file of results is not what it should be; the message ends a sentence about it."""


@dataclass(frozen=True, slots=True)
class Results:
    """All tests of a run, each once; `unloadable` has the ids of those that are no real tests.

    `whole` is false where the file ends early.
    """

    tests: tuple[TestResult, ...]
    unloadable: frozenset[str] = frozenset()
    whole: bool = True

    @property
    def failing(self) -> tuple[TestResult, ...]:
        """Give the tests that failed, in any way."""
        return tuple(test for test in self.tests if test.outcome in FAILING)

    @property
    def skipped(self) -> int:
        """Count the tests that were skipped."""
        return sum(test.outcome is TestOutcome.SKIPPED for test in self.tests)


class Place(NamedTuple):
    """A line (from 1) of a file in the tree; empty and 0 where unknown."""

    path: str
    line: int


NOWHERE = Place("", 0)


class Gathering:
    """Puts events together: a test is as bad as the worst of its parts."""

    def __init__(self) -> None:
        self._tests: dict[str, TestResult] = {}
        self._unloadable: set[str] = set()
        self._messages = 0
        self.whole = True

    def add(self, event: TestResult, *, unloadable: bool = False) -> None:
        """Take one event, with nothing in it cleaned yet."""
        test = self._cleaned(event)
        known = self._tests.get(test.id)
        if known is None and len(self._tests) >= MOST_TESTS:
            self.whole = False
            return
        if known is None or _RANK[test.outcome] > _RANK[known.outcome]:
            self._tests[test.id] = test
        if unloadable:
            self._unloadable.add(test.id)

    def results(self) -> Results:
        """Give all that was added."""
        return Results(tuple(self._tests.values()), frozenset(self._unloadable), self.whole)

    def _cleaned(self, event: TestResult) -> TestResult:
        id_ = _one_line(event.id, _ID)
        if event.outcome not in FAILING:
            return TestResult(id_, event.outcome)
        self._messages += 1
        if self._messages > _MOST_MESSAGES:
            return TestResult(id_, event.outcome)
        place = _inside(event.path, event.line)
        message = "\n".join(printable(event.message.encode(errors="replace")).split("\n")[:20])
        return replace(event, id=id_, path=place.path, line=place.line, message=message[:_MESSAGE])


def read_lines(lines: Iterable[bytes]) -> Results:
    """Read the lines that our reporters write; what is no such line is passed over.

    A last line without its end means that the file ends early.
    """
    gathering = Gathering()
    line = b"\n"
    for line in lines:
        _read_line(line, gathering)
    if not line.endswith(b"\n"):
        gathering.whole = False
    return gathering.results()


def last_place(text: str, trees: Iterable[str]) -> Place:
    """Give the last line that a traceback names of a file below one of `trees`."""
    found = NOWHERE
    for frame in _FRAME.finditer(text):
        path, line = frame[1] or frame[3], int((frame[2] or frame[4])[:8])
        tree = next((tree for tree in trees if path.startswith(f"{tree}/")), None)
        # pytest's own form is of paths in the tree.
        place = _inside(path.removeprefix(f"{tree}/"), line) if tree or frame[3] else NOWHERE
        found = place if place.path else found
    return found


def _read_line(line: bytes, gathering: Gathering) -> None:
    try:
        event = json.loads(line)
        outcome = TestOutcome(event["outcome"])
        test = str(event["id"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return
    path, number = event.get("path", ""), event.get("line", 0)
    known = isinstance(path, str) and type(number) is int
    place = Place(path, number) if known else NOWHERE
    message = str(event.get("message", ""))
    gathering.add(
        TestResult(test, outcome, *place, message), unloadable=event.get("unloadable") is True
    )


def _inside(path: str, line: int) -> Place:
    """Give a place that a report may name: a plain path in the tree, and a line."""
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or not 0 < line < _HIGHEST_LINE:
        return NOWHERE
    return Place(path, line) if path == _one_line(path, _PATH) else NOWHERE


def _one_line(text: str, longest: int) -> str:
    """Make a text one printable line; two long ones stay apart when they are cut."""
    clean = " ".join(printable(text.encode(errors="replace")).split())
    if len(clean) <= longest:
        return clean
    digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]
    return f"{clean[:longest]}… {digest}"
