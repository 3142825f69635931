"""What a person asks of the release note in a comment: `/note Fixed a bug in …`, `/note commit`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.core import markdown

_KIND, _WORDS = r"(?:\[([^\]\n]{0,60})\][ \t]*)?", r"((?:\S.*(?:\n(?![ \t]*/)\S.*)*)?)"
_LINE = re.compile(rf"^[ \t]*/note(?!\S)[ \t]*{_KIND}{_WORDS}", re.MULTILINE)
_COMMIT = re.compile(r"commit\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NoteRequest:
    """What one comment asks.

    `sentence` is the note's, empty where none is given; `kind` is what stood in brackets before it:
    a type, a section or a heading. `commit` asks to have the note written. `strange` tells that
    something was asked that nobody understands.
    """

    sentence: str = ""
    kind: str = ""
    commit: bool = False
    strange: bool = False


def read(body: str) -> NoteRequest | None:
    """Read what the `/note`s of a comment ask together; None where there is none.

    A sentence goes down to the next blank line or command, and the last one counts. Quoted lines
    and code blocks are other people's words and do not count.
    """
    found = _LINE.findall(markdown.without_code(body).replace("\r\n", "\n"))
    return joined(_parse(kind.strip(), words.strip()) for kind, words in found) if found else None


def joined(requests: Iterable[NoteRequest]) -> NoteRequest:
    """Join requests, the oldest first: the last sentence counts, and whether any asks to commit."""
    whole = NoteRequest()
    for one in requests:
        worded = one if one.sentence else whole
        whole = replace(
            worded, commit=whole.commit or one.commit, strange=whole.strange or one.strange
        )
    return whole


def _parse(kind: str, words: str) -> NoteRequest:
    if not kind and _COMMIT.fullmatch(words):
        return NoteRequest(commit=True)
    if len(words.split()) < 2 or words.startswith("commit "):  # noqa: PLR2004 - one word is no sentence
        return NoteRequest(strange=True)
    return NoteRequest(words, kind)
