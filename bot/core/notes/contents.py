"""A file that is going to be written into: refused where that would spoil it, line ends kept."""

from __future__ import annotations

import re

from bot.core.errors import UserError

_MARKERS = re.compile(rb"^(<{7}|={7}|>{7}|\|{7})( |\r?$)", re.MULTILINE)


def readable(path: str, content: bytes) -> bytes:
    """Give a file's bytes with plain line feeds.

    Raises UserError where conflict markers stand in it, or two kinds of line ends.
    """
    markers = {found[1][:1] for found in _MARKERS.finditer(content)}
    if {b"<", b">"} <= markers:
        raise UserError(f"`{path}` holds conflict markers; a person has to settle them first.")
    feeds, returns = content.count(b"\n"), content.count(b"\r\n")
    if content.count(b"\r") != returns or returns not in {0, feeds}:
        raise UserError(f"`{path}` mixes two kinds of line ends; a person has to mend that first.")
    return content.replace(b"\r\n", b"\n")


def like(original: bytes, text: bytes) -> bytes:
    """Give new text the line ends of the file that it was made from."""
    return text.replace(b"\n", b"\r\n") if b"\r\n" in original else text
