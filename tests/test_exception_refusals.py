"""What goes otherwise than agreed in the vote on ticket 34063, and what is said of it."""

from __future__ import annotations

from pathlib import Path

from devkit.scenario import LABEL
from tests.council import ASKER, CLOSE, MERGER, OUTSIDER, REQUEST, SEATS, TEXT, council, moment

ISSUE = "/exception request 4.1 of #1\n\nShall it go into 4.1 at least?"


async def test_texts_that_are_changed(tmp_path: Path) -> None:
    """Votes stay on the frozen text, and the bot's own words are restored, whoever changed them."""
    async with council(tmp_path) as case:
        github, at = case.github, (case.repository, case.pull)
        asked = await case.ask()
        await case.hear("2022-12-30: the request")
        await case.vote("+", moment(2))
        github.edit_comment(*at, asked, f"{REQUEST} And into 2.2.", by=ASKER)
        await case.hear("2023-01-02: the request is edited after a vote")
        (motion,) = case.comments()
        forged = motion.body.replace("2 of 5", "5 of 5").replace("seat1", "seat9")
        github.edit_comment(*at, motion, forged, by=MERGER)
        await case.hear("2023-01-02: somebody edits the comment of the vote")
        github.delete_comment(*at, case.comments()[0], by=MERGER)
        await case.hear("2023-01-02: somebody deletes it")
        assert motion.id not in case.pull.comments
        assert len(case.comments()) == 1
        github.edit_comment(*at, asked, REQUEST, by=ASKER)
        await case.hear("2023-01-02: the request is as it was")
        case.same("changed-texts")


async def test_two_motions(tmp_path: Path) -> None:
    """One fix is voted on at one place; while it is, a label is not decided."""
    async with council(tmp_path) as case:
        await case.ask()
        await case.hear("2022-12-30: the request")
        case.say(ASKER, REQUEST, moment(31, month=12, year=2022))
        await case.hear("2022-12-31: the same once more")
        await case.github.commit(case.repository, "other", {"a": "b\n"}, message="Another thing.")
        other = await case.github.open_pull(case.repository, "other", "main", by="ann")
        case.github.comment(case.repository, other, ISSUE, by="ann")
        await case.settled()
        (said,) = case.comments(other)
        case.said.append(f"*on another pull request*\n\n{said.body}")
        case.github.label(case.repository, case.pull, LABEL, by=MERGER)
        await case.hear("2022-12-31: a merger sets the label")
        assert (case.pull.labels, case.gates()) == ([], {})
        case.say(OUTSIDER, "/exception withdraw")
        await case.hear("2022-12-31: somebody else withdraws it")
        case.say(ASKER, "/exception withdraw")
        await case.hear("2022-12-31: the asker withdraws it")
        case.say("seat1", "+1")
        await case.hear("2022-12-31: a vote on what is withdrawn")
        case.same("two-motions")


async def test_the_roster_changes(tmp_path: Path) -> None:
    """Who leaves has no vote any more, who joins has none yet; recorders enter votes for others."""
    async with council(tmp_path) as case:
        team = case.github.site.world.team("django", "steering-council")
        await case.ask()
        await case.vote("+++ +", moment(2))
        await case.hear("2023-01-02: four votes")
        team.members.remove("seat5")
        team.members.append(case.github.add_user("newcomer").login)
        case.say("seat5", "-1", moment(3))
        await case.hear("2023-01-03: one has left, and votes again")
        case.say("newcomer", "+1", moment(3, 11))
        case.say(OUTSIDER, "/vote record @seat4 +1 https://forum.example.org/1", moment(3, 12))
        await case.hear("2023-01-03: the successor votes, and somebody records a vote")
        case.say(MERGER, "/vote record @seat4 0 https://forum.example.org/2", moment(3, 13))
        await case.hear("2023-01-03: a merger records a vote")
        team.members.clear()
        team.members.extend(SEATS[:3])
        await case.passes(CLOSE, "### Accepted")
        await case.hear("2023-01-06: the end of the week")
        case.say("seat5", "/exception overturn I had voted otherwise.", moment(7))
        await case.hear("2023-01-07: who left overturns it")
        assert not any(draft for draft, *_ in case.gates().values())
        case.same("roster")


async def test_the_council_does_not_vote(tmp_path: Path) -> None:
    """Nobody accepts alone where votes decide, but the council may decline to vote at all."""
    async with council(tmp_path) as case:
        await case.ask()
        await case.vote("+", moment(2))
        await case.hear("2023-01-02: one vote")
        case.say("seat1", "/exception decide accept https://forum.example.org/1", moment(3))
        await case.hear("2023-01-03: a member accepts alone")
        case.say(OUTSIDER, "/exception decide no-action https://forum.example.org/1", moment(3, 11))
        await case.hear("2023-01-03: somebody else declines")
        case.say("seat2", "/exception decide no-action https://forum.example.org/2", moment(3, 12))
        await case.hear("2023-01-03: a member tells that the council declines")
        assert (case.pull.labels, case.gates()) == ([], {})
        case.same("declined")


async def test_after_the_close(tmp_path: Path) -> None:
    """A vote after the end changes nothing, and what is decided is not asked again."""
    async with council(tmp_path) as case:
        await case.ask()
        cast = await case.vote("+++0+", moment(2))
        await case.passes(CLOSE, "### Accepted")
        await case.hear("2023-01-06: the end of the week")
        changed = f"-1\n\n{TEXT}"
        case.service.clock.set(moment(7))
        case.github.edit_comment(case.repository, case.pull, cast[0], changed, by="seat1")
        await case.settled()
        case.say("seat2", "-1", moment(7, 11))
        await case.hear("2023-01-07: votes after the close")
        await case.ask(at=moment(8))
        await case.hear("2023-01-08: asked again")
        case.say(OUTSIDER, "/exception overturn I do not like it.", moment(9))
        await case.hear("2023-01-09: somebody overturns it")
        announced = next(one for one in case.comments() if "### Accepted" in one.body)
        forged = announced.body.replace("4.1.x", "2.2.x")
        case.github.edit_comment(case.repository, case.pull, announced, forged, by=MERGER)
        await case.hear("2023-01-09: somebody edits the decision")
        case.same("after-the-close")
