"""The words of the check run that carries a test report."""

from __future__ import annotations

from bot.core import markdown
from bot.core.model import Conclusion, TestReport

_SIGNS = {
    Conclusion.SUCCESS: "✅",
    Conclusion.FAILURE: "❌",
    Conclusion.NEUTRAL: "⚪",
    Conclusion.TIMED_OUT: "⏱️",
}


def name(branch: str) -> str:
    """Name the check run of a target branch."""
    return f"Backport tests / {branch}"


def summary(report: TestReport) -> str:
    """Give counts, duration, interpreter, sandbox and the command to reproduce it."""
    facts = [
        ("Tests run", report.ran),
        ("Failed", report.failed),
        ("Skipped", report.skipped),
        ("Duration", f"{report.seconds:.1f} s"),
        ("Interpreter", report.interpreter or None),
        ("Sandbox", report.sandbox or None),
    ]
    lines = [f"- {label}: {value}" for label, value in facts if value is not None]
    lines += [f"- Note: {markdown.plain(note)}" for note in report.notes]
    if report.command:
        lines.append(f"\nTo reproduce it in a checkout:\n\n{markdown.block(report.command, 'sh')}")
    return "\n".join(lines)


def text(report: TestReport) -> str:
    """Give the tail of the output; empty if there was none."""
    return markdown.block(report.tail) if report.tail.strip() else ""


def line(report: TestReport) -> str:
    """Give the report in one line for the checklist."""
    return f"{_SIGNS[report.conclusion]} {markdown.plain(report.title)}"
