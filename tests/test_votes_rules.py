from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.core import motion
from bot.core.errors import UserError
from bot.core.model import Target
from bot.core.votes import register
from bot.core.votes.register import Event, Kind
from bot.core.votes.rule import Circumstances, Outcome, RuleRef
from bot.core.votes.rules import catalogue
from tests.vote_case import (
    CLOSE,
    DAY,
    MINUTE,
    OPENED,
    asked,
    count,
    labelled,
    reviewed,
    rule,
    said,
    seats,
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


def test_a_council_speaks_through_one_member() -> None:
    """An answer with a link by any member decides for all; contradicting ones decide nothing."""
    speaks = asked(rule("django-spokesperson"))
    nobody = count(
        speaks, [said("seat1", "+1"), said("guest", "/vote answer accept https://f.org/1")]
    )
    assert nobody.outcome is OPEN
    assert "no member has posted" in nobody.sentence
    one = said("seat2", "/vote answer accept https://forum.djangoproject.com/t/1")
    accepted = count(speaks, [one])
    assert accepted.outcome is ACCEPTED
    assert accepted.sentence == "Accepted: the council's answer was posted by seat2."
    assert accepted.targets[0].votes[0].url == "https://forum.djangoproject.com/t/1"
    other = said("seat3", "/vote answer reject https://forum.djangoproject.com/t/2")
    assert count(speaks, [one, other]).outcome is OPEN
    assert count(speaks, [other]).outcome is REJECTED
    assert count(speaks, [said("seat1", "/vote answer decline https://f.org")]).outcome is (
        Outcome.DECLINED
    )


@pytest.mark.parametrize(
    ("number", "signs", "outcome"),
    [
        (5, "++", OPEN),
        (5, "+++", ACCEPTED),
        (5, "---", REJECTED),
        (5, "+0--", REJECTED),
        (5, "+00-", REJECTED),
        (4, "++0", OPEN),
        (4, "++00", REJECTED),
    ],
)
def test_a_majority_of_seats(number: int, signs: str, outcome: Outcome) -> None:
    """More than half of all seats accept; it is rejected once that is out of reach."""
    assert count(asked(rule("majority"), number), votes(signs)).outcome is outcome


def test_a_majority_with_a_period() -> None:
    """With a period, votes may be changed to its end, and what is open then is rejected."""
    days = asked(rule("majority", days="3"))
    assert count(days, votes("+++"), OPENED + 2 * DAY).outcome is OPEN
    assert count(days, votes("+++"), OPENED + 3 * DAY).outcome is ACCEPTED
    assert count(days, votes("++"), OPENED + 3 * DAY).outcome is REJECTED


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        (("+1", "+1", "+1", "-1"), OPEN),
        (("+1", "+1", "+1", "-1", "-1"), ACCEPTED),
        (("+1", "+1", "-1", "-1", "abstain"), REJECTED),
        (("+1", "+1", "-1", "abstain", "conflict of interest"), ACCEPTED),
        (("+1", "+1", "+1", "+1", "0"), OPEN),
        (("abstain",) * 5, REJECTED),
    ],
)
def test_python_waits_for_everybody(words: tuple[str, ...], outcome: Outcome) -> None:
    """PEP 13 waits until all vote or abstain, and takes more than half of those who do not."""
    cast = [said(who, word) for who, word in zip(seats(5), words, strict=False)]
    assert count(asked(rule("python-pep13")), list(cast)).outcome is outcome


def test_approvals_count_reviews() -> None:
    """So many approvals accept, whatever is commented; one request for changes blocks."""
    two = asked(rule("approvals", n="2"))
    first, second = reviewed("seat1", "approved"), reviewed("seat2", "approved")
    tally = count(two, [first, said("seat3", "+1"), reviewed("guest", "approved")])
    assert tally.outcome is OPEN
    assert tally.change.startswith("One more +1 accepts; one more -1 leaves it open")
    assert {note.voter for note in tally.noted} == {"guest", "seat3"}
    assert count(two, [first, second]).outcome is ACCEPTED
    blocked = count(two, [first, second, reviewed("seat4", "changes_requested")])
    assert blocked.outcome is OPEN
    assert "seat4 requested changes, which blocks" in blocked.sentence


