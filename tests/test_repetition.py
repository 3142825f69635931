"""What comes twice or at the same moment, and what people did before, changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core import checklist, claim_text
from devkit.github import Fault
from devkit.github.webhooks import Delivery
from tests.small_case import MERGER, PROVED, SERIES, Case, said, small_case
from tests.waiting import until

PATTERN = "backport {series}"


def _claim(case: Case) -> Delivery:
    """Give the delivery of the last label."""
    labelled = [one for one in case.github.webhooks.deliveries if one.action == "labeled"]
    return labelled[-1]


async def test_a_delivery_that_comes_again(tmp_path: Path) -> None:
    """Sent twice, and again at once and after the end, a delivery is one piece of work."""
    async with small_case(tmp_path) as case:
        case.github.webhooks.duplicate()
        case.label()
        case.github.webhooks.redeliver(_claim(case).id)
        await case.settled()
        before = case.github.count()
        case.github.webhooks.redeliver(_claim(case).id)
        await case.settled()
        assert case.github.count() == before
        case.verify()


async def test_a_label_set_again(tmp_path: Path) -> None:
    """Taken off and set again, during the work and after it, the label leads to nothing new."""
    async with small_case(tmp_path, seconds=1) as case:
        case.label()
        await until(lambda: len(case.repository.pulls) > 1)
        case.unlabel()
        case.label()
        await until(lambda: bool(said(case.pull, checklist.KIND)))
        case.unlabel()
        case.label()
        await case.settled()
        case.verify()
        case.unlabel()
        case.label()
        await case.settled()
        case.verify()


async def test_a_label_taken_off_at_once(tmp_path: Path) -> None:
    """A label that is gone when its delivery is worked on claims nothing."""
    async with small_case(tmp_path) as case:
        case.github.webhooks.hold()
        case.label()
        case.unlabel()
        case.github.webhooks.release()
        await case.settled()
        assert case.backports() == {}
        assert not case.pull.comments


async def test_two_labels_at_once(tmp_path: Path) -> None:
    """Two labels of the same moment make a pull request each, and one checklist."""
    async with small_case(tmp_path, label=PATTERN) as case:
        case.label("backport 4.1.x")
        case.label("backport 3.2.x")
        await case.settled()
        case.verify(("4.1.x", "3.2.x"))


@pytest.mark.parametrize("reverse", [False, True])
async def test_two_labels_and_the_merge_at_once(tmp_path: Path, *, reverse: bool) -> None:
    """Labels and merge may be told in any order: a pull request for each label, one checklist."""
    async with small_case(tmp_path, label=PATTERN, merged=False) as case:
        case.github.webhooks.hold()
        case.label("backport 4.1.x")
        case.label("backport 3.2.x")
        await case.github.merge(case.repository, case.pull, by=MERGER)
        case.github.webhooks.release(reverse=reverse)
        await case.settled()
        case.verify(("4.1.x", "3.2.x"))


async def test_labels_before_the_merge(tmp_path: Path) -> None:
    """Labels on an open pull request are answered in one comment, and acted on at the merge."""
    async with small_case(tmp_path, label=PATTERN, merged=False) as case:
        case.label("backport 4.1.x")
        case.label("backport 4.0.x")
        await case.settled()
        assert {row.series for row in case.checklist().rows} == {"4.1.x", "4.0.x"}
        assert case.backports() == {}
        await case.github.merge(case.repository, case.pull, by=MERGER)
        await case.settled()
        case.verify(("4.1.x", "4.0.x"))
        assert len(case.pull.comments) == 1


async def test_a_second_label_while_the_first_is_tested(tmp_path: Path) -> None:
    """A claim that finds a run under way does not wait for it with its own result."""
    async with small_case(tmp_path, label=PATTERN, merged=False, seconds=4) as case:
        case.github.webhooks.hold()
        case.label("backport 4.1.x")
        first = _claim(case)
        await case.github.merge(case.repository, case.pull, by=MERGER)
        case.label("backport 4.0.x")
        closed = next(one for one in case.github.webhooks.deliveries if one.action == "closed")
        case.github.webhooks.redeliver(first.id)
        await until(
            lambda: any(
                one.fields["status"] == "in_progress" for one in case.repository.checks.values()
            )
        )
        case.github.webhooks.redeliver(closed.id)
        await case.settled()
        case.verify(("4.1.x", "4.0.x"))


LOST = {
    "push": ("POST", "git-receive-pack$", 1),
    "pull request": ("POST", "/pulls$", 1),
    "labels": ("PATCH", r"/issues/\d+$", 1),
    "review": ("POST", "/requested_reviewers$", 1),
    "stub": ("POST", r"/issues/\d+/comments$", 1),
    "checklist": ("POST", r"/issues/1/comments$", 1),
    "check run": ("POST", "/check-runs$", 1),
    "tests begun": ("PATCH", r"/check-runs/\d+$", 1),
    "tests ended": ("PATCH", r"/check-runs/\d+$", 6),
    "refreshed checklist": ("PATCH", r"/issues/comments/\d+$", 1),
}
"""Each kind of write: its method and path, and which one of it."""


def _lose(case: Case, lost: str) -> None:
    method, path, nth = LOST[lost]
    case.github.faults.add(Fault.DROP_AFTER, method=method, path=path, nth=nth)


@pytest.mark.parametrize("lost", LOST)
async def test_a_lost_answer(tmp_path: Path, lost: str) -> None:
    """A write whose answer was lost is tried again and leaves its effect once."""
    async with small_case(tmp_path) as case:
        _lose(case, lost)
        case.label()
        await case.settled()
        case.verify()


async def test_every_answer_is_lost_once(tmp_path: Path) -> None:
    """However many answers are lost, and in a row, each effect is there once."""
    async with small_case(tmp_path) as case:
        for lost in LOST:
            _lose(case, lost)
        case.label()
        await case.settled()
        case.verify()


async def test_what_people_did_is_left_alone(tmp_path: Path) -> None:
    """A branch that holds a person's commit, and a closed pull request, stay as they are."""
    async with small_case(tmp_path) as case:
        github, repository = case.github, case.repository
        theirs = {"answer.py": "answer = 43\n"}
        made = await github.commit(repository, case.head("4.0.x"), theirs, message="Mine.")
        case.label()
        await case.settled()
        assert set(case.backports()) == {"4.1.x", "3.2.x"}
        github.close(repository, case.backports()["3.2.x"], by=MERGER)
        await case.settled()
        added = await github.commit(repository, case.head("4.1.x"), theirs, message="Improved.")
        await case.settled()
        case.unlabel()
        case.label()
        await case.settled()
        backports = case.backports()
        assert set(backports) == {"4.1.x", "3.2.x"}
        assert backports["3.2.x"].state == "closed"
        assert repository.branch(case.head("4.0.x")) == made
        assert repository.branch(case.head("4.1.x")) == added
        assert "differs from main in 1 file: `answer.py`" in case.row("4.1.x").pick
        assert "the branch holds commits by others and is left alone" in case.row("4.0.x").pick
        assert case.row("4.0.x").pull is None
        assert [case.row(series).closed for series in SERIES] == [False, False, True]
        assert case.row("3.2.x").tests == PROVED


async def test_a_closed_pull_request_whose_branch_is_gone(tmp_path: Path) -> None:
    """A backport that a person closed and tidied away is not opened a second time."""
    async with small_case(tmp_path) as case:
        case.label()
        await case.settled()
        github, repository = case.github, case.repository
        await github.push(repository, {f"refs/heads/{case.head('4.0.x')}": None}, by=MERGER)
        await case.settled()
        assert case.backports()["4.0.x"].state == "closed"
        case.unlabel()
        case.label()
        await case.settled()
        assert set(case.backports()) == set(SERIES)
        assert [case.row(series).closed for series in SERIES] == [False, True, False]


async def test_a_refusal_whose_answers_are_lost(tmp_path: Path) -> None:
    """An outsider's label comes off with one comment, though GitHub's answers are lost."""
    async with small_case(tmp_path) as case:
        case.github.faults.add(Fault.DROP_AFTER, method="POST", path="/comments$")
        case.github.faults.add(Fault.DROP_AFTER, method="DELETE")
        case.github.label(case.repository, case.pull, "council exception", by="mallory")
        await case.settled()
        assert len(said(case.pull, claim_text.REFUSED)) == len(case.pull.comments) == 1
        assert "council exception" not in case.pull.labels
        assert case.backports() == {}
