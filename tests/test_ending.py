from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core import shipped_text
from bot.core.checklist import Checklist, Row
from bot.core.ending import has_ended
from bot.core.follow_up import FollowUp
from bot.core.landing import Landing, Way
from bot.core.model import Outcome, Repository
from bot.core.noted import Share
from bot.core.shipping import Release
from bot.engine.cases import Case

SHA = "a" * 40
HERE = Repository(1, 2, "django", "django")
RELEASE = Release("4.1.6", "4.1.6", SHA, datetime(2023, 2, 1, tzinfo=UTC))
OUT = Row(
    "stable/4.1.x", "4.1.x", Outcome.PICKED, pull=7, landing=Landing(SHA, Way.PULL), shipped=RELEASE
)
CLOSED = Row("stable/4.0.x", "4.0.x", Outcome.PICKED, pull=8, closed=True)
THERE = Row("stable/3.2.x", "3.2.x", Outcome.ALREADY_THERE)
TALK = FollowUp("https://example.org/9", "django/policy", 9, closed=True)
DONE = Checklist((SHA,), "ann", "exception", (OUT, CLOSED, THERE), follow_up=TALK)


def test_an_exception_ends_when_all_is_settled() -> None:
    """Shipped, closed for good or there already, and the policy talked over."""
    assert has_ended(DONE)
    assert has_ended(replace(DONE, rows=(CLOSED, THERE), follow_up=None))


@pytest.mark.parametrize(
    "open_",
    [
        replace(DONE, forecast=True),
        replace(DONE, follow_up=None),
        replace(DONE, follow_up=replace(TALK, closed=False)),
        replace(DONE, rows=(replace(OUT, shipped=None),)),
        replace(DONE, rows=(replace(OUT, landing=Landing(SHA, Way.PULL, reverted_by=SHA)),)),
        replace(DONE, rows=(replace(CLOSED, closed=False),)),
        replace(DONE, shares=(Share("main", ("4.1.6",), 12),)),
    ],
)
def test_what_is_open_keeps_it_going(open_: Checklist) -> None:
    """One thing that is left is enough."""
    assert not has_ended(open_)


def test_what_may_matter_to_a_case() -> None:
    """Its branches, its pull requests, its follow-up wherever that is, and tags."""
    shares = (Share("main", ("4.1.6",), 12), Share("stable/4.2.x", (), 13))
    case = Case(HERE, 1, 5, replace(DONE, shares=shares))
    moved = ("refs/heads/stable/4.1.x", "refs/heads/main", "refs/tags/5.0")
    assert [case.moved_by((ref,)) for ref in moved] == [True, True, True]
    assert not case.moved_by(("refs/heads/stable/4.2.x", "refs/heads/x"))
    assert all(case.touched_at(HERE, number) for number in (1, 7, 8, 12, 13))
    policy = replace(HERE, id=3, name="policy")
    assert case.touched_at(policy, 9)
    assert not case.touched_at(policy, 7)
    assert not case.touched_at(HERE, 9)


def test_a_case_that_ended_listens_to_its_own_tags() -> None:
    """A release that is taken back is the one thing that opens it again by itself."""
    case = Case(HERE, 1, 5, DONE, ended=True)
    assert case.moved_by(("refs/tags/4.1.6",))
    assert not case.moved_by(("refs/tags/4.1.7", "refs/heads/stable/4.1.x"))


def test_what_is_said_of_releases() -> None:
    """Nothing before all that landed has shipped; later each branch that has no release is told."""
    waiting = replace(OUT, branch="stable/3.1.x", shipped=None)
    said = shipped_text.shipped(DONE.rows, again=False)
    assert said.endswith("\nThe fix has shipped in 4.1.6.")
    assert shipped_text.shipped(DONE.rows, again=True) == said
    assert shipped_text.shipped((*DONE.rows, waiting), again=False) == ""
    late = shipped_text.shipped((*DONE.rows, waiting), again=True)
    assert late.endswith("4.1.6. No release of `stable/3.1.x` holds it now.")
    assert shipped_text.shipped((CLOSED, THERE), again=False) == ""
