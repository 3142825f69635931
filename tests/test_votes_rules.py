from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from bot.core.errors import UserError
from bot.core.model import Target
from bot.core.votes import register
from bot.core.votes.register import Event, Kind
from bot.core.votes.rule import Outcome, RuleRef
from bot.core.votes.rules import catalogue
from tests.vote_case import (
    CLOSE,
    DAY,
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
REJECTED = Outcome.REJECTED
WEEK = timedelta(days=7)


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
