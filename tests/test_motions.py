from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.snapshot import same
from tests.vote_scene import CONFIGURATION, REQUEST, SEATS, vote_scene
from tests.waiting import until

DAY = timedelta(days=1)
MOST_REQUESTS = 3
"""What a ballot may cost."""


async def test_a_vote_from_the_request_to_the_backports(tmp_path: Path) -> None:
    """Asked, voted on, accepted after a week: the label is set, the pull requests are open."""
    async with vote_scene(tmp_path) as scene:
        opened = await scene.opened()
        assert "open until 2023-01-06" in opened
        for seat in ("seat1", "seat2", "seat3", "seat4"):
            await scene.vote(seat, "+1")
        scene.service.clock.forward(DAY * 5)
        await scene.told("Still to vote: @seat5")
        scene.service.clock.forward(DAY * 2)
        await scene.told("### Accepted: exception 7")
        await until(lambda: len(scene.repository.pulls) == 3)
        assert scene.pull.labels == ["council exception"]
        await until(lambda: bool(scene.records.pulls))
        (filed,) = scene.records.pulls.values()
        assert "exceptions/7.toml" in await scene.records.git.text(
            "ls-tree", "-r", "--name-only", filed.head_sha
        )
        await until(lambda: ": accepted" in scene.said()[0])


async def test_every_way_to_vote_and_none(tmp_path: Path) -> None:
    """Edits, deletions, outsiders, records and changes by other hands: each is handled and told."""
    async with vote_scene(tmp_path) as scene:
        await scene.opened()
        scene.github.reset_counts()
        first = await scene.vote("seat1", "+1")
        await until(lambda: "1 of 5 have voted" in scene.said()[0])
        assert len(scene.github.calls) <= MOST_REQUESTS
        second = await scene.vote("seat2", "/vote +1 2.x")
        outsider = await scene.vote("mallory", "-1")
        assert outsider.reactions["confused"] == 1
        scene.say("maintainer", "/vote record @seat3 -1 https://forum.test/3")
        await until(lambda: "recorded by maintainer" in scene.said()[0])
        scene.github.edit_comment(scene.repository, scene.pull, first, "-1, sorry", by="seat1")
        await until(lambda: "changed it to `-1`" in scene.said()[0])
        scene.github.delete_comment(scene.repository, scene.pull, second, by="seat2")
        await until(lambda: "the vote of seat2 was deleted" in scene.said()[0])
        asked = next(iter(scene.pull.comments.values()))
        new = "/exception request 2.x 1.x\nAll of it."
        scene.github.edit_comment(scene.repository, scene.pull, asked, new, by="asker")
        await until(lambda: "was edited after the opening" in scene.said()[0])
        vote = next(one for one in scene.pull.comments.values() if one.by_app)
        scene.github.edit_comment(scene.repository, scene.pull, vote, "Accepted!", by="mallory")
        await until(lambda: "mallory changed or deleted this comment" in scene.said()[0])
        scene.github.site.world.team("acme", "council").members.remove("seat3")
        scene.service.clock.forward(timedelta(minutes=1))  # comments are dated to the second
        await scene.vote("seat4", "0")
        await until(lambda: "seat3 left the roster" in scene.said()[0])
        same("motion-ways", scene.shown(), scene.known())


async def test_refusals(tmp_path: Path) -> None:
    """What cannot be asked or decided is refused by one sentence that says why."""
    async with vote_scene(tmp_path) as scene:
        said = []
        for by, body in (
            ("asker", "/exception request 9.x\nPlease."),
            ("asker", "/exception request 2.x\n"),
            ("asker", f"{REQUEST}\n\nFix class: security"),
            ("asker", "/exception sing"),
            ("asker", "/exception withdraw"),
            ("seat1", "/exception overturn it was wrong"),
        ):
            said.append(await scene.refused(by, body))
        await scene.answered(scene.say("seat1", "/vote +1"), "confused")
        asked = scene.say("asker", REQUEST)
        await scene.answered(asked, "+1")
        for by, body in (
            ("other", REQUEST),
            ("other", "/exception withdraw"),
            ("seat1", "/exception decide accept https://forum.test/1"),
            ("mallory", "/exception decide no-action https://forum.test/1"),
        ):
            said.append(await scene.refused(by, body))
        asker = scene.say("asker", "/exception withdraw")
        await scene.answered(asker, "+1")
        await until(lambda: any(": withdrawn" in one for one in scene.said()))
        same("motion-refusals", said, scene.known())


async def test_a_veto_and_the_time_after_it(tmp_path: Path) -> None:
    """A veto is told with dignity, and the same question cannot be asked again for a while."""
    async with vote_scene(tmp_path) as scene:
        await scene.opened()
        for seat in SEATS:
            await scene.vote(seat, "-1")
        scene.service.clock.forward(DAY * 7 + DAY / 24)
        await scene.told("### Not accepted (veto)")
        await until(lambda: ": vetoed" in scene.said()[0])
        late = await scene.vote("seat1", "+1")
        assert late.reactions["confused"] == 1
        await until(lambda: "it came after the close" in scene.said()[0])
        await scene.refused("asker", REQUEST)
        assert scene.pull.labels == []
        same("motion-veto", scene.shown(), scene.known())


async def test_one_member_answers_for_all(tmp_path: Path) -> None:
    """By the spokesperson's rule one member's answer with a link decides; it can be taken back."""
    text = CONFIGURATION.replace("django-dep10", "django-spokesperson")
    async with vote_scene(tmp_path, text, now=datetime(2025, 3, 1, 10, tzinfo=UTC)) as scene:
        await scene.opened()
        await scene.refused("mallory", "/exception decide accept https://forum.test/1")
        scene.say("maintainer", "/exception decide accept @seat2 https://forum.test/2")
        await scene.told("### Accepted")
        await until(lambda: len(scene.repository.pulls) == 3)
        over = scene.say("seat1", "/exception overturn https://forum.test/3")
        await scene.answered(over, "+1")
        await scene.told("### Overturned")
        await until(lambda: all(one.draft for one in list(scene.repository.pulls.values())[1:]))
        decided = [one for one in scene.shown() if one.startswith("###")]
        same("motion-spokesperson", decided, scene.known())
