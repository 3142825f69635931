from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.core.motion import Motion
from bot.core.votes import register
from bot.core.votes.ballots import Means
from bot.core.votes.register import Event, Happening, Kind
from bot.core.votes.roster import RosterChange
from bot.core.votes.rule import Outcome
from bot.core.votes.rules import catalogue
from bot.core.votes.tally import Tally
from bot.core.votes.what_if import moment
from tests import vote_case
from tests.vote_case import CLOSE, DAY, MINUTE, OPENED, asked, count, reviewed, said, seats

MOTIONS = {
    "dep10": asked(),
    "dep10 of four": asked(number=4),
    "dep10 of eight": asked(number=8),
    "dep10 without gaps": asked(
        vote_case.rule("django-dep10", further_votes="all", no_majority="open"), 6
    ),
    "governance": asked(vote_case.rule("django-dep10-governance")),
    "documentation": asked(vote_case.rule("django-docs-legacy")),
    "majority": asked(vote_case.rule("majority")),
    "majority in a week": asked(vote_case.rule("majority", days="7"), 6),
    "pep13": asked(vote_case.rule("python-pep13")),
    "approvals": asked(vote_case.rule("approvals", n="2")),
    "conda": asked(vote_case.rule("conda-cep"), deadline=CLOSE),
}
WORDS = ("+1", "+0", "0", "-0", "-1", "abstain", "conflict of interest")
TARGETS = ("", " 4.1", " 4.0 3.2")


def cast(of: Motion, who: str, word: str, at: datetime) -> Event:
    """Let somebody vote in the way that a motion's rule counts."""
    if Means.REVIEW in catalogue.find(of.rule).form.means:
        state = {"+1": "approved", "-1": "changes_requested"}.get(word, "commented")
        return reviewed(who, state, at)
    return said(who, f"/vote {word}", at)


def ballots_of(of: Motion) -> st.SearchStrategy[dict[str, str]]:
    """Choose what some of the seats vote."""
    return st.dictionaries(st.sampled_from(of.roster.sitting(OPENED)), st.sampled_from(WORDS))


def outcomes(tally: Tally) -> list[tuple[Outcome, int, str, str]]:
    """Give what must be equal of two tallies."""
    return [(one.outcome, one.score, one.sentence, one.change) for one in tally.targets]


