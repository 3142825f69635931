"""Making the output of unknown code fit to be read and shown."""

from __future__ import annotations

import re

LINE = 500
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_ADDRESS_LOGIN = re.compile(r"(?<=://)[^\s/@]+@")


def printable(output: bytes) -> str:
    r"""Give output as text: no colours or control characters, no line over 500 characters.

    Where a line was written over (`\r`), only what stood there last is kept.
    """
    text = _ESCAPES.sub("", output.decode(errors="replace").replace("\r\n", "\n"))
    return "\n".join(_line(line.rpartition("\r")[2]) for line in text.split("\n"))


def one_line(text: str) -> str:
    """Give a text with all that is not printable escaped, line breaks too."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def last_lines(text: str, lines: int) -> str:
    """Give the last lines of a text, without the empty ones around them."""
    return "\n".join(text.strip("\n").split("\n")[-lines:])


def without_logins(text: str) -> str:
    """Take user names and passwords out of the addresses in a text."""
    return _ADDRESS_LOGIN.sub("", text)


def _line(line: str) -> str:
    clean = _UNPRINTABLE.sub("", line)
    return (
        clean if len(clean) <= LINE else f"{clean[:LINE]} … ({len(clean) - LINE} more characters)"
    )
