"""Hidden marks in comments: how the bot finds again what it wrote, and owns only that.

A mark is an HTML comment, which GitHub does not show. Only a bot's own comment counts: a mark in
a person's comment is that person's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.core.model import Comment

PROOF = "proof:"
"""How the external id of a check run begins that shows a proof."""

POLICY = "policy:"
"""How that of the policy gate begins; it ends in the number of the pull request."""

_SOURCE = re.compile(r"<!-- stablehand:source=(\d{1,10}) -->")


def mark(kind: str) -> str:
    """Give the mark that opens a comment or a section of this kind."""
    return f"<!-- stablehand:{kind} -->"


def source(number: int) -> str:
    """Give the mark by which a backport pull request names its source pull request."""
    return f"<!-- stablehand:source={number} -->"


def source_of(body: str) -> int | None:
    """Give the source pull request that a body names, None if it names none."""
    found = _SOURCE.search(body)
    return int(found.group(1)) if found else None


def find(comments: Iterable[Comment], kind: str) -> Comment | None:
    """Find the oldest comment of ours of this kind."""
    return next((c for c in comments if c.by_bot and mark(kind) in c.body), None)


def section(kind: str, text: str) -> str:
    """Wrap text into a marked section."""
    return f"{mark(kind)}\n{text.strip()}\n{mark('/' + kind)}"


def replace_section(body: str, kind: str, text: str) -> str:
    """Put new text into the marked section of a body and leave all else as it is.

    A body that lost its section gets it again at the end.
    """
    start, new = body.find(mark(kind)), section(kind, text)
    end = body.find(mark("/" + kind), max(start, 0))
    if start < 0:
        return f"{body.rstrip()}\n\n{new}" if body.strip() else new
    if end < start:
        return body[:start] + new
    return body[:start] + new + body[end + len(mark("/" + kind)) :]
