"""The words of the check run “Backport policy”."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from bot.core import config, markdown
from bot.core.gate_policy import Line, Standard
from bot.core.gate_verdict import GateVerdict

NAME = "Backport policy"
NOTES = "It brings release notes alone"
_SIGNS = {True: "✅", False: "❌"}


def title(verdict: GateVerdict) -> str:
    """Give the check run's title."""
    failing = sum(not line.holds for line in verdict.lines)
    more = f", and {failing - 1} more" if failing > 1 else ""
    return f"{verdict.headline}{more}"


def summary(verdict: GateVerdict, standard: Standard) -> str:
    """Give each line with its reason, and for those that fail what to do."""
    parts = [part for line in verdict.lines for part in _line(line)]
    if verdict.passed:
        parts.append("Policy is no reason to refuse this pull request.")
    return "\n\n".join([*parts, _judged(standard)])


def broken(problems: Sequence[str]) -> str:
    """Say that the configuration cannot be used, so that nothing can be allowed."""
    listed = "\n".join(f"- {problem}" for problem in problems)
    return (
        f"`{config.PATH}` on the default branch cannot be used, so that nothing is allowed until "
        f"somebody mends it:\n\n{listed}"
    )


def no_target(branch: str) -> str:
    """Say that a pull request was turned to a branch which the policy does not speak of."""
    return f"{markdown.code(branch)} is no target branch; the policy says nothing of it."


def notes_alone() -> str:
    """Say why a pull request of ours that holds no fix may go in."""
    return "✅ Each of its commits is one by which Stablehand writes release notes, and no more."


def _line(line: Line) -> Iterator[str]:
    yield f"{_SIGNS[line.holds]} **{line.name}**: {line.said}"
    if line.quote:
        yield "\n".join(f"> {part}" for part in line.quote.splitlines())
    if line.fixes:
        yield "\n".join(f"- {step}" for step in line.fixes)


def _judged(standard: Standard) -> str:
    policy = standard.policy
    dated = f", by the phases as announced on {_day(policy.as_of)}" if policy else ""
    return f"Judged on {_day(standard.day)}{dated}."


def _day(day: date) -> str:
    return f"{day:%Y-%m-%d}"
