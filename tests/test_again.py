from __future__ import annotations

from pathlib import Path

from bot.core import comments
from devkit.github import Fault
from devkit.github.state import Check, Pull
from tests.small_case import MERGER, PROVED, SERIES, Case, said, small_case
from tests.waiting import until


async def brought(case: Case) -> dict[str, Pull]:
    """Have the fix brought to all branches, and proved."""
    case.label()
    await case.settled()
    return case.backports()


def press(case: Case, check: Check, by: str = MERGER) -> None:
    """Press GitHub's button on a check run."""
    case.github.run_again(case.repository, check, by=by)


def results(case: Case, pull: Pull) -> list[tuple[str, str]]:
    """Give name and conclusion of the check runs on a pull request's head."""
    fields = [check.fields for check in case.checks(pull)]
    return [(one["name"], one.get("conclusion", one["status"])) for one in fields]


async def test_the_button_proves_once_more(tmp_path: Path) -> None:
    """Each press is one more proof in a check run of the same name, however often it is told."""
    async with small_case(tmp_path) as case:
        pulls = await brought(case)
        (check,) = case.checks(pulls["4.0.x"])
        case.github.webhooks.duplicate()
        press(case, check)
        case.github.webhooks.redeliver(case.github.webhooks.deliveries[-1].id)
        await case.settled()
        green = ("Backport proof / 4.0.x", "success")
        assert results(case, pulls["4.0.x"]) == [green] * 2
        assert len(case.checks(pulls["4.1.x"])) == 1
        press(case, case.checks(pulls["4.0.x"])[-1])
        await case.settled()
        assert results(case, pulls["4.0.x"]) == [green] * 3
        assert case.row("4.0.x").tests == PROVED


async def test_a_comment_proves_once_more(tmp_path: Path) -> None:
    """The command names series, or none for all; a reaction answers, and the checks show it."""
    async with small_case(tmp_path) as case:
        pulls = await brought(case)
        one = case.github.comment(case.repository, case.pull, "/backport test 4.0", by=MERGER)
        await case.settled()
        assert [len(case.checks(pulls[series])) for series in SERIES] == [1, 2, 1]
        every = case.github.comment(case.repository, case.pull, "/backport test", by=MERGER)
        none = case.github.comment(case.repository, case.pull, "/backport test 1.0", by=MERGER)
        await case.settled()
        assert [len(case.checks(pulls[series])) for series in SERIES] == [2, 3, 2]
        assert [set(c.reactions) for c in (one, every, none)] == [{"+1"}, {"+1"}, {"eyes"}]
        assert {row.tests for row in case.checklist().rows} == {PROVED}


async def test_who_may_not_is_told_so(tmp_path: Path) -> None:
    """The button is for those who may give commands; others get one comment on the backport."""
    async with small_case(tmp_path) as case:
        pulls = await brought(case)
        (check,) = case.checks(pulls["4.1.x"])
        press(case, check, by="mallory")
        press(case, check, by="mallory")
        await case.settled()
        assert len(case.checks(pulls["4.1.x"])) == 1
        (refusal,) = said(pulls["4.1.x"], comments.COMMAND)
        assert "mallory may not give this command" in refusal.body


async def test_a_head_that_was_left_behind(tmp_path: Path) -> None:
    """A push is proved on its own head; the button of the old commit's check does nothing."""
    async with small_case(tmp_path) as case:
        pulls = await brought(case)
        (old,) = case.checks(pulls["4.1.x"])
        wrong = {"answer.py": "answer = 43\n"}
        head = case.head("4.1.x")
        await case.github.commit(case.repository, head, wrong, message="Mine.", by=MERGER)
        await case.settled()
        assert results(case, pulls["4.1.x"]) == [("Backport proof / 4.1.x", "failure")]
        assert case.row("4.1.x").tests.startswith("❌ ")
        press(case, old)
        await case.settled()
        assert len(case.repository.checks) == len(SERIES) + 1


async def test_killed_while_it_proves_once_more(tmp_path: Path) -> None:
    """The service dies after it made the new check run: the proof is made, once, and ends there."""
    async with small_case(tmp_path) as case:
        pulls = await brought(case)
        path = "/check-runs$"
        case.github.faults.add(Fault.DROP_AFTER, method="POST", path=path)
        case.github.faults.when_struck = case.service.kill
        press(case, case.checks(pulls["4.0.x"])[0])
        await case.service.ended()
        await case.service.start()
        await until(lambda: len(case.checks(pulls["4.0.x"])) > 1)
        await case.settled()
        assert results(case, pulls["4.0.x"]) == [("Backport proof / 4.0.x", "success")] * 2
