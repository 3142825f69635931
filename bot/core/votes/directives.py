"""The directives of a motion: the list items of its text that say SHALL or MUST.

Each becomes an obligation that is followed to its end; what it obliges to is told by its words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\(?\d{1,3}[.)]|\(?[a-z][.)])[ \t]+(.*)$")
_DUTY = re.compile(r"\b(?:SHALL|MUST)\b")


class Duty(StrEnum):
    """What a directive obliges to."""

    ALLOW = "allow"
    NOT_REFUSE = "not refuse"
    RELEASE = "release"
    REVISIT = "revisit"
    OTHER = "other"


_SIGNS = (
    (Duty.NOT_REFUSE, re.compile(r"\b(?:refus\w+|reject\w*|declin\w+|block\w*)\b", re.IGNORECASE)),
    (Duty.REVISIT, re.compile(r"\b(?:revis\w+|reconsider\w*|amend\w*|review\w*)\b", re.IGNORECASE)),
    (Duty.RELEASE, re.compile(r"\breleas(?:ers?|es?)\b.*\breleas|\bissue\b", re.IGNORECASE)),
    (Duty.ALLOW, re.compile(r"\b(?:allow\w*|permit\w*|backport\w*)\b", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive; `number` counts from 1 in the order of the text."""

    number: int
    text: str
    duty: Duty


DEFAULT = (
    Directive(1, "The fix SHALL be allowed into each of the named branches.", Duty.ALLOW),
    Directive(2, "Mergers MUST NOT refuse the backports on grounds of policy.", Duty.NOT_REFUSE),
    Directive(3, "Releasers SHALL issue releases that contain the fix.", Duty.RELEASE),
    Directive(4, "The backport policy SHALL be revisited.", Duty.REVISIT),
)
"""The directives of a motion whose text has none."""


def read(text: str, default: tuple[Directive, ...] = DEFAULT) -> tuple[Directive, ...]:
    """Read the directives of a motion's text, in normal form; the default where it has none."""
    found = [item for item in _items(text) if _DUTY.search(item)]
    if not found:
        return default
    return tuple(Directive(at, item, _duty(item)) for at, item in enumerate(found, start=1))


def _items(text: str) -> list[str]:
    """Join each list item with the lines that go on with it; a paragraph ends the list."""
    items: list[str] = []
    inside = False
    for line in text.split("\n"):
        if item := _ITEM.match(line):
            items.append(item.group(1).strip())
            inside = True
        elif inside and line.strip():
            items[-1] = f"{items[-1]} {line.strip()}"
        else:
            inside = False
    return items


def _duty(text: str) -> Duty:
    return next((duty for duty, sign in _SIGNS if sign.search(text)), Duty.OTHER)
