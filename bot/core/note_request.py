"""The sentence of a release note, as a person gives it in a comment: `/note Fixed a bug in …`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core import markdown

_LINE = re.compile(
    r"^[ \t]*/note[ \t]+(?:\[([^\]\n]{1,60})\][ \t]*)?(\S.*(?:\n(?![ \t]*/)\S.*)*)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class NoteRequest:
    """A sentence; `kind` is what stood in brackets before it: a type, a section or a heading."""

    sentence: str
    kind: str = ""


def read(body: str) -> NoteRequest | None:
    """Read the last `/note` of a comment, down to the next blank line; None where there is none.

    Quoted lines and code blocks are other people's words and do not count.
    """
    found = _LINE.findall(markdown.without_code(body).replace("\r\n", "\n"))
    return NoteRequest(found[-1][1].strip(), found[-1][0].strip()) if found else None
