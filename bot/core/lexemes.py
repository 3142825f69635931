"""The parts of a Python text that a formatter keeps, by what they mean and where they stand."""

from __future__ import annotations

import re
from typing import NamedTuple

# Commas, backslashes and white space are the formatter's; all other punctuation counts.
_PART = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
    | (?P<prefix>[A-Za-z]{0,2})
      (?P<quotes>\"{3}|'{3}|"|')
      (?P<body>(?:(?!(?P=quotes))(?:\\.|[^\\]))*)
      (?P=quotes)
    | \w+
    | [^\s\\,]
    """,
    re.VERBOSE | re.DOTALL,
)
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_ESCAPED_QUOTE = re.compile(r"\\(['\"])")


class Lexeme(NamedTuple):
    """A part; lines count from 0.

    `indent` is how far from the left it begins its line, None where it does not; `depth` is in
    how many brackets it stands.
    """

    meaning: str
    line: int
    last_line: int
    indent: int | None
    depth: int


def lexemes(text: str) -> list[Lexeme]:
    """Give the parts in order; of a text that is no Python something is given too."""
    found: list[Lexeme] = []
    line = done = depth = 0
    for match in _PART.finditer(text):
        start = match.start()
        line += text.count("\n", done, start)
        last_line = line + match[0].count("\n")
        before = text[text.rfind("\n", 0, start) + 1 : start]
        begins = not before.strip() and not (found and found[-1].last_line == line)
        indent = len(before) if begins else None
        found.append(Lexeme(_meaning(match), line, last_line, indent, depth))
        line, done = last_line, match.end()
        depth += (match[0] in _OPENING) - (match[0] in _CLOSING)
    return found


def comments(text: str) -> list[str]:
    """Give the comments of a Python text in order."""
    return [item.meaning for item in lexemes(text) if item.meaning.startswith("#")]


def _meaning(match: re.Match[str]) -> str:
    """Give the part as it is whatever its quotes, white space inside, or case of a number."""
    if match["comment"] is not None:
        return f"# {match['comment'].lstrip('#').strip()}"
    if match["quotes"] is not None:
        body = " ".join(_ESCAPED_QUOTE.sub(r"\1", match["body"]).split())
        return f"{match['prefix'].lower().replace('u', '')}'{body}'"
    return match[0].lower() if match[0][0].isdigit() else match[0]
