"""The vote on ticket 34063 from the request to its end, on the real trees, by the real service."""

from __future__ import annotations

import json
from pathlib import Path

from bot.core.vote_record import Recorded, Vote
from bot.engine import register
from devkit.django_release import Release
from tests.council import CLOSE, MERGER, OUTSIDER, SERIES, Council, council, moment
from tests.test_replay import bot, settings

GREEN = dict.fromkeys(SERIES, (False, "success"))
RED = dict.fromkeys(SERIES, (True, "failure"))


async def accepted(case: Council) -> None:
    """Tell the story up to the acceptance: asked on 2022-12-30, 4.1.5 comes out meanwhile."""
    await case.ask()
    await case.hear("2022-12-30: the request")
    case.say("seat1", "+1", moment(31, 9, 12, 2022))
    changed = case.say("seat2", "-1, because the policy spares the fellows' time.", moment(1))
    case.say(OUTSIDER, "+1\n\nPlease!", moment(1, 11))
    case.say("ann", "I have no vote, but thanks.", moment(1, 12))
    await case.hear("2023-01-01: two votes, and one of somebody else")
    await case.release(Release("stable/4.1.x", "4.1.5", "4.1.6", stub=True), at=moment(2, 7))
    await case.hear("2023-01-02: 4.1.5 is released")
    case.service.clock.set(moment(3))
    words = "+1\n\nI was convinced."
    case.github.edit_comment(case.repository, case.pull, changed, words, by="seat2")
    await case.settled()
    case.say("seat3", "I vote +1/Accept.", moment(3, 11))
    case.say("seat4", "0", moment(3, 12))
    await case.hear("2023-01-03: a vote is edited, and two come in")
    await case.passes(moment(4, 11), "Still to vote: @seat5")
    await case.hear("2023-01-04: a reminder")
    case.say("seat5", "/vote +1", moment(5))
    await case.hear("2023-01-05: all have voted")
    await case.passes(CLOSE, "### Accepted")
    await case.hear("2023-01-06: the end of the week")


async def test_accepted_and_overturned(tmp_path: Path) -> None:
    """The whole case: all turns red once it is overturned, and recovers by a second acceptance."""
    async with council(tmp_path) as case:
        case.whole = True
        await accepted(case)
        assert case.gates() == GREEN
        case.say(MERGER, "/exception overturn A better fix is found.", moment(9))
        await case.hear("2023-01-09: the decision is overturned")
        assert case.gates() == RED
        await case.ask(at=moment(10))
        await case.vote("+++++", moment(11))
        case.service.clock.set(moment(17, 11))
        await case.until(lambda: case.gates() == GREEN)
        await case.hear("2023-01-17: a second vote accepts it after all")
        case.same("accepted")


async def test_rebuilt_from_github(tmp_path: Path) -> None:
    """Without its database everything comes back, equal to before, and goes on from there."""
    async with council(tmp_path) as case:
        await accepted(case)
        await case.service.stop()
        before = await _kept(case)
        for file in case.service.data.glob("stablehand.sqlite*"):
            file.unlink()
        ran = await bot("rebuild", "--json", environment=settings(case.github, case.service.data))
        said = {one["repository"]: one for one in json.loads(ran.out)}["django/django"]
        assert (ran.code, said["problems"]) == (0, []), ran.err
        backports = {one["series"]: one["pull"] for one in said["backports"]}
        assert backports == {series: pull.number for series, pull in case.backports().items()}
        assert await _kept(case) == before
        await case.service.start()
        case.say(MERGER, "/exception overturn A better fix is found.", moment(9))
        await case.settled()
        assert case.gates() == RED


async def _kept(case: Council) -> tuple[tuple[Vote, ...], tuple[Recorded, ...]]:
    """Give all that the database holds of the repository."""
    async with register.opened(f"sqlite:///{case.database}"):
        return await register.everything(case.repository.id)


async def test_no_action(tmp_path: Path) -> None:
    """An incomplete vote goes on for a week and ends with no action; asked again it is accepted."""
    async with council(tmp_path) as case:
        await case.ask()
        await case.vote("++  +", moment(2))
        await case.passes(CLOSE, "goes on until")
        await case.hear("2023-01-06: the vote is incomplete")
        await case.vote("  0-", moment(9))
        await case.passes(moment(13, 11), "### No action")
        await case.hear("2023-01-13: the end of the second week")
        assert (case.pull.labels, case.gates()) == ([], {})
        (filed,) = case.records.pulls.values()
        await case.github.merge(case.records, filed, by=MERGER)
        await case.ask(at=moment(14))
        await case.hear("2023-01-14: asked again")
        await case.vote("++++0", moment(16))
        await case.passes(moment(21, 11), "### Accepted")
        assert case.gates() == GREEN
        again = case.records.pulls[filed.number + 1]
        text = await case.records.git.text("show", f"{again.head}:exceptions/34063.toml")
        assert 'outcome = "accepted"' in text
        case.same("no-action")


async def test_veto(tmp_path: Path) -> None:
    """A veto says when it may be asked again, and so does the answer to whoever asks before."""
    async with council(tmp_path) as case:
        await case.ask()
        await case.vote("--0--", moment(2))
        await case.passes(CLOSE, "### Not accepted")
        await case.hear("2023-01-06: the end of the week")
        assert (case.pull.labels, case.gates()) == ([], {})
        await case.ask(at=moment(9))
        await case.hear("2023-01-09: asked again too soon")
        await case.ask(at=moment(7, month=7))
        await case.hear("2023-07-07: asked again in time")
        case.same("veto")
