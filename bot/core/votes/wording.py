"""The words of a vote: which first lines are one, which only look like one.

A vote binds people, so a line counts only when it is a vote and nothing else: `+1`, `I vote
+1/Accept.`, `-1, because …`. `+1 for the idea` is unclear, and is said to be.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Choice(StrEnum):
    """What a ballot says; DECLINE is a body's answer that it will not decide."""

    FOR = "+1"
    LEANING_FOR = "+0"
    NEUTRAL = "0"
    LEANING_AGAINST = "-0"
    AGAINST = "-1"
    ABSTAIN = "abstain"
    CONFLICT = "conflict of interest"
    DECLINE = "decline"

    @property
    def weight(self) -> int:
        """Give what the choice adds to a score."""
        return {Choice.FOR: 1, Choice.AGAINST: -1}.get(self, 0)


@dataclass(frozen=True, slots=True)
class Words:
    """Which words mean which choice, in lower case.

    Those of `alone` are a vote by themselves; those of `beside` only after one, with a slash.
    """

    alone: tuple[tuple[str, Choice], ...]
    beside: tuple[tuple[str, Choice], ...] = ()

    def of(self, word: str) -> Choice | None:
        """Give the choice of a word that is a vote by itself, None for any other."""
        return dict(self.alone).get(word)


DEFAULT = Words(
    alone=(
        *((choice.value, choice) for choice in Choice if choice is not Choice.DECLINE),
        ("abstention", Choice.ABSTAIN),
        ("conflict", Choice.CONFLICT),
        ("recuse", Choice.CONFLICT),
    ),
    beside=(
        ("accept", Choice.FOR),
        ("yes", Choice.FOR),
        ("no action", Choice.NEUTRAL),
        ("neutral", Choice.NEUTRAL),
        ("veto", Choice.AGAINST),
        ("reject", Choice.AGAINST),
        ("no", Choice.AGAINST),
    ),
)
"""The words of Django's and Python's votes."""

UNCLEAR = "this begins like a vote and goes on; write the vote alone, or a comma after it"
CONTRADICTS = "this line holds two different votes; write one of them alone"
_DASHES = str.maketrans("\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d\uff0b", "-------+")
_LEAD = re.compile(r"(?:i(?:'d)? vote|my vote(?: is)?|vote|i)\s*:?\s+")
_AFTER = re.compile(
    r"\s*(?:$|[.,;:!(\u2014]|- )|\s+(?:as well|also|too|from me|here)\b\s*(?:$|[.,;:!])"
)
_SIGNED = re.compile(r"(?<![\w.+-])[+-][01](?![\w.])")


@dataclass(frozen=True, slots=True)
class Vote:
    """What a line says: a choice, or a problem, or neither where it is no vote at all."""

    choice: Choice | None = None
    problem: str = ""


def bare(line: str, words: Words) -> Vote:
    """Read a line of prose as a vote."""
    text = _plain(line)
    lead = _LEAD.match(text)
    start = text[lead.end() :] if lead else text
    word = _first(start, words.alone)
    if not word:
        return Vote()
    choice, rest = words.of(word), start[len(word) :]
    if beside := re.match(r"\s*/\s*", rest):
        rest = rest[beside.end() :]
        said = _first(rest, words.beside + words.alone)
        if dict(words.beside + words.alone).get(said) is not choice:
            return Vote(problem=CONTRADICTS)
        rest = rest[len(said) :]
    if not _AFTER.match(rest):
        return Vote(problem=UNCLEAR if word[0] in "+-" or lead else "")
    others = {words.of(sign) for sign in _SIGNED.findall(rest)} - {choice, None}
    return Vote(problem=CONTRADICTS) if others else Vote(choice)


def named(word: str, words: Words) -> Choice | None:
    """Read one word of a command, such as `+1` or `accept/+1`; None where it is no vote."""
    every = dict(words.beside + words.alone)
    found = {every.get(part) for part in _plain(word).split("/")}
    return found.pop() if len(found) == 1 else None


def _plain(line: str) -> str:
    """Give a line in lower case, with ASCII signs and without markup."""
    flat = unicodedata.normalize("NFC", line).translate(_DASHES)
    return re.sub(r"[*_`]", "", flat).replace("\u2019", "'").strip().lower()


def _first(text: str, known: tuple[tuple[str, Choice], ...]) -> str:
    """Give the longest known word with which a text begins, empty for none."""
    begins = [word for word, _ in known if re.match(rf"{re.escape(word)}(?![\w+]|\.\d)", text)]
    return max(begins, key=len, default="")
