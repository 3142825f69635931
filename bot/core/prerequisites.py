"""What the target lacks for a fix to go on cleanly, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core import markdown

SHORT = 10  # digits of a commit's name


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """A commit of main that the target lacks and the fix builds on.

    `lines` counts the contested lines that it wrote. `picks` is true where the fix goes on to the
    target cleanly after it; false where it does not, or was not tried.
    """

    sha: str
    subject: str
    lines: int
    picks: bool


def sentence(found: Sequence[Prerequisite]) -> str:
    """Say it as Markdown, without a full stop; empty if there are none."""
    helpful = [_name(commit) for commit in found if commit.picks]
    others = [_name(commit) for commit in found if not commit.picks]
    parts = [f"with {' or '.join(helpful)} first it picks cleanly"] if helpful else []
    if others:
        verb = "touches" if len(others) == 1 else "touch"
        parts.append(f"{', '.join(others)} {verb} the same lines")
    return "; ".join(parts)


def _name(commit: Prerequisite) -> str:
    return f"{markdown.code(commit.sha[:SHORT])} ({markdown.plain(commit.subject)})"
