"""Exceptions as a releaser of 4.1.6 may find them, each with something else missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.core.checklist import Checklist, Row, Tick
from bot.core.landing import Landing, Way
from bot.core.model import Outcome
from bot.core.noted import Noted, Share, Stand
from bot.core.release_view import Followed, Releases
from bot.core.shipping import Release, Step, StepDone

SHA = "c4eaa67e2b880db778c9fe6d9854fbdfcc16ecd2"
HERE, BUMP, TAKEN_BACK = "a" * 40, "b" * 40, "d" * 40
URL = "https://github.test/django/django"
NOW = datetime(2023, 1, 10, 12, tzinfo=UTC)
NOTES = "docs/releases/4.1.6.txt"
OPEN = Row(
    branch="stable/4.1.x",
    series="4.1.x",
    outcome=Outcome.PICKED,
    pull=101,
    tests="✅ 11 tests; 3 fail without the fix",
    version="4.1.6",
    noted=Noted(NOTES, "4.1.6", Stand.PROPOSED),
)
OFFERED = replace(OPEN, noted=Noted(NOTES, "4.1.6", Stand.OFFERED, remarks=("Is it “a bug”?",)))
CONFLICT = replace(OPEN, outcome=Outcome.CONFLICT, conflicts=("a.py", "b.py"), tests="", noted=None)
LANDED = replace(
    OPEN,
    landing=Landing(HERE, Way.MENTION, "felix"),
    noted=Noted(NOTES, "4.1.6", Stand.WRITTEN),
    steps=(StepDone(Step.BUMPED, BUMP),),
)
REVERTED = replace(OPEN, landing=Landing(HERE, Way.PULL, "felix", reverted_by=TAKEN_BACK))
RELEASE = Release("4.1.6", "4.1.6", BUMP, datetime(2023, 2, 1, 9, tzinfo=UTC))
SHIPPED = replace(LANDED, shipped=RELEASE)
LATER = replace(OPEN, branch="stable/4.0.x", series="4.0.x", pull=102, version="4.0.9")


def checklist(*rows: Row, **changes: object) -> Checklist:
    """Make the checklist of an exception that felix claimed."""
    return replace(Checklist((SHA,), "felix", "council exception", rows), **changes)  # type: ignore[arg-type]  # any field


WAITING = checklist(CONFLICT, LATER)
IN = checklist(
    LANDED, shares=(Share("main", ("4.1.6",), 130),), ticks=(Tick("4.1.6:blockers", "nat"),)
)


def releases(*lists: Checklist) -> Releases:
    """Give a repository with these exceptions, numbered from 16210 on."""
    followed = (
        Followed(number, "Fixed #34063 -- It.", one) for number, one in enumerate(lists, 16210)
    )
    return Releases("django/django", URL, tuple(followed), ())
