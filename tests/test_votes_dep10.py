from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.core import motion
from bot.core.votes import register
from bot.core.votes.rule import Circumstances, Outcome
from tests.vote_case import (
    CLOSE,
    DAY,
    MINUTE,
    asked,
    count,
    rule,
    said,
    votes,
)

OPEN, ACCEPTED, NO_ACTION = Outcome.OPEN, Outcome.ACCEPTED, Outcome.NO_ACTION
VETO, REJECTED = Outcome.VETO, Outcome.REJECTED
WEEK = timedelta(days=7)

VECTORS = [
    (5, "+++", OPEN, True),
    (5, "++++", ACCEPTED, True),
    (5, "+++0", OPEN, True),
    (5, "+++-", OPEN, False),
    (5, "++++-", ACCEPTED, False),
    (5, "+++00", ACCEPTED, True),
    (5, "+++0-", NO_ACTION, False),
    (5, "++0", OPEN, False),
    (5, "+00", NO_ACTION, False),
    (5, "++-", NO_ACTION, False),
    (5, "+--", OPEN, False),
    (5, "--0", VETO, False),
    (5, "00000", NO_ACTION, False),
    (5, "++", OPEN, False),
    (4, "+++", OPEN, True),
    (4, "+++0", ACCEPTED, True),
    (4, "+++-", NO_ACTION, False),
    (4, "++++", ACCEPTED, True),
    (5, "---++", VETO, False),
]


@pytest.mark.parametrize(("number", "signs", "outcome", "_carried"), VECTORS)
def test_dep_10_at_the_end_of_the_week(
    number: int,
    signs: str,
    outcome: Outcome,
    _carried: bool,  # noqa: FBT001 - a table's column
) -> None:
    """DEP 10, read literally, gives each outcome of the table; incomplete means another week."""
    tally = count(asked(number=number), votes(signs))
    assert tally.outcome is outcome
    assert {target.outcome for target in tally.targets} == {outcome}
    assert tally.closes_at == (CLOSE + WEEK if outcome is OPEN else CLOSE)


@pytest.mark.parametrize(("number", "signs", "_outcome", "carried"), VECTORS)
def test_the_documentations_rule(
    number: int,
    signs: str,
    _outcome: Outcome,
    carried: bool,  # noqa: FBT001 - the same
) -> None:
    """The rule of the documentation carries with three in favour and nobody against."""
    tally = count(asked(rule("django-docs-legacy"), number), votes(signs))
    assert tally.outcome is (ACCEPTED if carried else REJECTED)


def test_there_are_19_vectors() -> None:
    """The table of cases is whole."""
    assert len({(number, signs) for number, signs, *_ in VECTORS}) == 19


def test_nothing_closes_before_the_week_is_over() -> None:
    """Votes may be changed for a week, also when all are in."""
    before = count(asked(), votes("+++++"), CLOSE - MINUTE)
    assert before.outcome is OPEN
    assert before.closes_at == CLOSE


def test_a_vote_is_prolonged_week_by_week() -> None:
    """Three of five in favour stay open; the fourth decides at the end of the third week."""
    late = said("seat4", "+1", CLOSE + WEEK + DAY)
    three = register.fold([late], votes("+++"))
    second = count(asked(), three, CLOSE + DAY)
    assert second.outcome is OPEN
    assert second.targets[0].extensions == 1
    third = count(asked(), three, CLOSE + 2 * WEEK + DAY)
    assert third.outcome is ACCEPTED
    assert third.closed_at == CLOSE + 2 * WEEK


def test_what_comes_after_the_close_is_noted() -> None:
    """Once closed, a vote stays as it was, and who comes later is told."""
    late = [
        said("seat5", "-1", CLOSE + MINUTE),
        said("seat1", "-1", CLOSE + DAY, place="comment:9"),
    ]
    tally = count(asked(), register.fold(late, votes("++++")), CLOSE + 9 * WEEK)
    assert (tally.outcome, tally.score) == (ACCEPTED, 4)
    assert [(note.voter, note.why) for note in tally.noted] == [
        ("seat5", "it came after the close"),
        ("seat1", "it came after the close"),
    ]


@pytest.mark.parametrize(
    ("signs", "number", "option", "value", "outcome"),
    [
        ("+00", 5, "further_votes", "literal", NO_ACTION),
        ("+00", 5, "further_votes", "all", OPEN),
        ("++-", 5, "further_votes", "all", OPEN),
        ("--0", 5, "further_votes", "all", OPEN),
        ("+++0-", 5, "further_votes", "all", NO_ACTION),
        ("++++", 5, "further_votes", "all", ACCEPTED),
        ("++", 4, "no_majority", "literal", NO_ACTION),
        ("++", 4, "no_majority", "open", OPEN),
    ],
)
def test_the_gaps_of_dep_10(
    signs: str, number: int, option: str, value: str, outcome: Outcome
) -> None:
    """Each gap of the text is a setting, and the other reading is told where it differs."""
    tally = count(asked(rule("django-dep10", **{option: value}), number), votes(signs))
    assert tally.outcome is outcome
    told = "Read literally, DEP 10 ends this vote with " in tally.targets[0].remark
    assert told == (signs in {"+00", "++-", "--0", "++"})


def test_governance_needs_one_more() -> None:
    """A question of governance needs a score of four."""
    governance = rule("django-dep10-governance")
    assert count(asked(governance), votes("++++-")).outcome is NO_ACTION
    assert count(asked(governance), votes("++++0")).outcome is ACCEPTED
    assert count(asked(governance), votes("----+")).outcome is VETO


@pytest.mark.parametrize(
    ("circumstances", "day", "words"),
    [
        (Circumstances(), date(2023, 7, 6), "whose day is not known"),
        (Circumstances(next_feature_release=date(2023, 4, 3)), date(2023, 7, 6), "six months or"),
        (Circumstances(next_feature_release=date(2023, 12, 4)), date(2023, 12, 4), "six months or"),
        (Circumstances(1, next_election=date(2024, 1, 9)), date(2024, 1, 9), "second veto"),
        (Circumstances(1), None, "second veto"),
    ],
)
def test_a_veto_cools_down(circumstances: Circumstances, day: date | None, words: str) -> None:
    """After a veto the question rests until the later of two days, after two until an election."""
    tally = motion.tallied(asked(), votes("---++"), CLOSE, None, circumstances)
    assert tally.waiting
    assert tally.waiting.not_before == day
    assert words in tally.waiting.why


def test_six_months_end_within_the_month() -> None:
    """Six months after the 31st of August is the last of February."""
    closed = datetime(2023, 8, 31, tzinfo=UTC)
    waiting = rule("django-dep10").again(closed, VETO, Circumstances())
    assert waiting.not_before == date(2024, 2, 29)


def test_no_action_does_not_wait() -> None:
    """No action can be asked again at once, and an accepted motion needs no waiting time."""
    tally = count(asked(), votes("00000"))
    assert tally.waiting
    assert tally.waiting.not_before is None
    assert count(asked(), votes("+++++")).waiting is None


def test_another_reading_is_told_when_a_deadline_was_reached() -> None:
    """Before the first deadline the gaps of the text are nobody's concern."""
    assert count(asked(), votes("+00"), CLOSE - MINUTE).targets[0].remark == ""
    assert count(asked(), votes("+00")).targets[0].remark.endswith("so it is read here.")
