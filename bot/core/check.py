"""The words of the check run that shows a proof, and of its line in the checklist."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from bot.core import markdown
from bot.core.model import Conclusion
from bot.core.printable import printable
from bot.core.proof import Proof, Stage, StageRow

LIMIT = 65_535  # characters of a summary and of a text, by GitHub
_SIGNS = {
    Conclusion.SUCCESS: "✅",
    Conclusion.FAILURE: "❌",
    Conclusion.NEUTRAL: "⚪",
    Conclusion.TIMED_OUT: "⏱️",
}
_NONE = "\N{EN DASH}"
_MEANING = {
    Stage.BASE: "base: the branch as it stands",
    Stage.RED: "red: with the backport's tests alone",
    Stage.GREEN: "green: with the whole backport",
    Stage.WIDE_BASE: "base, regression set",
    Stage.WIDE_GREEN: "green, regression set",
}
# Of foreign text, in characters. All parts together stay below the limit, whatever they hold.
_ID, _IDS, _NOTE, _COMMAND = 300, 8_000, 400, 3_000
_NOTES = 20
_TAILS = (50_000, 20_000)  # the second where back-ticks make for a fence that is as long


def name(series: str) -> str:
    """Name the check run of a target by its series."""
    return f"Backport proof / {series}"


def reproduction(repository: str, commit: str, base: str, branch: str = "") -> str:
    """Give the command that proves a commit again, in a plain clone.

    `base` is what it is compared with; an empty `branch` is found by the command itself.
    """
    words = ["python", "-m", "bot", "prove", "--repository", repository, "--commit", commit]
    return shlex.join([*words, "--base", base, *(["--branch", branch] if branch else [])])


def summary(proof: Proof) -> str:
    """Give the runs, the test ids, under what they ran, and the command to repeat it."""
    command = f"To repeat it:\n\n{markdown.block(proof.command[:_COMMAND], 'sh')}"
    parts = [
        progress(proof.rows) if proof.rows else "",
        _ids("Fail without the fix and pass with it", proof.proving),
        _ids("Fail with the backport alone", proof.regressions),
        _ids("New, but pass without the fix too: not proving", proof.idle),
        _ids("Failed before too", proof.before),
        "\n".join(_facts(proof)),
        command if proof.command else "",
    ]
    return "\n\n".join(part for part in parts if part)


def progress(rows: Sequence[StageRow]) -> str:
    """Give the runs that were made so far as a table."""
    head = ["| run | tests | failed | seconds | result |", "|---|---|---|---|---|"]
    return "\n".join([*head, *map(_row, rows)])


def text(proof: Proof) -> str:
    """Give the tail of the output; empty if there was none."""
    if not proof.tail.strip():
        return ""
    blocks = [markdown.block(proof.tail[-size:]) for size in _TAILS]
    return next((block for block in blocks if len(block) <= LIMIT), blocks[-1])


def line(proof: Proof) -> str:
    """Give the proof in one line for the checklist."""
    doubtful = proof.conclusion is not Conclusion.FAILURE and (proof.weak or proof.idle)
    sign = "⚠️" if doubtful else _SIGNS[proof.conclusion]
    return f"{sign} {_plain(proof.title)}"


def _row(row: StageRow) -> str:
    numbers = [_NONE if number is None else str(number) for number in (row.ran, row.failed)]
    seconds = f"{row.seconds:.1f}" if row.seconds else _NONE
    cells = (_MEANING[row.stage], *numbers, seconds, _plain(row.sentence))
    return f"| {' | '.join(cells)} |"


def _ids(title: str, ids: tuple[str, ...]) -> str:
    """List test ids as far as they have room; the title of the check has their number."""
    lines: list[str] = []
    room = _IDS
    for shown in map(_code, ids):
        room -= len(shown) + 3
        if room < 0:
            lines.append("- … and others")
            break
        lines.append(f"- {shown}")
    return "\n".join([f"**{title}**\n", *lines]) if lines else ""


def _facts(proof: Proof) -> Iterator[str]:
    if proof.interpreter:
        yield f"- Interpreter: {_plain(proof.interpreter)}"
    if proof.sandbox:
        yield f"- Sandbox: {_plain(proof.sandbox)}"
    yield from (f"- Note: {_plain(note)}" for note in proof.notes[:_NOTES])
    if proof.log:
        yield f"- [The whole output]({proof.log})"


def _plain(said: str) -> str:
    return markdown.plain(_short(said, _NOTE))


def _code(test: str) -> str:
    return markdown.code(_short(test, _ID))


def _short(foreign: str, size: int) -> str:
    clean = printable(foreign.encode(errors="replace"))
    return clean if len(clean) <= size else f"{clean[:size]}…"
