from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core import checklist as lists
from bot.core import checklist_ticks as ticks
from bot.core import marker
from bot.core.checklist import Tick
from bot.core.checklist_lines import POLICY
from devkit.github.state import Comment
from tests.small_case import MERGER, SERIES, Case, said, small_case
from tests.vote_scene import SEATS, VoteScene, vote_scene
from tests.waiting import until

ANNOUNCED, UPLOADED = "4.1.5:announced", "4.1.5:uploaded"
WRITER = "writer"


@pytest.fixture
async def case(tmp_path: Path) -> AsyncIterator[Case]:
    """Tell the story up to the merge of the newest backport; a writer may push, but not label."""
    async with small_case(tmp_path) as case:
        case.github.grant(case.repository, WRITER, "write")
        case.label()
        await case.settled()
        backport = case.backports()[SERIES[0]]
        await case.github.merge(case.repository, backport, by=MERGER, method="rebase")
        await case.settled()
        yield case


def standing(case: Case) -> Comment:
    """Give the checklist's comment."""
    (comment,) = said(case.pull, lists.KIND)
    return comment


def clicked(text: str, key: str) -> str:
    """Click on a box as GitHub does it: one character, and line ends of the web."""
    before, anchor, after = text.partition(ticks.anchor(key))
    place = before.rindex("- [") + len("- [")
    assert anchor
    other = " " if before[place] == "x" else "x"
    return f"{before[:place]}{other}{before[place + 1 :]}{anchor}{after}".replace("\n", "\r\n")


async def click(case: Case, key: str, by: str) -> str:
    """Let a person click on a box, and give the checklist once all is done."""
    comment = standing(case)
    case.github.edit_comment(case.repository, case.pull, comment, clicked(comment.body, key), by=by)
    await case.settled()
    return standing(case).body


def edits(case: Case) -> list[str]:
    """Give who edited the checklist, oldest first."""
    return [by.login for by, _ in standing(case).edits]


async def test_a_tick_of_who_may_is_kept_with_the_name(case: Case) -> None:
    """It takes one edit of ours, nothing is said, and it can be taken back by another."""
    before = len(edits(case))
    text = await click(case, ANNOUNCED, by=MERGER)
    assert f"- [x] Announce 4.1.5: ticked by {MERGER}." in text
    assert edits(case)[before:] == [MERGER, "stablehand[bot]"]
    assert case.checklist().ticks == (Tick(ANNOUNCED, MERGER),)
    case.github.grant(case.repository, "other", "maintain")
    text = await click(case, ANNOUNCED, by="other")
    assert "- [ ] Announce 4.1.5." in text
    assert not [one for one in case.pull.comments.values() if "set back" in one.body]


async def test_an_outsiders_tick_is_undone_with_one_sentence(case: Case) -> None:
    """Whoever may not set the label is told so once, however often they tick or untick."""
    before = standing(case).body
    for key in (ANNOUNCED, UPLOADED, POLICY, ANNOUNCED):
        assert re.sub(r'"judged":"\w*"', "", await click(case, key, by=WRITER)) == re.sub(
            r'"judged":"\w*"', "", before
        )
    await click(case, UPLOADED, by=MERGER)
    text = await click(case, UPLOADED, by=WRITER)
    assert f"- [x] Upload 4.1.5 to the package index: ticked by {MERGER}." in text
    (told,) = said(case.pull, ticks.undone_kind(WRITER))
    assert told.body == (
        f"<!-- stablehand:ticked:{WRITER} -->\nA box of the checklist was set back: {WRITER} may "
        "not tick boxes of the checklist; members of the team mergers and people with the "
        "permission maintain or more may."
    )


async def test_what_people_write_around_the_checklist_stays(case: Case) -> None:
    """Inside the marks the text is ours again, with the tick in it judged; outside it is kept."""
    comment = standing(case)
    text = clicked(comment.body, ANNOUNCED).replace("### Backports", "### Mine")
    text = f"Before.\r\n\r\n{text}\r\n\r\nAfter."
    case.github.edit_comment(case.repository, case.pull, comment, text, by=MERGER)
    await case.settled()
    body = standing(case).body
    assert body.startswith(f"Before.\r\n\r\n{marker.mark(lists.KIND)}\n### Backports\n")
    assert body.endswith(f"{marker.mark('/' + lists.KIND)}\r\n\r\nAfter.")
    assert "### Mine" not in body
    assert case.checklist().ticks == (Tick(ANNOUNCED, MERGER),)


async def test_a_checklist_that_was_deleted_comes_back(case: Case) -> None:
    """It is written again with all that was known, ticks too, and followed from there."""
    text = await click(case, ANNOUNCED, by=MERGER)
    case.github.delete_comment(case.repository, case.pull, standing(case), by=WRITER)
    await case.settled()
    assert standing(case).body == text
    assert "- [x] Upload 4.1.5" in await click(case, UPLOADED, by=MERGER)


async def test_the_council_ticks_the_policy_alone(tmp_path: Path) -> None:
    """Who decides on exceptions may settle the follow-up without being a merger."""
    async with vote_scene(tmp_path) as scene:
        for seat in SEATS:
            scene.github.grant(scene.repository, seat, "write")
        await _accepted(scene)
        comment = next(one for one in scene.pull.comments.values() if _is_list(one))
        text = clicked(comment.body, POLICY)
        scene.github.edit_comment(scene.repository, scene.pull, comment, text, by="seat1")
        await until(lambda: "after this exception: ticked by seat1." in comment.body)
        scene.github.edit_comment(
            scene.repository, scene.pull, comment, clicked(comment.body, POLICY), by=WRITER
        )
        await scene.told(f"{WRITER} may not tick boxes of the checklist")
        await until(lambda: "after this exception: ticked by seat1." in comment.body)


async def _accepted(scene: VoteScene) -> None:
    await scene.opened()
    for seat in SEATS:
        await scene.vote(seat, "+1")
    scene.service.clock.forward(timedelta(days=7))
    await scene.told(marker.mark(lists.KIND))


def _is_list(comment: Comment) -> bool:
    return marker.mark(lists.KIND) in comment.body
