"""What counts as missed, and by what two tellings of one thing are the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core import claim_text, comments, config, marker, missed, occasion
from bot.core.checklist import Checklist, Row
from bot.core.commands import Asked, Claim, Pushed, Spoke
from bot.core.gate_verdict import Proposal
from bot.core.hand_push import PushedCommit
from bot.core.model import Comment, Outcome, PullRequest, Repository
from bot.core.request import Request, Verb
from bot.core.vote_record import Vote, Ways
from bot.core.votes import ballots, register
from bot.core.votes.register import Kind, Seen
from tests import vote_case

AT = datetime(2022, 12, 30, 10, tzinfo=UTC)
REPOSITORY = Repository(5, 7, "acme", "tool")
CONFIGURATION = config.parse('targets = ["stable/2.x"]\n[who]\npermission = "write"\n')
BY_SERIES = config.parse(
    'label = "backport {series}"\ntargets = ["stable/2.x", "stable/1.x"]\n'
    '[who]\npermission = "write"\n'
)
PULL = PullRequest(
    number=1,
    title="Fixed #7 -- It.",
    body="",
    url="https://github.test/acme/tool/pull/1",
    is_open=False,
    merged=True,
    merge_commit_sha="c" * 40,
    created_at=AT,
    commits=1,
    comments=0,
    labels=("type: bug", "council exception"),
    milestone=None,
    base_branch="main",
    default_branch="main",
    head_branch="fix",
    head_sha="a" * 40,
    locked=False,
    archived=False,
)
DONE = Checklist(
    ("c" * 40,), "ann", "council exception", (Row("stable/2.x", "2.x", Outcome.PICKED),)
)
FORECAST = replace(DONE, sources=("a" * 40,), forecast=True)
OPEN = replace(PULL, is_open=True, merged=False)
SPOKE = Spoke(REPOSITORY, 1, "comment:3", "ann", "ann", "+1", "created", "", AT, "10:00")


def of(kind: str) -> Comment:
    """Give a comment of ours of some kind."""
    return Comment(2, "stablehand[bot]", by_bot=True, body=marker.mark(kind), url="")


@pytest.mark.parametrize(
    ("pull", "checklist", "said", "unanswered"),
    [
        (PULL, None, (), True),
        (replace(PULL, labels=("type: bug",)), None, (), False),
        (replace(PULL, archived=True), None, (), False),
        (PULL, None, (of(comments.LANDED),), False),
        (PULL, None, (of(comments.WAITS),), True),
        (PULL, None, (of(claim_text.REFUSED),), True),
        (PULL, DONE, (), False),
        (PULL, FORECAST, (), True),
        (OPEN, None, (), True),
        (OPEN, None, (of(comments.WAITS),), False),
        (OPEN, FORECAST, (), False),
        (replace(OPEN, head_sha="b" * 40), FORECAST, (), True),
    ],
)
def test_a_claim_without_an_answer(
    pull: PullRequest, checklist: Checklist | None, said: tuple[Comment, ...], *, unanswered: bool
) -> None:
    """A label is unanswered as long as neither a checklist of what is there nor a complaint is."""
    assert missed.is_unanswered(pull, CONFIGURATION, checklist, said) is unanswered


def test_a_second_label_for_another_series_is_unanswered() -> None:
    """Where labels name series, each needs its row, unless people were told that it stays out."""
    both = replace(PULL, labels=("backport 2.x", "backport 1.x"))
    assert missed.is_unanswered(both, BY_SERIES, DONE, ())
    assert not missed.is_unanswered(both, BY_SERIES, DONE, (of(claim_text.PARTLY),))
    assert not missed.is_unanswered(replace(both, labels=both.labels[:1]), BY_SERIES, DONE, ())


def test_a_broken_configuration_leaves_the_usual_label() -> None:
    """Without a configuration that can be used, the label of the usual name still claims."""
    assert missed.claims(PULL, None) == ("council exception",)


def test_what_is_the_same() -> None:
    """A comment is created and deleted once; an edit is another by moment, text or editor."""
    asked = Asked(REPOSITORY, 1, 3, "ann", Request(Verb.RETRY))
    assert occasion.name(asked) == occasion.name(replace(asked, author="bob"))
    late = replace(SPOKE, stamp="11:00", body="-1")
    assert occasion.name(SPOKE) == occasion.name(late)
    edits = [replace(one, action="edited") for one in (SPOKE, late, replace(late, editor="bob"))]
    said = [*edits, SPOKE, replace(SPOKE, action="deleted")]
    assert len({occasion.name(asked), *map(occasion.name, said)}) == len(said) + 1
    assert occasion.name(Claim(REPOSITORY, 1, None)) == ""


def test_a_push_is_the_same_by_its_commits() -> None:
    """Who told of a push makes no other push of it; one commit more does."""
    commits = (PushedCommit("a" * 40, "One.", ()), PushedCommit("b" * 40, "Two.", ("b.txt",)))
    push = Pushed(REPOSITORY, "stable/2.x", "ann", commits)
    assert occasion.name(push) == occasion.name(replace(push, by="somebody"))
    others = (replace(push, branch="stable/1.x"), replace(push, commits=commits[1:]))
    assert len({occasion.name(one) for one in (push, *others)}) == 3


@pytest.mark.parametrize(
    ("known", "said", "told"),
    [
        ("", {}, "submitted"),
        ("", {"state": "commented"}, ""),
        ("", {"state": "commented", "body": "/vote +1"}, "submitted"),
        ("", {"state": "dismissed"}, ""),
        ("", {"created_at": vote_case.OPENED - vote_case.MINUTE}, ""),
        ("submitted approved 0", {}, ""),
        ("submitted approved 0", {"body": "Well done."}, "edited"),
        ("edited approved 10", {"body": "Well done."}, ""),
        ("submitted approved 0", {"state": "dismissed"}, "dismissed"),
        ("dismissed dismissed 0", {"state": "dismissed"}, ""),
    ],
)
def test_a_review_is_told_when_it_is_news(known: str, said: dict[str, Any], told: str) -> None:
    """A review that is a ballot is told once, and again with another state or another length."""
    at = vote_case.OPENED + vote_case.DAY
    seen = Seen("review:9", f"{at} {known}", Kind.CAST, "seat1", at, "")
    review = Spoke(REPOSITORY, 1, "review:9", "seat1", "seat1", "", "created", "", at, "")
    events = [register.event(seen, ballots.of_review("approved", "seat1"))] if known else []
    vote = Vote(5, 7, "comment:2", "7", 1, vote_case.asked(), Ways(), seen=register.fold(events))
    assert missed.review_action(vote, replace(review, **{"state": "approved", **said})) == told


def test_the_policy_judges_what_is_new() -> None:
    """An open pull request to another branch is judged unless it was, just as it is now."""
    shown = replace(OPEN, base_branch="stable/2.x")
    judged = missed.proposal(shown, None)
    assert isinstance(judged, Proposal)
    assert missed.proposal(shown, judged) is None
    ours = replace(judged, ours=True, title="Before.")
    assert missed.proposal(shown, ours) == replace(judged, ours=True)
    assert missed.proposal(OPEN, None) is None
    assert missed.proposal(replace(shown, is_open=False), None) is None