@pytest.mark.parametrize(("number", "outcome"), [(2, REJECTED), (3, ACCEPTED)])
def test_conda_takes_three_in_five(number: int, outcome: Outcome) -> None:
    """Conda's council approves with 60 %, at the end that the asker names."""
    cep = asked(rule("conda-cep"), deadline=OPENED + 14 * DAY)
    approve = register.fold(reviewed(who, "approved") for who in seats(number))
    assert count(cep, approve, OPENED + 13 * DAY).outcome is OPEN
    assert count(cep, approve, OPENED + 14 * DAY).outcome is outcome


def test_kubernetes_takes_a_label_or_a_review() -> None:
    """A release manager's label accepts, or their approval beside the project's own labels."""
    patch = asked(rule("k8s-cherry-pick"))
    own = [labelled("robot", "lgtm"), labelled("robot", "approved")]
    tally = count(patch, [labelled("author", "cherry-pick-approved"), *own])
    assert tally.outcome is OPEN
    assert tally.sentence == ("Open: `cherry-pick-approved` (or an approving review) is missing.")
    assert count(patch, [labelled("seat1", "cherry-pick-approved")]).outcome is ACCEPTED
    assert count(patch, [*own, reviewed("seat1", "approved")]).outcome is ACCEPTED
    assert count(patch, [own[0], reviewed("seat1", "approved")]).outcome is OPEN
    off = labelled("author", "cherry-pick-approved", OPENED + 2 * DAY, Kind.DELETED)
    assert count(patch, [labelled("seat1", "cherry-pick-approved"), off]).outcome is OPEN


def test_a_deadline_rejects_what_is_open() -> None:
    """Before the deadline of a patch release it can be accepted, afterwards no more."""
    patch = asked(rule("k8s-cherry-pick"), deadline=OPENED + 3 * DAY)
    late = [labelled("seat1", "cherry-pick-approved", OPENED + 4 * DAY)]
    assert count(patch, list(late), OPENED + 2 * DAY).outcome is OPEN
    assert count(patch, list(late), OPENED + 5 * DAY).outcome is REJECTED


def test_openshift_takes_all_of_its_labels() -> None:
    """All six labels are needed, three of them by people of the teams; an invalid bug rejects."""
    backport = asked(rule("openshift"))
    names = ("backport-risk-assessed", "cherry-pick-approved", "verified")
    teams = [labelled("seat1", name) for name in names]
    robots = [labelled("robot", name) for name in ("jira/valid-bug", "lgtm", "approved")]
    assert count(backport, [*teams, *robots]).outcome is ACCEPTED
    assert count(backport, [*teams[1:], *robots]).outcome is OPEN
    by_robot = labelled("robot", "verified")
    assert count(backport, [*teams[:2], by_robot, *robots]).outcome is OPEN
    invalid = labelled("robot", "jira/invalid-bug")
    assert count(backport, [*teams, *robots, invalid]).outcome is REJECTED


def test_rust_accepts_what_was_nominated() -> None:
    """A member's label accepts for its own channel; a nomination that is taken off rejects."""
    channels = (Target("beta", "beta"), Target("stable", "stable"))
    backport = asked(rule("rust-backport"), targets=channels)
    named = [labelled("anybody", f"{one.series}-nominated") for one in channels]
    tally = count(backport, [*named, labelled("seat1", "beta-accepted"), said("seat2", "+1")])
    assert [target.outcome for target in tally.targets] == [ACCEPTED, OPEN]
    assert tally.outcome is OPEN
    off = labelled("anybody", "stable-nominated", OPENED + 2 * DAY, Kind.DELETED)
    tally = count(backport, [*named, off, labelled("seat1", "beta-accepted")])
    assert [target.outcome for target in tally.targets] == [ACCEPTED, REJECTED]
    assert tally.outcome is ACCEPTED
    assert "stable: Rejected: `stable-nominated` was taken off" in tally.sentence


def test_what_would_change_it_names_the_targets() -> None:
    """Where only some targets are open, what would change them is said by their series."""
    known = [said(who, "+1") for who in seats(4)]
    known[3] = said("seat4", "/vote +1 4.1 4.0")
    tally = count(asked(), register.fold(known))
    assert tally.outcome is OPEN
    assert tally.change.startswith("3.2.x: One more +1 accepts; one more 0 or -1 leaves it open")
    assert tally.closes_at == CLOSE + WEEK


def test_go_takes_one_label() -> None:
    """A candidate stays open until a member of the team approves it."""
    child = asked(rule("go-minor"))
    candidate = labelled("anybody", "CherryPickCandidate")
    assert count(child, [candidate]).outcome is OPEN
    approved = count(child, [candidate, labelled("seat1", "CherryPickApproved")])
    assert approved.outcome is ACCEPTED


