"""Ticket 34063 from the request to its releases and beyond: what people do, chapter by chapter.

They merge by hand, by a button, with a change of their own, take one back and bring it again; none
of that is known of the real case, in which nothing was merged.
"""

from __future__ import annotations

from datetime import datetime

from devkit.scenario import IN_THE_MIDDLE, NOTE, THREE
from tests.council import ASKER, CLOSE, MERGER, OPENED, OUTSIDER, REQUEST, SEATS, moment
from tests.release_scene import Story

EDIT = ("# Wrap FakePayload body_file to allow", "# Allow")


async def told(story: Story) -> None:
    """Tell the whole story, chapter by chapter."""
    await _accepted(story)
    await _noted(story)
    await _merged(story)
    await _taken_back(story)
    await _shared(story)
    await _released(story)
    await _ticked(story)
    await _followed_up(story)


async def _accepted(story: Story) -> None:
    case = story.case
    case.say(ASKER, REQUEST, OPENED)
    await story.settle()
    case.service.clock.set(moment(31, 10, 12, 2022))
    for seat in SEATS:
        case.say(seat, "+1")
    await story.settle()
    await case.release(IN_THE_MIDDLE, at=moment(2, 7))
    await story.settle()
    await case.passes(CLOSE, "### Accepted")
    await story.chapter("2023-01-06: the council accepts, the backports are opened for 4.1.6")


async def _noted(story: Story) -> None:
    story.at(7)
    story.case.say(MERGER, NOTE)
    await story.chapter("2023-01-07: a merger words the release note")
    story.at(8)
    story.case.say(MERGER, "/note commit")
    await story.chapter("2023-01-08: the notes are committed")


async def _merged(story: Story) -> None:
    case = story.case
    await story.by_hand("4.1.x", story.at(9))
    await story.chapter("2023-01-09: the backport to 4.1 is pushed by hand")
    await case.github.merge(
        case.repository, case.backports()["4.0.x"], by=story.at(10), method="rebase"
    )
    await story.chapter("2023-01-10: the backport to 4.0 is merged on GitHub")
    story.at(11)
    case.github.close(case.repository, case.backports()["3.2.x"], by=MERGER)
    await story.chapter("2023-01-11: the backport to 3.2 is closed")
    await story.by_hand("3.2.x", story.at(12), EDIT)
    await story.chapter("2023-01-12: the backport to 3.2 is pushed by hand, changed")


async def _taken_back(story: Story) -> None:
    branch = "stable/4.0.x"
    taken = await story.take_back(branch, story.at(13))
    await story.chapter("2023-01-13: the backport to 4.0 is taken back")
    await story.bring_again(branch, taken, story.at(14))
    await story.chapter("2023-01-14: it is brought again")


async def _ticked(story: Story) -> None:
    case, line = story.case, "- [ ] Announce 4.1.6."
    for who, day in ((OUTSIDER, 2), (MERGER, 3)):
        story.at(day, 10, 2)
        comment = story.checklist()
        assert line in comment.body, comment.body
        body = comment.body.replace(line, line.replace("[ ]", "[x]"))
        case.github.edit_comment(case.repository, case.pull, comment, body, by=who)
        await story.chapter(f"2023-02-0{day}: {who} ticks that 4.1.6 was announced")


async def _shared(story: Story) -> None:
    case = story.case
    pulls = [one for one in case.repository.pulls.values() if one.state == "open"]
    for pull in pulls:
        await case.github.merge(case.repository, pull, by=story.at(16), method="rebase")
    await story.chapter("2023-01-16: the notes are merged on main")


async def _released(story: Story) -> None:
    who = story.at(1, 7, 2)
    await story.case.release(*THREE, at=datetime.fromisoformat(who.date))
    await story.chapter("2023-02-01: 4.1.6, 4.0.9 and 3.2.17 are released")


async def _followed_up(story: Story) -> None:
    story.at(6, 10, 2)
    for issue in story.policy.issues.values():
        story.case.github.close_issue(story.policy, issue, by=SEATS[0])
    await story.chapter("2023-02-06: the follow-up is closed")
