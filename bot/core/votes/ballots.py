"""Ballots: what one person says to one question, read from comments, reviews and labels.

A comment's first own line may be a vote in the configured words (`bot.core.votes.wording`). A line
that begins with `/vote` may stand anywhere; quoted lines and code blocks never count:

    /vote +1                              a vote for all targets
    /vote -1 3.2                          a vote for some of them
    /vote record @member +1 URL           a vote cast elsewhere, entered by a recorder
    /vote answer accept URL               a body's answer, posted by one of its members
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core.votes.normal import CODE
from bot.core.votes.roster import key
from bot.core.votes.wording import DEFAULT, Choice, Words, bare, named

_COMMAND = re.compile(r"^[ \t]*/vote\b(.*)$")
_URL = re.compile(r"https?://\S+")
_LOGIN = re.compile(r"@?[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
_ANSWERS = {"accept": Choice.FOR, "reject": Choice.AGAINST, "decline": Choice.DECLINE}
_HELP = (
    "this is no vote; write `/vote +1`, `/vote -1 3.2`, `/vote record @member +1 URL` "
    "or `/vote answer accept URL`"
)


class Means(StrEnum):
    """The way in which a ballot was cast."""

    COMMENT = "comment"
    RECORD = "record"
    ANSWER = "answer"
    REVIEW = "review"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Ballot:
    """One opinion of one voter.

    `targets` are series as written, empty for all. `url` leads to where it was cast, if that is
    elsewhere. `recorded_by` entered it for the voter. `label` is the name of a label that was set.
    """

    voter: str
    choice: Choice
    means: Means
    targets: tuple[str, ...] = ()
    url: str = ""
    recorded_by: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found: ballots in order, and what looks like a vote and cannot be read as one.

    `problem` is one sentence for the person, without its capital and full stop; empty for none.
    """

    ballots: tuple[Ballot, ...] = ()
    problem: str = ""


def of_comment(body: str, author: str, words: Words = DEFAULT) -> Reading:
    """Read a comment or the text of a review; anything that is unclear is a problem, not a vote."""
    lines = [line for line in CODE.sub("", body).splitlines() if line.strip()]
    own = [line for line in lines if not line.lstrip().startswith(">")]
    commands = [found.group(1) for found in map(_COMMAND.match, own) if found]
    readings = [_command(rest, author, words) for rest in commands]
    if own and not _COMMAND.match(own[0]):
        vote = bare(own[0], words)
        first = (Ballot(key(author), vote.choice, Means.COMMENT),) if vote.choice else ()
        readings.insert(0, Reading(first, vote.problem))
    ballots = tuple(ballot for reading in readings for ballot in reading.ballots)
    return Reading(ballots, next((one.problem for one in readings if one.problem), ""))


def of_review(state: str, author: str) -> Reading:
    """Read a review's state as GitHub's REST names it: `approved` or `changes_requested`.

    Any other state (`commented`, `dismissed`, `pending`) holds no ballot.
    """
    choice = {"approved": Choice.FOR, "changes_requested": Choice.AGAINST}.get(state.lower())
    return Reading((Ballot(key(author), choice, Means.REVIEW),) if choice else ())


def of_label(label: str, actor: str) -> Reading:
    """Read a label that somebody set."""
    return Reading((Ballot(key(actor), Choice.FOR, Means.LABEL, label=label),))


def _command(rest: str, author: str, words: Words) -> Reading:
    flat = re.sub(r"conflict of interest", "conflict", rest, flags=re.IGNORECASE)
    tokens = re.sub(r"[\[\],]", " ", flat).split()
    match tokens:
        case ["record", member, vote, url, *targets] if _LOGIN.fullmatch(member):
            choice, means, voter = named(vote, words), Means.RECORD, member
        case ["answer", answer, url, *targets]:
            choice, means, voter = _ANSWERS.get(answer.lower()), Means.ANSWER, author
        case [vote, *targets]:
            choice, means, voter, url = named(vote, words), Means.COMMENT, author, ""
        case _:
            return Reading(problem=_HELP)
    if choice is None or (means is not Means.COMMENT and not _URL.fullmatch(url)):
        return Reading(problem=_HELP)
    ballot = Ballot(key(voter), choice, means, tuple(targets), url)
    if means is Means.RECORD:
        ballot = replace(ballot, recorded_by=key(author))
    return Reading((ballot,))
