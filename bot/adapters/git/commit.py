"""A commit object as raw bytes: take it apart, and write it anew without recoding anything."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.message import backport_message
from bot.core.model import Recipe

DATE = re.compile(rb" ((-?\d+) [+-]\d+)$")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit; `author`, `committer`, `encoding` and `message` are git's own bytes."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: bytes
    committer: bytes
    encoding: bytes | None
    message: bytes

    @property
    def date(self) -> int:
        """Give when it was committed, in seconds since 1970; 0 where that cannot be read."""
        found = DATE.search(self.committer)
        return int(found[2]) if found else 0


def parse_commit(sha: str, raw: bytes) -> Commit:
    """Take a commit object apart; signatures and other extra headers are left out."""
    head, _, message = raw.partition(b"\n\n")
    headers: dict[bytes, list[bytes]] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        headers.setdefault(key, []).append(value)
    return Commit(
        sha=sha,
        tree=headers[b"tree"][0].decode(),
        parents=tuple(parent.decode() for parent in headers.get(b"parent", [])),
        author=headers[b"author"][0],
        committer=headers[b"committer"][0],
        encoding=headers.get(b"encoding", [None])[0],
        message=message,
    )


def rewritten(source: Commit, tree: str, parent: str, recipe: Recipe) -> bytes:
    """Give the commit object of a picked commit; the same input gives the same bytes.

    The author is the source's, the committer is the recipe's at the source committer's time.
    """
    committer = f"{recipe.committer_name} <{recipe.committer_email}>"
    date = DATE.search(source.committer)
    lines = [
        f"tree {tree}".encode(),
        f"parent {parent}".encode(),
        b"author " + source.author,
        b"committer " + _encode(committer, source) + b" " + (date[1] if date else b"0 +0000"),
    ]
    if source.encoding is not None:
        lines.append(b"encoding " + source.encoding)
    message = backport_message(
        source.message,
        prefix=_encode(recipe.subject_prefix, source),
        trailer=_encode(recipe.trailer.replace("{sha}", source.sha), source),
    )
    return b"\n".join(lines) + b"\n\n" + message


def _encode(text: str, source: Commit) -> bytes:
    if source.encoding is None or text.isascii():
        return text.encode()
    try:
        return text.encode(source.encoding.decode("ascii"))
    except (LookupError, UnicodeError):
        return text.encode()