@pytest.mark.parametrize("name", MOTIONS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_the_order_of_arrival_does_not_matter(name: str, data: st.DataObject) -> None:
    """Different voters may vote in any order and at any moments of a period."""
    of = MOTIONS[name]
    chosen = data.draw(ballots_of(of))
    order = data.draw(st.permutations(sorted(chosen)))
    given_order = [cast(of, who, chosen[who], OPENED + DAY) for who in chosen]
    other = [
        cast(of, who, chosen[who], OPENED + at * MINUTE) for at, who in enumerate(order, start=1)
    ]
    for at in (OPENED + 2 * DAY, CLOSE):
        first, second = (count(of, register.fold(way), at) for way in (given_order, other))
        assert outcomes(first) == outcomes(second)


@pytest.mark.parametrize("name", MOTIONS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_another_vote_in_favour_never_undoes(name: str, data: st.DataObject) -> None:
    """What is accepted stays so when somebody who may votes for it, or changes over to it."""
    of = MOTIONS[name]
    chosen = data.draw(ballots_of(of))
    who = data.draw(st.sampled_from(of.roster.sitting(OPENED)))
    before = [cast(of, one, word, OPENED + DAY) for one, word in chosen.items()]
    more = cast(of, who, "+1", OPENED + 2 * DAY)
    if count(of, register.fold(before)).outcome is Outcome.ACCEPTED:
        without = [event for event in before if event.seen.place != more.seen.place]
        assert count(of, register.fold([*without, more])).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("name", ["documentation", "approvals"])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_one_vote_against_wins_where_it_is_a_veto(name: str, data: st.DataObject) -> None:
    """Where one vote against is enough to stop, no number of votes in favour helps."""
    of = MOTIONS[name]
    against = data.draw(st.sampled_from(seats(5)))
    events = [
        cast(of, who, "-1" if who == against else "+1", OPENED + DAY)
        for who in seats(data.draw(st.integers(1, 5)))
    ]
    accepted = count(of, register.fold(events)).outcome is Outcome.ACCEPTED
    assert not accepted or against not in {event.seen.author for event in events}


@pytest.mark.parametrize("name", ["dep10", "dep10 of four", "dep10 of eight", "governance"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_negative_score_of_all_is_a_veto(name: str, data: st.DataObject) -> None:
    """When all have voted under DEP 10, less than zero is a veto, and a veto is nothing else."""
    of = MOTIONS[name]
    every = of.roster.sitting(OPENED)
    chosen = data.draw(st.fixed_dictionaries({who: st.sampled_from(WORDS[:5]) for who in every}))
    events = [cast(of, who, word, OPENED + DAY) for who, word in chosen.items()]
    tally = count(of, register.fold(events))
    assert tally.score == sum(int(word) for word in chosen.values())
    assert (tally.outcome is Outcome.VETO) == (tally.score < 0)


class Vote(RuleBasedStateMachine):
    """A vote in which people vote, edit, delete, join and leave while deadlines pass."""

    @initialize(name=st.sampled_from(sorted(MOTIONS)))
    def open(self, name: str) -> None:
        """Open one of the motions."""
        self.motion = MOTIONS[name]
        self.now = OPENED
        self.log: list[Happening] = []
        self.closed: dict[str, Outcome] = {}

    @rule(who=st.integers(1, 9), word=st.sampled_from(WORDS), on=st.sampled_from(TARGETS))
    def cast(self, who: int, word: str, on: str) -> None:
        """Write a vote in a new comment."""
        place = f"comment:{len(self.log)}"
        self.log.append(said(f"seat{who}", f"/vote {word}{on}", self.now, place))

    @rule(who=st.integers(1, 9), word=st.sampled_from(["approved", "changes_requested"]))
    def review(self, who: int, word: str) -> None:
        """Review, or review again."""
        self.log.append(reviewed(f"seat{who}", word, self.now))

    @rule(who=st.integers(1, 9), word=st.sampled_from(WORDS))
    def record(self, who: int, word: str) -> None:
        """Enter a vote that was cast elsewhere."""
        word = word.partition(" ")[0]
        line = f"/vote record @seat{who} {word} https://example.org"
        self.log.append(said("clerk", line, self.now, f"comment:{len(self.log)}"))

    @precondition(lambda self: self.events())
    @rule(data=st.data(), word=st.sampled_from([*WORDS, "hm"]), kind=st.sampled_from(Kind))
    def change(self, data: st.DataObject, word: str, kind: Kind) -> None:
        """Edit or delete a comment."""
        old = data.draw(st.sampled_from(self.events())).seen
        self.log.append(said(old.author, word, self.now, old.place, kind))

    @rule(who=st.integers(1, 9), joined=st.booleans())
    def sit(self, who: int, joined: bool) -> None:  # noqa: FBT001 - a drawn value
        """Join or leave the roster."""
        self.log.append(RosterChange(f"seat{who}", self.now, joined))

    @rule(hours=st.sampled_from([1, 24, 24 * 7]))
    def wait(self, hours: int) -> None:
        """Let time pass, and with it deadlines."""
        self.now += hours * 60 * MINUTE

    def events(self) -> list[Event]:
        """Give what was said so far."""
        return [one for one in self.log if isinstance(one, Event)]

    @precondition(lambda self: self.log)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """End in the same state, whatever prefix is replayed, in any order and however often."""
        whole = register.fold(self.log)
        prefix = self.log[: data.draw(st.integers(0, len(self.log)))]
        shuffled = data.draw(st.permutations(self.log))
        once = register.fold(prefix)
        assert register.fold(prefix, once) == once
        assert register.fold(prefix, whole) == whole
        assert register.fold(shuffled, register.fold(prefix)) == whole
        assert count(self.motion, register.fold(shuffled), self.now) == self.tally()

    def tally(self) -> Tally:
        """Count what was said so far."""
        return count(self.motion, register.fold(self.log), self.now)

    @invariant()
    def what_is_closed_stays_closed(self) -> None:
        """Keep every outcome that a deadline has settled."""
        if not hasattr(self, "motion") or self.motion.deadline is None:
            return
        for one in self.tally().targets:
            final = one.closed_at and one.closes_at and one.closes_at <= one.closed_at < self.now
            if one.series in self.closed:
                assert one.outcome is self.closed[one.series]
            elif final:
                self.closed[one.series] = one.outcome

    @invariant()
    def every_state_explains_itself(self) -> None:
        """Have a sentence for each target, and what would change it while it is open."""
        if hasattr(self, "motion"):
            for one in self.tally().targets:
                assert one.sentence.endswith(".")
                assert bool(one.change) == (one.outcome is Outcome.OPEN)
                assert one.outcome is not Outcome.OPEN or self.announces(
                    one.closes_at, one.sentence
                )

    def announces(self, closes_at: datetime | None, sentence: str) -> bool:
        """Tell whether an open vote names its end, which lies ahead."""
        return not closes_at or (closes_at > self.now and moment(closes_at) in sentence)


TestVote = Vote.TestCase
TestVote.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
