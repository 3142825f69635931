"""The message of a picked commit, in bytes, because old commits are not always UTF-8."""

from __future__ import annotations

import re

# `[4.1.x] `, `[3.12] `, `[2028.x] `; one number alone may be an issue, so a dot is asked for.
SERIES_PREFIX = re.compile(rb"\A(?:\[v?\d+(?:\.(?:\d+|x))+\][ \t]*)+")
PARAGRAPH_BREAK = re.compile(rb"\r?\n\r?\n")


def subject(message: str) -> str:
    """Give the first line of a message, empty lines before it left out."""
    return message.lstrip().partition("\n")[0].rstrip()


def backport_message(original: bytes, *, prefix: bytes, trailer: bytes) -> bytes:
    """Put `prefix` before the subject and `trailer` last, as a paragraph of its own.

    A backport of a backport gets the new prefix instead of the old one. Everything between stays
    as it is, byte for byte; a message that has both already is only trimmed at its end.
    """
    text = original.lstrip(b"\r\n")
    if prefix:
        text = SERIES_PREFIX.sub(b"", text)
    body = (prefix + text.removeprefix(prefix)).rstrip()
    if trailer and PARAGRAPH_BREAK.split(body)[-1] != trailer:
        body = (body + b"\n\n" + trailer).lstrip(b"\n")
    return body + b"\n"
