"""How local mode shows its answer: one JSON object for programs, a table for people."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.core.counts import quantity
from bot.core.model import Outcome, Pick
from bot.core.printable import one_line
from bot.local import Forecast, LocalTarget
from bot.local_next import steps
from bot.local_proof_report import lines, word

_STYLES = {Outcome.PICKED: "green", Outcome.ALREADY_THERE: "cyan"}


def as_json(answer: Forecast) -> str:
    r"""Give the answer as one JSON object; absent things are null or empty lists.

    Bytes of a name that are not UTF-8 are shown as `\xff`.
    """
    targets = [_target(target) for target in answer.targets]
    return json.dumps({"commits": list(answer.commits), "targets": targets}, indent=2)


def _target(target: LocalTarget) -> dict[str, object]:
    pick = target.pick
    return {
        "onto": _decoded(target.onto),
        "series": _decoded(target.series),
        "outcome": pick.outcome.value,
        "tree": pick.tree,
        "commit": pick.commit,
        "head_branch": _decoded(target.head_branch) if target.head_branch else None,
        "conflicts": [{"path": one.path, "reason": one.reason} for one in pick.conflicts],
        "resolved": [asdict(resolution) for resolution in pick.resolved],
        "findings": [asdict(finding) for finding in pick.findings],
        "tests": asdict(target.tests) if target.tests else None,
        "detail": target.detail or pick.detail,
    }


def _decoded(name: str) -> str:
    return os.fsencode(name).decode(errors="backslashreplace")


def print_table(answer: Forecast, console: Console) -> None:
    """Print a row per target, and below for each what stands in the way and what to do next."""
    tested = any(target.tests for target in answer.targets)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("onto", "outcome", "commit", *(["tests"] if tested else [])):
        table.add_column(title, overflow="fold")
    for target in answer.targets:
        pick = target.pick
        cells = [Text(one_line(target.onto)), _outcome(pick), Text((pick.commit or "")[:12])]
        table.add_row(*cells, *([word(target.tests)] if tested else []))
    console.print(table)
    for target in answer.targets:
        console.print(Text(one_line(target.onto), "bold"))
        for line in _below(target, answer):
            # Not wrapped, so that a path or a command can be copied.
            console.print(Text(f"  {line}"), soft_wrap=True)
        console.print()


def _below(target: LocalTarget, answer: Forecast) -> Iterator[str]:
    """Give the lines below the table that are about one target."""
    places = list(_places(target.pick))
    width = max((len(place) for place, _ in places), default=0)
    yield from (f"{place:<{width}}  {said}" for place, said in places)
    if detail := target.detail or ("" if target.pick.conflicts else target.pick.detail):
        yield one_line(detail)
    if target.head_branch:
        yield f"branch  {one_line(target.head_branch)}"
    if target.tests:
        yield from lines(target.tests)
    for number, step in enumerate(steps(target, answer)):
        yield f"{'' if number else 'next':<6}  {one_line(step)}"


def _outcome(pick: Pick) -> Text:
    parts = [pick.outcome.value.replace("_", " ")]
    if pick.outcome is Outcome.PICKED and pick.resolved:
        parts.append("resolved by " + ", ".join(dict.fromkeys(one.by for one in pick.resolved)))
    if pick.findings:
        parts.append(quantity(len(pick.findings), "finding"))
    return Text(", ".join(parts), "yellow" if pick.findings else _STYLES.get(pick.outcome, "red"))


def _places(pick: Pick) -> Iterator[tuple[str, str]]:
    """Give each file that a person should look at, or line of one, with why."""
    yield from ((one_line(one.path), one.reason) for one in pick.conflicts)
    yield from ((one_line(one.path), f"resolved by {one.by}") for one in pick.resolved)
    for one in pick.findings:
        yield one_line(f"{one.path}:{one.line}"), one_line(one.message)
