from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core import config, policy
from bot.core.model import LabelEvent, PullRequest
from bot.core.policy import Answer, Snapshot, Standing

PULL = PullRequest(
    number=16210,
    title="Fixed #34063 -- Fixed reading request body.",
    body="",
    url="",
    is_open=False,
    merged=True,
    merge_commit_sha="c4eaa67e2b880db778c9fe6d9854fbdfcc16ecd2",
    created_at=datetime(2022, 10, 24, tzinfo=UTC),
    commits=1,
    comments=0,
    labels=("council exception",),
    milestone=None,
    base_branch="main",
    default_branch="main",
    head_branch="ticket-34063",
    head_sha="0" * 40,
    locked=False,
    archived=False,
)
TEAM = config.parse('targets = ["stable/4.1.x"]\nwho = {team = "mergers"}')
CLAIM = LabelEvent(1, "council exception", "felix")
GOOD = Snapshot(PULL, CLAIM, TEAM, Standing("felix", in_team=True, permission=None))


@pytest.mark.parametrize(
    ("in_team", "permission", "answer"),
    [
        (True, None, Answer.YES),
        (False, "maintain", Answer.YES),
        (False, "admin", Answer.YES),
        (False, "write", Answer.NO),
        (False, "triage", Answer.NO),
        (False, "none", Answer.NO),
        (None, None, Answer.NO),
        (None, "something new", Answer.NO),
    ],
)
def test_who_may_claim(in_team: bool | None, permission: str | None, answer: Answer) -> None:  # noqa: FBT001 - a table's column
    """The team or the permission is enough; whatever is not known is a NO."""
    snapshot = replace(GOOD, standing=Standing("felix", in_team, permission))
    assert policy.evaluate(snapshot).answer is answer


def test_an_open_pull_request_waits() -> None:
    """A claim on an open pull request waits for the merge."""
    snapshot = replace(GOOD, pull=replace(PULL, is_open=True, merged=False))
    assert policy.evaluate(snapshot).answer is Answer.WAIT


def test_no_is_stronger_than_wait() -> None:
    """An outsider's label on an open pull request is refused at once."""
    outsider = Standing("felix", in_team=False, permission="none")
    snapshot = replace(GOOD, pull=replace(PULL, is_open=True, merged=False), standing=outsider)
    verdict = policy.evaluate(snapshot)
    assert verdict.answer is Answer.NO
    assert "felix may not set this label; members of the team mergers" in verdict.why


def test_a_team_that_cannot_be_read_is_said() -> None:
    """The refusal tells that the team could not be read, since that may be the real cause."""
    unread = Standing("felix", None, None, team_problem="the App lacks Members: read")
    snapshot = replace(GOOD, standing=unread)
    assert "the App lacks Members: read" in policy.evaluate(snapshot).why


def test_a_verdict_explains_itself() -> None:
    """Every rule is in the tree, with its answer and one sentence."""
    parts = policy.evaluate(GOOD).parts
    assert [(part.rule, part.answer) for part in parts] == [
        ("set", Answer.YES),
        ("who", Answer.YES),
        ("merged", Answer.YES),
        ("decision", Answer.YES),
    ]
    assert all(part.why.endswith(".") for part in parts)