def test_every_row_is_a_rule() -> None:
    """Each community of the table has its rule, and each rule its row of words."""
    assert catalogue.IDS == (
        "django-dep10",
        "django-dep10-governance",
        "django-docs-legacy",
        "django-spokesperson",
        "majority",
        "python-pep13",
        "approvals",
        "conda-cep",
        "k8s-cherry-pick",
        "openshift",
        "rust-backport",
        "go-minor",
    )
    assert [row[0] for row in catalogue.table()] == list(catalogue.IDS)
    assert {len(row) for row in catalogue.table()} == {len(catalogue.HEADINGS)}
    assert all(cell for row in catalogue.table() for cell in row)
    assert catalogue.table()[0][5] == "7 days, then 7 more, repeating"


@pytest.mark.parametrize(
    ("name", "day", "options", "words"),
    [
        ("django-dep10", date(2020, 3, 11), {}, "holds from 2020-03-12, not on 2020-03-11"),
        ("django-docs-legacy", date(2025, 5, 13), {}, "holds before 2025-05-13"),
        ("django-spokesperson", date(2022, 12, 30), {}, "holds from 2025-01-06"),
        ("acclamation", date(2022, 12, 30), {}, "There is no rule `acclamation`"),
        ("approvals", date(2022, 12, 30), {"n": "0"}, "`n` is a number from 1 to 99, not `0`"),
        ("approvals", date(2022, 12, 30), {"n": "²"}, "not `²`"),
        ("approvals", date(2022, 12, 30), {"m": "1"}, "it has no setting `m`"),
        ("django-dep10", date(2022, 12, 30), {"no_majority": "x"}, "one of literal, open, not `x`"),
    ],
)
def test_rules_are_dated_and_checked(
    name: str, day: date, options: dict[str, str], words: str
) -> None:
    """A rule that is not in force, or set up wrongly, is refused with the reason."""
    with pytest.raises(UserError) as refused:
        catalogue.in_force(name, day, options)
    assert words in refused.value.message


def test_a_version_that_is_not_known_is_refused() -> None:
    """A motion under another version of a rule is not counted by this one."""
    with pytest.raises(UserError, match="not in `1999`"):
        catalogue.find(RuleRef("django-dep10", "1999"))


@pytest.mark.parametrize("name", catalogue.IDS)
def test_a_reference_finds_the_same_rule(name: str) -> None:
    """What a motion keeps of a rule is enough to find it again."""
    made = rule(name)
    assert catalogue.find(made.ref).ref == made.ref
    json.dumps(made.ref.options)


def test_it_says_what_a_vote_would_do() -> None:
    """The tally explains itself and names the effect of each vote to come."""
    tally = count(asked(), votes("+++0"), CLOSE - DAY)
    assert tally.sentence == (
        "Open until 2023-01-06 10:00 UTC: 4 of 5 have voted and the score is +3; "
        "3 or more accepts, less than 0 is a veto."
    )
    assert tally.change == (
        "One more +1 or 0 accepts; one more -1 ends it without action; "
        "no more votes by 2023-01-06 10:00 UTC leaves it open until 2023-01-13 10:00 UTC."
    )
    three = count(asked(), votes("+++"), CLOSE - DAY)
    assert three.change.startswith(
        "One more +1 accepts; one more 0 or -1 leaves it open until 2023-01-13 10:00 UTC"
    )
    full = count(asked(), votes("+++++"), CLOSE - DAY)
    assert full.change == "Everybody has voted; only a changed vote changes this."


def test_targets_are_decided_for_themselves() -> None:
    """A vote on some targets counts there alone; each is said by its series."""
    happenings: list[Event] = [said(who, "+1") for who in seats(3)]
    happenings += [
        said("seat4", "/vote +1 4.1 4.0\n/vote -1 3.2"),
        said("seat5", "/vote 0 [4.1 4.0]\n/vote -1 3.2.x"),
    ]
    tally = count(asked(), register.fold(happenings))
    assert [(one.series, one.outcome, one.score) for one in tally.targets] == [
        ("4.1.x", ACCEPTED, 4),
        ("4.0.x", ACCEPTED, 4),
        ("3.2.x", NO_ACTION, 1),
    ]
    assert (tally.outcome, tally.score) == (ACCEPTED, None)
    assert tally.sentence.startswith("4.1.x, 4.0.x: Accepted: 5 of 5 have voted")
