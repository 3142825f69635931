"""What a person asks for by `/exception …`: a motion, its withdrawal, a decision, its reversal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.core import motion
from bot.core.votes.normal import CODE
from bot.core.votes.wording import Choice

_LINE = re.compile(r"^[ \t]*/exception\b(.*)$", re.MULTILINE)
_URL = re.compile(r"https?://\S+")
_SOURCE = re.compile(r"#\d{1,10}|[0-9a-f]{7,40}")
_ANSWERS = {"accept": Choice.FOR, "reject": Choice.AGAINST, "no-action": Choice.DECLINE}


class Verb(StrEnum):
    """The commands there are; HELP answers what is none of them."""

    REQUEST = "request"
    WITHDRAW = "withdraw"
    DECIDE = "decide"
    OVERTURN = "overturn"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class ExceptionCommand:
    """One command.

    `series` are targets as written. `source` is `#N` or a commit, empty for the pull request
    itself. `text` is what is voted on, or the reason of a reversal. `answer` is a body's, posted by
    `member` (empty for the writer) at `url`.
    """

    verb: Verb
    series: tuple[str, ...] = ()
    source: str = ""
    text: str = ""
    answer: Choice | None = None
    member: str = ""
    url: str = ""


HELP = ExceptionCommand(Verb.HELP)


def read(body: str) -> ExceptionCommand | None:
    """Read the first `/exception` line of a text, None where there is none.

    Quoted lines and code blocks are other people's words and do not count.
    """
    found = _LINE.search(CODE.sub("", body))
    return _parse(found.group(1), body) if found else None


def _parse(line: str, body: str) -> ExceptionCommand:
    words = re.sub(r"[\[\],]", " ", line).split()
    match words:
        case ["request", *_]:
            return _request(body)
        case ["withdraw"]:
            return ExceptionCommand(Verb.WITHDRAW)
        case ["decide", answer, *rest] if answer.lower() in _ANSWERS:
            return _decide(_ANSWERS[answer.lower()], rest)
        case ["overturn", *_, last]:
            text = line.strip().removeprefix("overturn").strip()
            url = last if _URL.fullmatch(last) else ""
            return ExceptionCommand(Verb.OVERTURN, text=text, url=url)
    return HELP


def _request(body: str) -> ExceptionCommand:
    asked = motion.read_request(body)
    if asked is None:
        return HELP
    series, source = asked.series, ""
    if "of" in series:
        cut = series.index("of")
        series, named = series[:cut], series[cut + 1 :]
        if len(named) != 1 or not _SOURCE.fullmatch(named[0]):
            return HELP
        source = named[0]
    return ExceptionCommand(Verb.REQUEST, series, source, asked.text)


def _decide(answer: Choice, words: list[str]) -> ExceptionCommand:
    urls = [word for word in words if _URL.fullmatch(word)]
    members = [word.removeprefix("@") for word in words if word.startswith("@")]
    series = tuple(w for w in words if w not in urls and not w.startswith("@"))
    if len(urls) != 1 or len(members) > 1:
        return HELP
    member = members[0] if members else ""
    return ExceptionCommand(Verb.DECIDE, series, answer=answer, member=member, url=urls[0])
