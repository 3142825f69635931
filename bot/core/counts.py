"""Reading what a test program says of itself at the end of its output: unittest and pytest."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITTEST = re.compile(
    r"^Ran (?P<ran>\d+) tests? in [\d.]+s\n+"
    r"(?P<word>OK|FAILED|NO TESTS RAN)(?: \((?P<details>[^)\n]*)\))?$",
    re.MULTILINE,
)
_PYTEST = re.compile(
    r"^=* ?(?P<body>no tests ran|\d+ [a-z ]+(?:, \d+ [a-z ]+)*) in [\d.]+s(?: \([\d:]+\))? ?=*$",
    re.MULTILINE,
)
_PYTEST_RAN = ("passed", "failed", "error", "errors", "skipped", "xfailed", "xpassed")
_PYTEST_OTHER = ("deselected", "warning", "warnings", "rerun")
_HEADING = re.compile(r"^(?:FAIL|ERROR): (?P<id>[^(\n]+\([^)\n]*\))", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Counts:
    """What the output claims.

    `ran` includes the skipped ones; `failed` is the number of failing tests, None where only
    failures were counted (a test may fail several times); `problem` words them, empty if none.
    `unloadable` is true where a test could not even be imported.
    """

    ran: int
    skipped: int
    failed: int | None
    problem: str = ""
    unloadable: bool = False


def read_counts(output: str) -> Counts | None:
    """Read the last summary in clean output; None where there is none that we know."""
    unittest = _last(_UNITTEST, output)
    pytest = _last(_PYTEST, output)
    if unittest and (not pytest or pytest.start() < unittest.start()):
        return _unittest(unittest, output)
    return _pytest(pytest) if pytest else None


def quantity(number: int, noun: str) -> str:
    """Give `1 test`, `11 tests`, `2 unexpected successes`."""
    ending = "es" if noun.endswith("ss") else "s"
    return f"{number} {noun}" if number == 1 else f"{number} {noun}{ending}"


def _last(pattern: re.Pattern[str], output: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(output):  # noqa: B007 - only the last one is wanted
        pass
    return found


def _unittest(summary: re.Match[str], output: str) -> Counts:
    pairs = re.findall(r"([a-z]+(?: [a-z]+)?)=(\d+)", summary["details"] or "")
    counts = {name: int(number) for name, number in pairs}
    ran = int(summary["ran"])
    if summary["word"] != "FAILED":
        return Counts(ran, counts.get("skipped", 0), failed=0)
    nouns = {
        "failure": counts.get("failures", 0),
        "error": counts.get("errors", 0),
        "unexpected success": counts.get("unexpected successes", 0),
    }
    problem = ", ".join(quantity(n, noun) for noun, n in nouns.items() if n) or "failed"
    ids = [heading["id"] for heading in _HEADING.finditer(output)]
    return Counts(
        ran,
        counts.get("skipped", 0),
        # Every failure has a heading, unless the output was cut; a sub-test repeats its test's.
        failed=len(set(ids)) if len(ids) == sum(nouns.values()) > 0 else None,
        problem=f"{problem} in {quantity(ran, 'test')}",
        unloadable=any("unittest.loader._FailedTest" in test for test in ids),
    )


def _pytest(summary: re.Match[str]) -> Counts | None:
    pairs = re.findall(r"(\d+) ([a-z ]+)", summary["body"])
    counts = {name: int(number) for number, name in pairs}
    if pairs and not counts.keys() & {*_PYTEST_RAN, *_PYTEST_OTHER}:
        return None
    ran = sum(counts.get(name, 0) for name in _PYTEST_RAN)
    errors = counts.get("error", 0) + counts.get("errors", 0)
    failed = counts.get("failed", 0)
    words = [f"{failed} of {quantity(ran, 'test')} failed"] if failed else []
    words += [quantity(errors, "error")] if errors else []
    return Counts(
        ran,
        counts.get("skipped", 0),
        failed=failed + errors,
        problem=", ".join(words),
        unloadable=bool(errors) and ran == errors,
    )
