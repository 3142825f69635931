"""What a history says of its backports: which commit of a stable branch copies which of main.

The trailers are read here in a way of their own, so that the bot's reading is judged by another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.replay.history_git import ask
from bot.core.release_order import version

_TRAILER = re.compile(r"Backport of ((?:[0-9a-f]{40}(?:\s+and\s+|,\s*)?)+)(?: from \S+)?")
_PREFIX = re.compile(r"\A\[[^\]]*\]\s*")
_TICKET = re.compile(r"#(\d{2,})")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; `copies` are the commits that it says it is a backport of."""

    sha: str
    subject: str
    copies: tuple[str, ...]
    tickets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Branch:
    """A stable branch as far as its last tag, oldest commit first."""

    series: str
    tip: str
    fork: str
    commits: tuple[Commit, ...]

    @property
    def name(self) -> str:
        """Give its name as the project has it."""
        return f"stable/{self.series}.x"

    def copying(self) -> dict[str, set[str]]:
        """Give by source commit those that copy it."""
        found: dict[str, set[str]] = {}
        for commit in self.commits:
            for source in commit.copies:
                found.setdefault(source, set()).add(commit.sha)
        return found


def branch(clone: Path, series: str) -> Branch:
    """Read a stable branch, from where it left main to its last tag."""
    tags = [tag for tag in release_tags(clone) if tag.startswith(f"{series}.") or tag == series]
    tip = ask(clone, "rev-parse", f"{tags[-1]}^{{commit}}").strip()
    fork = ask(clone, "merge-base", "main", tip).strip()
    return Branch(series, tip, fork, tuple(commits(clone, f"{fork}..{tip}")))


def commits(clone: Path, span: str) -> Iterable[Commit]:
    """Give the commits of a span, oldest first."""
    log = ask(clone, "log", "--reverse", "--topo-order", "--format=%x01%H%x00%s%x00%b", span)
    for chunk in log.split("\x01")[1:]:
        sha, subject, body = chunk.split("\0")
        named = tuple(re.findall(r"[0-9a-f]{40}", " ".join(_TRAILER.findall(body))))
        yield Commit(sha, subject, named, frozenset(_TICKET.findall(subject)))


def release_tags(clone: Path) -> list[str]:
    """Give the tags that are versions, in the order of versions."""
    found = [(key, tag) for tag in ask(clone, "tag").split() if (key := version(tag))]
    return [tag for _, tag in sorted(found)]


def without_words(message: bytes) -> bytes:
    """Take out of a message all that says that it is a backport."""
    text = _TRAILER.sub("", message.decode(errors="surrogateescape"))
    return _PREFIX.sub("", text).encode(errors="surrogateescape")
