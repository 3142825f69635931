"""A motion: the question that is put to a vote, frozen at its opening.

Text, commit, targets, roster, rule and deadline are taken down together, and votes are on these.
The record stands as JSON in the comment that opens the vote (`bot.core.votes.seal`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from bot.core.errors import UserError
from bot.core.model import Target
from bot.core.votes import directives, seal
from bot.core.votes.directives import Directive
from bot.core.votes.normal import CODE, normalised, sha256
from bot.core.votes.poll import Poll
from bot.core.votes.register import Register
from bot.core.votes.roster import Roster, key
from bot.core.votes.rule import Circumstances, Rule, RuleRef
from bot.core.votes.rules import catalogue
from bot.core.votes.tally import Clock, Tally, tally

KIND = "motion"
_REQUEST = re.compile(r"^[ \t]*/exception[ \t]+request\b(.*)$", re.MULTILINE)
_SHA = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for: series as written, empty for all targets, and the text to vote on."""

    series: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, where and by whom.

    `repository` is `owner/name`, `number` the issue or pull request of the vote, `commit` the full
    name of the fix on the default branch. `text` is taken as written and normalised.
    """

    repository: str
    number: int
    url: str
    asked_by: str
    text: str
    commit: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """How it is decided: who may vote, who may record votes cast elsewhere, by which rule.

    `deadline` is for rules without a period of their own: some need one, some can do without.
    `directives` apply where the text has none.
    """

    roster: Roster
    recorders: tuple[str, ...]
    rule: Rule
    deadline: datetime | None = None
    directives: tuple[Directive, ...] = directives.DEFAULT


@dataclass(frozen=True, slots=True)
class Motion:
    """A question with its terms, as it was opened; `question.text` is in normal form.

    `text_sha256` has 64 hex digits. Moments carry a time zone. `deadline` is the first end of the
    vote, None for none.
    """

    question: Question
    text_sha256: str
    roster: Roster
    recorders: tuple[str, ...]
    rule: RuleRef
    opened_at: datetime
    deadline: datetime | None
    directives: tuple[Directive, ...]

    @property
    def series(self) -> tuple[str, ...]:
        """Give the series of the targets, in their order."""
        return tuple(target.series for target in self.question.targets)

    def holds_text(self, text: str) -> bool:
        """Tell whether a text is still the one that is voted on."""
        return sha256(text) == self.text_sha256

    def shares_targets_with(self, other: Motion) -> tuple[str, ...]:
        """Give the series on which two motions ask about the same commit."""
        mine, others = self.question, other.question
        if (mine.repository, mine.commit) != (others.repository, others.commit):
            return ()
        return tuple(series for series in self.series if series in other.series)


_ADAPTER = TypeAdapter(Motion)


def read_request(body: str) -> Request | None:
    """Read the first `/exception request 4.1 4.0` line of a text, and what is written below it.

    None where there is no such line outside quotes and code blocks. Without text below, the text
    above it is taken.
    """
    code = [found.span() for found in CODE.finditer(body)]
    for line in _REQUEST.finditer(body):
        if not any(start <= line.start() < end for start, end in code):
            series = re.sub(r"[\[\],]", " ", line.group(1)).split()
            below, above = normalised(body[line.end() :]), normalised(body[: line.start()])
            return Request(tuple(dict.fromkeys(series)), below or above)
    return None


def opened(question: Question, terms: Terms, at: datetime) -> Motion:
    """Freeze a question at the moment of its opening.

    Raises `UserError` where text, commit, targets or voters are missing, or the deadline is.
    """
    text = normalised(question.text)
    if problem := _problem(question, terms, at):
        raise UserError(problem)
    period = terms.rule.timing.period
    return Motion(
        question=replace(question, text=text),
        text_sha256=sha256(text),
        roster=terms.roster,
        recorders=tuple(sorted({key(login) for login in terms.recorders})),
        rule=terms.rule.ref,
        opened_at=at,
        deadline=terms.deadline or (at + period if period else None),
        directives=directives.read(text, terms.directives),
    )


def tallied(
    motion: Motion,
    register: Register,
    now: datetime,
    decided_at: datetime | None = None,
    circumstances: Circumstances | None = None,
) -> Tally:
    """Count a motion's votes at a moment, by its own rule.

    Raises `UserError` where this release does not know the rule in its version.
    """
    rule = catalogue.find(motion.rule)
    poll = Poll(
        targets=motion.series,
        opened_at=motion.opened_at,
        electorate=motion.roster.sitting(motion.opened_at),
        roster=motion.roster.changed(register.changes),
        recorders=frozenset(motion.recorders),
        events=register.events,
        form=rule.form,
    )
    return tally(rule, poll, Clock(now, motion.deadline, decided_at), circumstances)


def dump(motion: Motion) -> str:
    """Write a motion as one JSON object."""
    return _ADAPTER.dump_json(motion).decode()


def render(motion: Motion, text: str) -> str:
    """Write the comment that opens a vote: a text for people, and the sealed record."""
    return seal.sealed(KIND, text, dump(motion))


def read(body: str) -> Motion | None:
    """Read a motion out of a comment, None where there is none.

    Raises `seal.Broken` where the comment was changed or does not fit itself.
    """
    record = seal.opened(KIND, body)
    if record is None:
        return None
    try:
        motion = _ADAPTER.validate_json(record)
    except ValidationError:
        raise seal.Broken(f"The record of this {KIND} is none that this bot can read.") from None
    if not motion.holds_text(motion.question.text):
        raise seal.Broken(f"The text in the record of this {KIND} is not the one that was hashed.")
    return motion


def _problem(question: Question, terms: Terms, at: datetime) -> str:
    end, timing, rule = terms.deadline, terms.rule.timing, terms.rule.ref.id
    answers = (
        (normalised(question.text), "A motion needs a text below `/exception request`."),
        (_SHA.fullmatch(question.commit), "A motion needs the full name of a merged commit."),
        (question.targets, "A motion needs at least one target branch."),
        (
            terms.roster.sitting(at),
            f"Nobody of `{terms.roster.name}` may vote now; a maintainer has to mend the roster.",
        ),
        (end is None or end > at, "The deadline of a motion must lie after its opening."),
        (
            end is None or timing.period is None,
            f"The rule `{rule}` sets its own deadline; leave yours out.",
        ),
        (end or timing.period or timing.early, f"The rule `{rule}` needs a deadline; name one."),
    )
    return next((problem for holds, problem in answers if not holds), "")
