"""One question and who stands where on it: from a register to a count, at any moment.

The electorate is fixed at the opening. Who joins later does not vote; who leaves keeps a ballot
cast before, and else is no longer waited for. Of several ballots of one voter the latest counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.core.votes.ballots import Ballot, Means
from bot.core.votes.register import Event, Kind
from bot.core.votes.roster import Roster
from bot.core.votes.wording import Choice


@dataclass(frozen=True, slots=True)
class Form:
    """Which ballots a rule knows; labels in `free` count whoever set them."""

    means: frozenset[Means]
    choices: frozenset[Choice]
    free: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Poll:
    """One vote: its targets (series), its opening, and all that was seen of it.

    `electorate` are those who sat at the opening, in lower case and in order; `roster` knows of
    later changes too. `recorders` are logins in lower case that may enter ballots cast elsewhere.
    """

    targets: tuple[str, ...]
    opened_at: datetime
    electorate: tuple[str, ...]
    roster: Roster
    recorders: frozenset[str]
    events: tuple[Event, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class Counted:
    """A ballot that counts; `at` is the moment from which it does, `url` leads to it."""

    voter: str
    choice: Choice
    at: datetime
    url: str
    recorded_by: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """A ballot that does not count, with the reason, which ends a sentence."""

    voter: str
    why: str
    at: datetime
    url: str
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How one target stands: who may vote, and the ballots that count, oldest first."""

    target: str
    electorate: tuple[str, ...]
    votes: tuple[Counted, ...] = ()

    @property
    def seats(self) -> int:
        """Give how many may vote."""
        return len(self.electorate)

    @property
    def outstanding(self) -> tuple[str, ...]:
        """Give who may vote and has not."""
        voted = {vote.voter for vote in self.votes}
        return tuple(login for login in self.electorate if login not in voted)

    @property
    def score(self) -> int:
        """Give the sum of the votes, +1 and -1."""
        return sum(vote.choice.weight for vote in self.votes)

    def number(self, *choices: Choice) -> int:
        """Give how many votes are one of these choices."""
        return sum(vote.choice in choices for vote in self.votes)


def count(poll: Poll, target: str, until: datetime) -> Count:
    """Count the ballots on one target as they stand at a moment."""
    latest: dict[tuple[str, str], Counted] = {}
    for event, ballot in _standing(poll, until):
        if _covers(poll, ballot, target):
            voter = (ballot.voter, ballot.label)
            latest.pop(voter, None)
            latest[voter] = _counted(event, ballot)
    votes = tuple(latest.values())
    voted = {vote.voter for vote in votes}
    stay = voted.union(poll.roster.sitting(until))
    return Count(target, tuple(login for login in poll.electorate if login in stay), votes)


def noted(poll: Poll, closed_at: datetime | None) -> tuple[Noted, ...]:
    """List what was said and does not count, with the reason; superseded ballots are not here."""
    found: list[Noted] = []
    for event in poll.events:
        seen = event.seen
        late = closed_at is not None and seen.at > closed_at
        if event.problem:
            found.append(Noted(seen.author, event.problem, seen.at, seen.url))
        if seen.kind is Kind.DELETED and (late or seen.by_another):
            why = "it was deleted " + ("after the close" if late else "by somebody else")
            found.append(Noted(seen.author, why, seen.at, seen.url))
        for ballot in event.ballots:
            why = "it came after the close" if late else objection(poll, event, ballot)
            if why:
                found.append(
                    Noted(ballot.voter, why, seen.at, ballot.url or seen.url, ballot.choice)
                )
    return tuple(found)


def objection(poll: Poll, event: Event, ballot: Ballot) -> str:
    """Say why a ballot does not count, empty where it does."""
    reasons = (
        (event.seen.by_another, "somebody else changed its text"),
        (ballot.means not in poll.form.means, f"this rule counts no {ballot.means}"),
        (event.seen.at < poll.opened_at, "it came before the opening"),
        (not _may_write(poll, event, ballot), "its writer may not record ballots"),
        (not _may_vote(poll, event, ballot), "the voter is not on the roster of this vote"),
        (ballot.choice not in poll.form.choices, f"this rule knows no `{ballot.choice}`"),
        (not _known_targets(poll, ballot), "it names a target that is not voted on"),
    )
    return next((why for holds, why in reasons if holds), "")


def _standing(poll: Poll, until: datetime) -> Iterator[tuple[Event, Ballot]]:
    """Give the ballots that stand at a moment and count, oldest first."""
    places: dict[str, Event] = {}
    for event in poll.events:
        if event.seen.at <= until and _moves(poll, event):
            places.pop(event.seen.place, None)
            places[event.seen.place] = event
    for event in places.values():
        for ballot in event.ballots:
            if not objection(poll, event, ballot):
                yield event, ballot


def _moves(poll: Poll, event: Event) -> bool:
    """Tell whether an event changes what stands: not by former members, nor by other hands."""
    seen = event.seen
    if seen.by_another:
        return False
    if seen.kind is Kind.DELETED or seen.author.lower() in poll.recorders:
        return True
    return any(ballot.label for ballot in event.ballots) or _sits(
        poll, seen.author.lower(), seen.at
    )


def _may_write(poll: Poll, event: Event, ballot: Ballot) -> bool:
    return not ballot.recorded_by or event.seen.author.lower() in poll.recorders


def _may_vote(poll: Poll, event: Event, ballot: Ballot) -> bool:
    if ballot.label and ballot.label in poll.form.free:
        return True
    return _sits(poll, ballot.voter, event.seen.at)


def _sits(poll: Poll, login: str, at: datetime) -> bool:
    """Tell whether somebody sat at the opening and sits at a moment."""
    return login in poll.electorate and login in poll.roster.sitting(at)


def _known_targets(poll: Poll, ballot: Ballot) -> bool:
    return all(_named(name, poll.targets) for name in ballot.targets)


def _covers(poll: Poll, ballot: Ballot, target: str) -> bool:
    return not ballot.targets or target in {_named(name, poll.targets) for name in ballot.targets}


def _named(name: str, targets: tuple[str, ...]) -> str | None:
    """Find the series that a voter means: `4.1` and `4.1.x` both mean `4.1.x`."""
    return next((known for known in (name, f"{name}.x") if known in targets), None)


def _counted(event: Event, ballot: Ballot) -> Counted:
    url = ballot.url or event.seen.url
    return Counted(
        ballot.voter, ballot.choice, event.seen.at, url, ballot.recorded_by, ballot.label
    )
