from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core import claim_text
from tests import snapshot
from tests.claim_case import SERIES, ClaimCase, claim_case
from tests.waiting import until

HELD = dict.fromkeys(SERIES, (True, "failure"))
FREE = dict.fromkeys(SERIES, (False, "success"))


@pytest.fixture
async def case(tmp_path: Path) -> AsyncIterator[ClaimCase]:
    """Set the scene of two backports that stand by a decision."""
    async with claim_case(tmp_path) as found:
        await found.decide()
        await found.opened()
        yield found


async def _becomes(case: ClaimCase, state: dict[str, tuple[bool, str]]) -> None:
    """Wait for drafts and checks, then for the last words."""
    try:
        await until(lambda: case.state() == state and _shown(case, held=state is HELD))
    except TimeoutError as error:
        raise AssertionError(case.state(), case.service.log.read_text()[-3000:]) from error


def _shown(case: ClaimCase, *, held: bool) -> bool:
    (checklist,) = case.said(kind="checklist")
    texts = [bool(claim_text.reason(pull.body)) for pull in case.backports().values()]
    return ("⛔ held back" in checklist) is held and set(texts) == {held}


def _same(case: ClaimCase, name: str) -> None:
    """Compare what was said on the newest backport."""
    pull = case.backports()["2.x"]
    section = pull.body[pull.body.index("<!-- stablehand:withdrawn") :]
    known = {case.github.url: "GITHUB", case.commit: "COMMIT", case.commit[:12]: "COMMIT"}
    tip = case.repository.branch("main") or ""
    said = [*case.said(pull, claim_text.WITHDRAWN), section]
    snapshot.same(f"withdrawn-{name}", said, known | {tip[:12]: "REVERT"})


async def _revert(case: ClaimCase, sha: str, files: dict[str, str | bytes | None]) -> str:
    message = f'Reverted "Fixed #7 -- It."\n\nThis reverts commit {sha}.'
    return await case.github.commit(case.repository, "main", files, message=message, by="ann")


async def test_the_label_is_taken_off(case: ClaimCase) -> None:
    """Without the label the backports are drafts with a failing check; with it they recover."""
    case.unlabel()
    await _becomes(case, HELD)
    _same(case, "unlabeled")
    case.label()
    await _becomes(case, FREE)
    _same(case, "recovered")


async def test_the_decision_is_overturned(case: ClaimCase) -> None:
    """Once the decision is overturned, a look at the backports holds them back, for good."""
    await case.decide(overturns=case.made())
    case.unlabel()
    await _becomes(case, HELD)
    case.label()
    await case.refused()
    _same(case, "overturned")
    assert case.state() == HELD


async def test_the_source_is_reverted(case: ClaimCase) -> None:
    """A revert on main holds the backports back, and a revert of the revert lets them go."""
    first = await _revert(case, case.commit, {"a.txt": "1\n2\n3\n"})
    await _becomes(case, HELD)
    _same(case, "reverted")
    await _revert(case, first, {"a.txt": "1\ntwo\n3\n"})
    await _becomes(case, FREE)


async def test_main_is_moved_away_from_the_commit(case: ClaimCase) -> None:
    """A commit that main no longer holds is no source any more."""
    git, main = case.repository.git, case.repository.branch("main") or ""
    before = await git.resolve(f"{main}^")
    await case.github.push(case.repository, {"refs/heads/main": before}, by="maintainer")
    await _becomes(case, HELD)
    _same(case, "moved")
    await case.github.push(case.repository, {"refs/heads/main": main}, by="maintainer")
    case.unlabel()
    case.label()
    await _becomes(case, FREE)


async def test_a_draft_stays_a_draft(case: ClaimCase) -> None:
    """A backport that was a draft before is one afterwards too; its neighbour is ready again."""
    github, older = case.github, case.backports()["1.x"]
    github.set_draft(case.repository, older, draft=True, by="maintainer")
    case.unlabel()
    await _becomes(case, HELD)
    case.label()
    await _becomes(case, {"2.x": (False, "success"), "1.x": (True, "success")})


async def test_an_outsider_cannot_bring_them_back(case: ClaimCase) -> None:
    """A label that comes off again lets nothing go."""
    case.unlabel()
    await _becomes(case, HELD)
    case.label(by="mallory")
    await case.refused()
    assert case.state() == HELD
