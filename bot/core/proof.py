"""What three runs of the same tests prove about a backport: base, red and green."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.core.model import Conclusion


class Stage(StrEnum):
    """One run of a proof: on which tree, and which tests."""

    BASE = "base"  # the branch as it stands
    RED = "red"  # with the backport's tests alone
    GREEN = "green"  # with the whole backport
    WIDE_BASE = "base, regression set"
    WIDE_GREEN = "green, regression set"


@dataclass(frozen=True, slots=True)
class StageRow:
    """A run in one row of the report; `sentence` says how it ended."""

    stage: Stage
    sentence: str
    ran: int | None = None
    failed: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Remark:
    """A failing test, at the line of the tree where it failed."""

    path: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What the runs of one backport show, small enough to be kept.

    Lists of test ids are cut at `MOST_IDS`; the title has the true numbers. `proving` fail
    without the fix and pass with it; `regressions` fail with it alone; `before` fail without it
    too. `tail` is the end of the output of the run that decided. `log` is where the whole output
    can be read, empty if nowhere.
    """

    conclusion: Conclusion
    title: str
    rows: tuple[StageRow, ...] = ()
    proving: tuple[str, ...] = ()
    regressions: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    weak: bool = False
    notes: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    interpreter: str = ""
    sandbox: str = ""
    command: str = ""
    tail: str = ""
    log: str = ""


MOST_IDS = 100
