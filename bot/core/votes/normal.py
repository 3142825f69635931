r"""The normal form of a text that is voted on or sealed, and its hash.

Line ends become `\n`, spaces and tabs at the end of a line go, and so do empty lines before and
after the text. Nothing else is changed: a letter more is another text.
"""

from __future__ import annotations

import hashlib
import re

CODE = re.compile(r"^[ \t]*(```+|~~~+).*?(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
"""A fenced block of code in Markdown, to its end or that of the text."""


def normalised(text: str) -> str:
    """Give the normal form of a text."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip(" \t") for line in lines).strip("\n")


def sha256(text: str) -> str:
    """Give the SHA-256 of the normal form of a text as UTF-8, 64 hex digits."""
    return hashlib.sha256(normalised(text).encode()).hexdigest()
