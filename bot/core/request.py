"""What a person asks for in a comment: `/backport …`, read into a value or into a word of help."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.core import markdown

_LINE = re.compile(r"^[ \t]*/backport\b(.*)$", re.MULTILINE)
_SHA = re.compile(r"[0-9a-f]{7,40}")
_SPAN = re.compile(r"([1-9]\d?)([dwm])")
_URL = re.compile(r"https?://[^\s<>()\"'`]{4,500}")
_DAYS = {"d": 1, "w": 7, "m": 30}


class Verb(StrEnum):
    """The commands there are; HELP answers what is none of them."""

    TO = "to"
    RETRY = "retry"
    STOP = "stop"
    FORECAST = "forecast"
    TEST = "test"
    SNOOZE = "snooze"
    FOLLOW_UP = "follow-up"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Request:
    """One command; `series` are targets as written, `first` commits to be picked before.

    `days` is for how long there shall be no reminders, 0 for no longer; `url` is where the
    follow-up is talked over.
    """

    verb: Verb
    series: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    days: int = 0
    url: str = ""


def read(body: str) -> Request | None:
    """Read the first `/backport` line of a comment, None where there is none.

    Quoted lines and code blocks are other people's words and do not count.
    """
    found = _LINE.search(markdown.without_code(body))
    return _parse(found.group(1)) if found else None


def _parse(line: str) -> Request:
    match line.split():
        case ["follow-up", url] if _URL.fullmatch(url):
            return Request(Verb.FOLLOW_UP, url=url)
        case ["snooze", span]:
            return _snooze(span)
    return _of_picks(line.replace(",", " ").split())


def _snooze(span: str) -> Request:
    """Read `2w`, `10d`, `1m`, a month being thirty days, or `off`."""
    found = _SPAN.fullmatch(span)
    if found is None:
        return Request(Verb.SNOOZE if span == "off" else Verb.HELP)
    return Request(Verb.SNOOZE, days=int(found.group(1)) * _DAYS[found.group(2)])


def _of_picks(words: list[str]) -> Request:
    match words:
        case [("retry" | "stop" | "forecast") as verb]:
            return Request(Verb(verb))
        case ["test", *series]:
            return Request(Verb.TEST, tuple(series))
        case ["to", *series] if series and "with" not in series:
            return Request(Verb.TO, tuple(series))
        case ["with", *rest] if "to" in rest:
            cut = rest.index("to")
            first, series = rest[:cut], rest[cut + 1 :]
            if first and series and all(map(_SHA.fullmatch, first)):
                return Request(Verb.TO, tuple(series), tuple(first))
    return Request(Verb.HELP)
