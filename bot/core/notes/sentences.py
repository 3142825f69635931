"""A sentence that a person gives for a release note: read, checked, and wrapped."""

from __future__ import annotations

import re
import textwrap

from bot.core.release_notes import Fix

_PULL = re.compile(r"\s*\((?:GH-|#)\d+\)$")
"""The pull request's number, which GitHub adds to a squashed commit's subject."""


def tickets(subject: str) -> tuple[str, ...]:
    """Give the numbers of the tickets that a subject names before its ` -- `, or anywhere."""
    head = _PULL.sub("", subject).partition(" -- ")[0]
    return tuple(dict.fromkeys(re.findall(r"#(\d+)", head)))


def told(subject: str) -> str:
    """Give what a subject tells, without tickets, branch and the number that GitHub adds."""
    text = re.sub(r"^\[[^\]]*\]\s*", "", subject)
    text = _PULL.sub("", text)
    return text.partition(" -- ")[2] or re.sub(r"^(?:gh-\d+|bpo-\d+|#\d+):\s*", "", text)


def one_line(sentence: str) -> str:
    """Give a sentence without line breaks and doubled spaces."""
    return " ".join(sentence.split())


def wrapped(text: str, width: int, first: str = "", following: str = "") -> list[str]:
    """Break text into lines of at most so many columns, and never within a word."""
    return textwrap.wrap(
        text,
        width=width,
        initial_indent=first,
        subsequent_indent=following,
        break_long_words=False,
        break_on_hyphens=False,
    )


def general_remarks(fix: Fix, width: int) -> tuple[str, ...]:
    """Check what is true of a sentence in every project."""
    text = one_line(fix.sentence)
    if not text:
        return ("There is no sentence yet.",)
    longest = max(text.split(), key=len)
    remarks = {
        "The sentence has a gap (`…`) that a person has to fill.": "…" in text or "..." in text,
        "It has line breaks; the lines are joined.": "\n" in fix.sentence.strip(),
        "It begins with a small letter.": text[:1].islower(),
        "Back-ticks do not come in pairs.": text.count("`") % 2 == 1,
        f"A word of {len(longest)} characters makes a line longer than {width} columns.": (
            len(longest) + 2 > width
        ),
    }
    return tuple(remark for remark, holds in remarks.items() if holds)
