"""Recognise a backport among the commits of a branch by what they say: pure, for any project.

Words are read only where they claim to copy: “Added release note for 4bfe8c0eec” copies nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Protocol

from bot.core import gate_form
from bot.core.message import SERIES_PREFIX, subject

_SHA = r"[0-9a-f]{7,40}\b"
_CLAIM = r"(?:(?:back|forward)-?port(?:ed|s)?|(?:cherry[- ]?)?picked)"
_LINK = r"(?:[- ](?:of|from))?(?:\s+commits?)?:?\s+(?:\S*/commits?/)?"
_LIST = rf"({_SHA}(?:(?:,|\s+and|,\s+and)?\s+{_SHA})*)"
_COPIES = re.compile(
    rf"(?:^[^\w\n]*|\bfrom \S+\s+){_CLAIM}{_LINK}{_LIST}", re.MULTILINE | re.IGNORECASE
)
_REVERTS = re.compile(rf"^[ \t]*This reverts (?:commits? )?({_SHA})", re.MULTILINE)
_QUOTED = re.compile(r"\bRevert(?:s|ed)? [\"“](.+)[\"”]\.?$")
_PULL = re.compile(r"(?: \(#\d+\))+$")
_ADVISORY = re.compile(r"\bCVE-\d{4}-\d+\b")


class Entry(Protocol):
    """A commit of a history; `origin` is its author's name, email and time."""

    @property
    def sha(self) -> str:
        """Give its full name."""

    @property
    def origin(self) -> tuple[str, str, int]:
        """Give who wrote it when."""

    @property
    def message(self) -> str:
        """Give its whole message."""


def copies(message: str) -> tuple[str, ...]:
    """Give the commits (7 to 40 hex digits) that a message says it copies."""
    lists = _COPIES.findall(message)
    return tuple(dict.fromkeys(sha for found in lists for sha in re.findall(_SHA, found)))


def by_mention(history: Sequence[Entry], source: str, ours: str = "") -> tuple[str, ...]:
    """Give the commits that say they copy the source; one that takes a copy back is none.

    `ours` is the message of our own pick, whose words for it count however they are configured.
    """
    words = {line.strip() for line in ours.splitlines() if source in line}
    found: list[str] = []
    for entry in history:
        lines = {line.strip() for line in entry.message.splitlines()}
        is_named = any(source.startswith(name) for name in copies(entry.message))
        if (is_named or lines & words) and not takes_back(entry.message, (source, *found)):
            found.append(entry.sha)
    return tuple(found)


def by_ticket(history: Sequence[Entry], source: Entry) -> tuple[str, ...]:
    """Give the commits of the same author on the same ticket: of the same moment, or as named.

    What says that it copies another commit is left out. Several that are named differently could
    be parts of it, or not: none is given then.
    """
    alike = [one for one in history if _alike(one, source) and not copies(one.message)]
    named = tuple(one.sha for one in alike if title(one.message) == title(source.message))
    return named or (tuple(one.sha for one in alike) if len(alike) == 1 else ())


def standing(
    after: Sequence[Entry], landed: Entry, source: str, contrary: Collection[str]
) -> tuple[str, str]:
    """Give the commit by which a landing stands, and the one that took it back, empty for none.

    `after` are the commits since it landed, oldest first, and `contrary` those of them that change
    the opposite. A revert that was itself reverted brings it back, as that later commit.
    """
    current, undone = landed, None
    for entry in after:
        if undone is None:
            names, titles = (landed.sha, current.sha, source), {_title(landed), _title(current)}
            if entry.sha in contrary or takes_back(entry.message, names, titles):
                undone = entry
        elif takes_back(entry.message, (undone.sha, *copies(undone.message)), {_title(undone)}):
            current, undone = entry, None
    return current.sha, undone.sha if undone else ""


def takes_back(message: str, names: Collection[str], titles: Collection[str] = ()) -> bool:
    """Tell whether a commit says that it reverts one, by name or by its quoted subject."""
    reverted = _REVERTS.findall(message)
    if any(name.startswith(sha) or sha.startswith(name) for sha in reverted for name in names):
        return True
    quoted = _QUOTED.search(title(message))
    return quoted is not None and title(quoted[1]) in titles


def title(message: str) -> str:
    """Give the subject without the series before it and the pull request behind it."""
    line = subject(message).encode(errors="surrogateescape")
    return _PULL.sub("", SERIES_PREFIX.sub(b"", line).decode(errors="surrogateescape")).strip()


def _title(entry: Entry) -> str:
    return title(entry.message)


def _alike(one: Entry, source: Entry) -> bool:
    (name, email, at), (its_name, its_email, its_at) = one.origin, source.origin
    if name != its_name and email != its_email:
        return False
    ours, its = tickets(one.message), tickets(source.message)
    same_title = title(one.message) == title(source.message)
    if at == its_at:
        return same_title or bool(ours & its) or not (ours or its)
    return same_title and bool(ours & its)


def tickets(message: str) -> frozenset[str]:
    """Give the tickets and security advisories that a subject is about."""
    line = title(message)
    return frozenset((*gate_form.tickets(line), *_ADVISORY.findall(line)))
