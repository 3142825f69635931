"""How local mode shows its answer: one JSON object for programs, a table for people."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.core.model import Conclusion, Outcome, TestReport
from bot.local import Forecast, LocalTarget

_STYLES = {Outcome.PICKED: "green", Outcome.ALREADY_THERE: "cyan"}


def as_json(answer: Forecast) -> str:
    """Give the answer as one JSON object; absent things are null or empty lists."""
    targets = [_target(target) for target in answer.targets]
    return json.dumps({"commits": list(answer.commits), "targets": targets}, indent=2)


def _target(target: LocalTarget) -> dict[str, object]:
    pick = target.pick
    return {
        "onto": target.onto,
        "series": target.series,
        "outcome": pick.outcome.value,
        "tree": pick.tree,
        "commit": pick.commit,
        "head_branch": target.head_branch,
        "conflicts": [asdict(conflict) for conflict in pick.conflicts],
        "resolved": [asdict(resolution) for resolution in pick.resolved],
        "tests": _tests(target.tests),
        "detail": target.detail or pick.detail,
    }


def _tests(report: TestReport | None) -> dict[str, object] | None:
    return None if report is None else asdict(report) | {"conclusion": report.conclusion.value}


def print_table(answer: Forecast, console: Console) -> None:
    """Print a row per target, and what is wrong below its outcome."""
    table = Table()
    for title in ("onto", "outcome", "commit", "head branch", "tests"):
        table.add_column(title, overflow="fold")
    for target in answer.targets:
        pick = target.pick
        outcome = Text(pick.outcome.value.replace("_", " "), _STYLES.get(pick.outcome, "red"))
        for line in _problems(target):
            outcome.append(f"\n{line}", "default")
        table.add_row(
            Text(target.onto),
            outcome,
            Text((pick.commit or "")[:12]),
            Text(target.head_branch or ""),
            _test_cell(target.tests),
        )
    console.print(table)


def _problems(target: LocalTarget) -> list[str]:
    conflicts = [f"{one.path}: {one.reason}" for one in target.pick.conflicts]
    if target.pick.outcome is Outcome.MISSING:
        conflicts.append("no such commit or branch here")
    return [*conflicts, *([target.detail] if target.detail else [])]


def _test_cell(report: TestReport | None) -> Text:
    if report is None:
        return Text("")
    good = report.conclusion is Conclusion.SUCCESS
    notes = "".join(f"\n{note}" for note in report.notes)
    return Text(report.title, "green" if good else "red").append(notes, "default")
