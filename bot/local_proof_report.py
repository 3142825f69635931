"""How a proof is shown on a terminal, and to programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.core.model import Conclusion
from bot.core.printable import last_lines, one_line
from bot.core.proof import Proof
from bot.core.split import FileChange
from bot.local_proof import Proved

_TAIL_LINES = 20
_MOST_IDS = 20
_WORDS = {
    Conclusion.SUCCESS: ("passed", "green"),
    Conclusion.FAILURE: ("failed", "red"),
    Conclusion.NEUTRAL: ("not proved", "yellow"),
    Conclusion.TIMED_OUT: ("timed out", "red"),
}


def as_json(proved: Proved) -> str:
    """Give one JSON object: what was proved, its files in three parts, and the proof."""
    parts = proved.split
    shown = {
        "commit": proved.commit,
        "base": proved.base,
        "branch": proved.branch,
        "tests": _paths(parts.tests),
        "code": _paths(parts.code),
        "docs": _paths(parts.docs),
        **asdict(proved.proof),
    }
    return json.dumps(shown, indent=2)


def word(proof: Proof | None) -> Text:
    """Give the verdict in a word or two; nothing for no proof."""
    if proof is None:
        return Text("")
    said, style = _WORDS[proof.conclusion]
    if proof.conclusion is Conclusion.SUCCESS and proof.proving:
        said = "weakly proved" if proof.weak else "proved"
    return Text(said, style)


def lines(proof: Proof) -> Iterator[str]:
    """Give the lines below a target's row: how each run ended, and what that shows."""
    for row in proof.rows:
        yield _labelled("tests", f"{row.stage}: {row.sentence}")
    yield from _verdict(proof)


def print_proof(proved: Proved, console: Console) -> None:
    """Print a row for each run, and below what they show together."""
    proof = proved.proof
    where = proved.branch or "an unknown branch"
    console.print(f"{proved.commit[:12]} on {proved.base[:12]}, for {one_line(where)}")
    console.print(f"{proved.split}", markup=False)
    if proof.rows:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for title in ("run", "tests", "failed", "result"):
            table.add_column(title, justify="right" if title in {"tests", "failed"} else "left")
        for row in proof.rows:
            numbers = ("" if number is None else str(number) for number in (row.ran, row.failed))
            table.add_row(row.stage.value, *numbers, Text(one_line(row.sentence)))
        console.print(table)
    for line in _verdict(proof):
        console.print(Text(line), soft_wrap=True)


def _verdict(proof: Proof) -> Iterator[str]:
    yield _labelled("proof", proof.title)
    groups = (
        ("proves", proof.proving),
        ("breaks", proof.regressions),
        ("idle", proof.idle),
        ("before", proof.before),
    )
    for label, ids in groups:
        yield from (_labelled(label, one) for one in ids[:_MOST_IDS])
        if len(ids) > _MOST_IDS:
            yield _labelled(label, f"… and {len(ids) - _MOST_IDS} more")
    if where := ", ".join(filter(None, (proof.interpreter, proof.sandbox))):
        yield _labelled("under", where)
    yield from (_labelled("note", note) for note in proof.notes)
    if proof.conclusion is not Conclusion.SUCCESS and proof.tail.strip():
        yield from (f"{'':<6}| {line}" for line in last_lines(proof.tail, _TAIL_LINES).split("\n"))
        yield _labelled("again", proof.command)


def _labelled(label: str, text: str) -> str:
    return f"{label:<6}  {one_line(text)}"


def _paths(changes: tuple[FileChange, ...]) -> list[str]:
    return [
        change.path.encode(errors="surrogateescape").decode(errors="backslashreplace")
        for change in changes
    ]
