from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from bot.core.errors import Transient, UserError
from bot.core.model import Conclusion, Repository, TestPlan
from bot.core.proof import Proof, Remark, Stage, StageRow
from bot.engine import proof_check, world
from bot.engine.errand import Errand
from bot.engine.proof_check import Progress
from bot.engine.world import World
from bot.ports import Check

PLAN = TestPlan(("{python}",), (), (), (), (), 60)
ERRAND = Errand(Repository(1, 2, "acme", "tool"), "stable/2.x", "2.x", "head", "a" * 40, "b", PLAN)
ROWS = (StageRow(Stage.BASE, "5 tests passed", 5, 0, 1.5), StageRow(Stage.RED, "running …"))


class Told:
    """GitHub as far as check runs go: it remembers what it was told, or fails."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.fails_with: Exception | None = None

    def repository(self, _repository: object) -> Told:
        """Give itself: there is one repository."""
        return self

    async def update_check(self, _check_id: int, check: Check) -> None:
        """Remember a state."""
        if self.fails_with:
            raise self.fails_with
        self.checks.append(check)


@pytest.fixture
def told() -> Told:
    """Install a world in which only check runs can be told."""
    app = Told()
    parts: dict[str, Any] = dict.fromkeys(field.name for field in fields(World))
    world.install(World(**parts | {"app": app}))
    return app


async def test_rows_are_shown_while_it_takes_long(told: Told) -> None:
    """A proof under way shows the runs that ended and the one that runs, with the log's link."""
    await Progress(ERRAND, 1, "https://bot.example/logs/x", pause=0).tell(ROWS)
    (check,) = told.checks
    assert (check.name, check.status) == ("Backport proof / 2.x", "in_progress")
    assert check.details == "https://bot.example/logs/x"
    assert "5 tests passed" in check.summary
    assert "running …" in check.summary


async def test_a_short_proof_costs_no_request(told: Told) -> None:
    """Before half a minute is over nothing is shown."""
    progress = Progress(ERRAND, 1, "")
    for _ in range(5):
        await progress.tell(ROWS)
    assert told.checks == []


@pytest.mark.parametrize("error", [Transient("busy"), UserError("gone"), TimeoutError()])
async def test_github_stops_no_proof(told: Told, error: Exception) -> None:
    """A row that GitHub does not take is no matter."""
    told.fails_with = error
    await Progress(ERRAND, 1, "", pause=0).tell(ROWS)


def test_a_failing_test_is_shown_on_its_line() -> None:
    """The last state carries an annotation for each remark, and links to the whole output."""
    remarks = tuple(Remark("tests/test_a.py", line, "it failed") for line in range(1, 61))
    proof = Proof(Conclusion.FAILURE, "60 tests fail", remarks=remarks, log="https://bot.example/l")
    check = proof_check.ended(ERRAND, proof)
    assert (check.status, check.conclusion, check.title) == (
        "completed",
        "failure",
        "60 tests fail",
    )
    assert len(check.annotations) == 60
    assert (check.annotations[4].path, check.annotations[4].start_line) == ("tests/test_a.py", 5)
    assert check.details == "https://bot.example/l"
