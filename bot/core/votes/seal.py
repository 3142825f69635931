"""Records inside comments: JSON in an HTML comment at the end, sealed with a hash.

The hash is SHA-256 over the kind, the text before the record and the JSON, so that a change of
either is noticed, and anybody can check it. It stops nobody who may edit the comment and makes a
new hash: against that, records name each other's digests, and there is a copy elsewhere.
"""

from __future__ import annotations

import hashlib
import re

from bot.core.errors import UserError
from bot.core.votes.normal import normalised, sha256

_BLOCK = re.compile(r"<!-- stablehand:([a-z-]+)=([0-9a-f]{64}) (\{.*\}) -->")


class Broken(UserError):  # noqa: N818 - said of a seal, as people do
    """A record was changed or cannot be read; a maintainer has to look at its history."""


def sealed(kind: str, text: str, record: str) -> str:
    """Write a text with its record behind it; `record` is one JSON object without line ends."""
    shown = normalised(text)
    hidden = record.replace("--", "-\\u002d").replace(">", "\\u003e")
    return f"{shown}\n\n<!-- stablehand:{kind}={_hash(kind, shown, hidden)} {hidden} -->"


def opened(kind: str, body: str) -> str | None:
    """Give the JSON of the record in a comment, None where there is none of this kind.

    Raises `Broken` where text or record are not what was sealed.
    """
    found = [one for one in _BLOCK.finditer(body) if one.group(1) == kind]
    if not found:
        if f"<!-- stablehand:{kind}=" in body:
            raise Broken(
                f"The record of this {kind} cannot be read any more: its block is damaged."
            )
        return None
    block = found[-1]
    text = normalised(body[: block.start()])
    alone = len(found) == 1 and not body[block.end() :].strip()
    if not alone or block.group(2) != _hash(kind, text, block.group(3)):
        raise Broken(
            f"The comment with the record of this {kind} was changed after it was written; "
            "a maintainer has to look at the history of its edits and restore it."
        )
    return block.group(3)


def digest(record: str) -> str:
    """Give the SHA-256 of a record, 64 hex digits."""
    return sha256(record)


def _hash(kind: str, text: str, hidden: str) -> str:
    return hashlib.sha256(f"{kind}\n{text}\n{hidden}".encode()).hexdigest()
