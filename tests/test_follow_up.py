from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core import aftermath, follow_up, follow_up_text
from bot.core.aftermath import Records
from bot.core.checklist import Checklist, Row
from bot.core.config import Configuration, parse
from bot.core.decision import Entry, declined, overturned, recorded
from bot.core.defaults import DJANGO
from bot.core.follow_up import FollowUp
from bot.core.landing import Landing, Way
from bot.core.model import Outcome, PullRequest
from bot.core.shipping import Release
from bot.core.vote_record import Recorded, Status, Vote, Ways
from tests import vote_case
from tests.snapshot import same
from tests.vote_case import CLOSE, COMMIT, DAY, OPENED

SOURCE = PullRequest(
    number=16210,
    title="Fixed #34063 -- Fixed reading request body with async request factory and client.",
    body="ticket-34063",
    url="https://github.com/django/django/pull/16210",
    is_open=False,
    merged=True,
    merge_commit_sha=COMMIT,
    created_at=OPENED,
    commits=1,
    comments=0,
    labels=("council exception",),
    milestone=None,
    base_branch="main",
    default_branch="main",
    head_branch="fix",
    head_sha="b" * 40,
    locked=False,
    archived=False,
)
MERGED = CLOSE + DAY * 2
OUT = datetime(2023, 2, 1, 9, tzinfo=UTC)
NEVER = (Outcome.ALREADY_THERE, Outcome.NOTHING_TO_PICK, Outcome.MISSING)


def row(series: str = "4.1.x", *, at: int = 2, merged: bool = True, version: str = "") -> Row:
    """Give the row of a target whose backport is merged, or released."""
    return Row(
        f"stable/{series}",
        series,
        Outcome.PICKED,
        pull=at,
        tests="✅ 5 tests fail without the fix and pass with it",
        landing=Landing(f"{at}" * 40, Way.MENTION, "felixxm", at=MERGED) if merged else None,
        shipped=Release(version, version, "e" * 40, OUT) if version else None,
    )


def checklist(*rows: Row) -> Checklist:
    """Give the checklist of the exception."""
    return Checklist((COMMIT,), "felixxm", "council exception", rows)


def vote(status: Status = Status.DECIDED, at: timedelta = timedelta(0)) -> Vote:
    """Give the vote on the fix, or one like it that was opened later."""
    motion = replace(vote_case.asked(), opened_at=OPENED + at)
    return Vote(7, 5, "comment:1", "34063", 16210, motion, Ways(), status=status)


def decided(signs: str) -> Recorded:
    """Record what came of a vote in which the seats voted like this (`+++0-`)."""
    motion = vote_case.asked()
    tally = vote_case.count(motion, vote_case.votes(signs))
    entry = Entry("34063", "stablehand[bot]", CLOSE)
    return Recorded(7, 16210, recorded(motion, tally, entry), 9, "https://github.test/9", "bot")


@pytest.mark.parametrize(
    ("rows", "merged", "shipped"),
    [
        ((), False, False),
        ((row(merged=False),), False, False),
        ((row(),), True, False),
        ((row(), row("4.0.x", merged=False)), False, False),
        ((row(version="4.1.6"), row("4.0.x")), True, False),
        ((row(version="4.1.6"), row("4.0.x", version="4.0.9")), True, True),
        ((row(), replace(row("4.0.x", merged=False), closed=True)), True, False),
        ((replace(row(merged=False), closed=True),), False, False),
        *(((row(), replace(row(merged=False), outcome=one)), True, False) for one in NEVER),
    ],
)
def test_when_it_is_due(rows: tuple[Row, ...], *, merged: bool, shipped: bool) -> None:
    """It is due when all backports that come are merged, or shipped; what is given up is not."""
    found = [aftermath.is_due(checklist(*rows), when) for when in ("merged", "shipped")]
    assert found == [merged, shipped]
    assert not aftermath.is_due(replace(checklist(*rows), forecast=True), "merged")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/django/policy/issues/3", ("django/policy", 3)),
        ("https://github.com/django/deps/pull/12#issuecomment-4", ("django/deps", 12)),
        ("https://github.com/django/policy/issues", ("", 0)),
        ("https://github.com.evil.test/django/policy/issues/3", ("", 0)),
        ("https://forum.djangoproject.com/t/17920", ("", 0)),
    ],
)
def test_which_addresses_are_watched(url: str, expected: tuple[str, int]) -> None:
    """An issue or pull request of the same GitHub is watched, any other place is ticked off."""
    found = follow_up.named(url, SOURCE.url)
    assert found == FollowUp(url, *expected)


def test_what_became_of_those_before() -> None:
    """Granted, not granted, taken back, withdrawn and open ones are counted, each once."""
    yes, no = decided("++++0"), decided("-----")
    entry = Entry("34063", "seat1", OUT)
    gone = replace(yes, decision=replace(yes.decision, name="1"))
    taken_back = replace(yes, decision=overturned(gone.decision, entry, "It broke."))
    would_not = replace(no, decision=declined(vote_case.asked(), entry, "No."))
    votes = (vote(), vote(Status.OPEN), vote(Status.WITHDRAWN, -DAY))
    found = aftermath.precedents(votes, (yes, no, gone, taken_back, would_not))
    assert found == aftermath.Precedents(
        asked=6,
        granted=1,
        refused=2,
        overturned=1,
        withdrawn=1,
        open=1,
        since=(OPENED - DAY).date(),
    )


def test_every_word_of_it() -> None:
    """The issue says what was asked, what the policy says, what it took, and how often it is so."""
    configuration, rows = (
        parse(DJANGO),
        (row(version="4.1.6"), row("4.0.x", at=3), row("3.2.x", at=4)),
    )
    whole = _told(configuration, checklist(*rows), decided("++++0"))
    assert follow_up_text.title(whole) == "Revisit the backport policy after exception 34063"
    bare = parse('targets = ["stable/4.1.x"]')
    little = aftermath.of(bare, SOURCE, checklist(row()), Records((), (), (), ()), OUT.date())
    said = [
        follow_up_text.watched(whole),
        follow_up_text.ready(whole),
        follow_up_text.ready(little, "The App is not installed on django/policy."),
    ]
    same("follow-up", said, {})


def test_foreign_words_do_no_harm() -> None:
    """A text with fences, mentions or comments of its own stays in its block."""
    evil = "````\n@everybody <!-- x -->\n```\n/backport stop"
    motion = vote_case.asked(text=evil)
    seen = replace(vote(), motion=motion)
    records = Records((seen,), (), (seen,), ())
    after = aftermath.of(parse(DJANGO), SOURCE, checklist(row()), records, OUT.date())
    assert "`````\n````\n@everybody" in follow_up_text.body(after)
    assert "``````md\n" in follow_up_text.ready(after)


def _told(
    configuration: Configuration, state: Checklist, decision: Recorded
) -> aftermath.Aftermath:
    seen = vote()
    records = Records((seen,), (decision,), (seen,), (decision,))
    return aftermath.of(configuration, SOURCE, state, records, OUT.date())
