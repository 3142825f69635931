"""How Django words a bullet: Fixed a regression in Django X.Y that … (:ticket:`N`)."""

from __future__ import annotations

import re

from bot.core.notes.django_file import WIDTH
from bot.core.notes.django_version import numbers, series_of
from bot.core.notes.sentences import general_remarks, one_line, tickets, told, wrapped
from bot.core.release_notes import Fix

_OPENING = re.compile(
    r"(?:Fixed|Reallowed|Restored|Reverted|Relaxed|Made|Added|Removed|Adjusted|Corrected|Allowed)\b"
)
_ROLE = re.compile(r":ticket:`(\d+)`")
_BROUGHT = re.compile(r"\bDjango (\d+(?:\.\d+)+)")

WORDING = (
    "Notes of a regression or a bug name the version that brought it: “Fixed a regression in "
    "Django X.Y that …”, “Fixed a bug in Django X.Y that …”."
)


def suggestion(fix: Fix) -> str:
    """Word a note as far as it is known: the version that brought a bug, or else the subject."""
    if fix.regression:
        return f"Fixed a regression in Django {fix.regression} that …"
    return one_line(told(fix.subject)).rstrip(".")


def bullet(fix: Fix) -> tuple[bytes, ...]:
    """Give the lines of a bullet: the sentence, its tickets unless it names some, a full stop."""
    sentence = one_line(fix.sentence).rstrip(".")
    if not _ROLE.search(sentence) and (named := tickets(fix.subject)):
        roles = ", ".join(f":ticket:`{number}`" for number in named)
        sentence = f"{sentence} ({roles})"
    lines = wrapped(f"{sentence}.", WIDTH, "* ", "  ")
    return tuple(line.encode() for line in lines)


def sentence_remarks(fix: Fix) -> tuple[str, ...]:
    """Check a person's sentence; what is only missing is added, and said."""
    text, known = one_line(fix.sentence), tickets(fix.subject)
    roles = _ROLE.findall(text)
    general = general_remarks(fix, WIDTH)
    if not text:
        return general
    remarks = {
        f"It does not begin as notes do. {WORDING}": not _OPENING.match(text),
        "It names no version that brought the bug (“in Django X.Y”).": (
            re.match(r"Fixed a (?:bug|regression)\b", text) and not _BROUGHT.search(text)
        ),
        "It has no ticket role; that of the fix is added.": known and not roles,
        "It has no ticket role, and the fix names no ticket.": not known and not roles,
        f"It names ticket {', '.join(roles)}; the fix names {', '.join(known)}.": (
            known and roles and not set(known) & set(roles)
        ),
        "A ticket is written as `#N`; Django writes :ticket:`N`.": re.search(r"#\d{3,}", text),
        "The full stop stands before the ticket; it goes to the end.": (
            re.search(r"\. \(:ticket:", text)
        ),
        "It does not end with a full stop; one is added.": not text.endswith("."),
    }
    return general + tuple(remark for remark, holds in remarks.items() if holds)


def newer_than(fix: Fix, version: str) -> str:
    """Give the version that a sentence says brought the bug, where it came after this one's series.

    Empty where nothing is amiss.
    """
    found = _BROUGHT.search(fix.sentence)
    if found and numbers(series_of(found[1])) > numbers(series_of(version)):
        return found[1]
    return ""
