"""What passes between the service and the process that runs its tests, as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from bot.core.model import TestPlan, TestReport


@dataclass(frozen=True, slots=True)
class Request:
    """A run to make, known by its number; without a plan that run is to be given up."""

    number: int
    plan: TestPlan | None = None
    tree: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a run: its report, or what kept it from having one, which may be for a while."""

    number: int
    report: TestReport | None = None
    problem: str = ""
    transient: bool = False


REQUEST, ANSWER = TypeAdapter(Request), TypeAdapter(Answer)
