"""Webhooks that get lost: what they would have brought about comes about all the same, once."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

from bot.core import checklist, marker
from devkit.github.state import Comment, Pull
from devkit.timed_service import REPAIR
from tests.vote_scene import CONFIGURATION, REQUEST, VoteScene, vote_scene
from tests.waiting import until

_OFTEN = {REPAIR: "*/2 * * * * *"}
_PLAIN = CONFIGURATION.partition("[exception]")[0]
_CHECKLIST = marker.mark(checklist.KIND)


@asynccontextmanager
async def deaf(tmp_path: Path, configuration: str = CONFIGURATION) -> AsyncIterator[VoteScene]:
    """Set the scene for a service that no webhook reaches and that looks around often."""
    async with vote_scene(tmp_path, configuration, environment=_OFTEN) as scene:
        scene.github.webhooks.treat(lambda _: 0)
        scene.github.webhooks.deliveries.clear()  # else GitHub would be asked for the first ones
        yield scene


async def looked_around(scene: VoteScene) -> None:
    """Wait until all is done that followed from a look which began after now.

    The third look at a pull request comes after what the first of them brought about.
    """
    done = work(scene)["mend", "SUCCESS"]
    await until(lambda: work(scene)["mend", "SUCCESS"] >= done + 3)


def work(scene: VoteScene) -> Counter[tuple[str, str]]:
    """Count the service's work by its name and by how far it is."""
    file = f"file:{scene.service.data / 'stablehand.sqlite'}?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as database:
        rows = database.execute("SELECT name, status FROM workflow_status").fetchall()
    return Counter((str(name), str(status)) for name, status in rows)


def told_twice(pull: Pull) -> list[str]:
    """Give the marks that open more than one of the App's comments on a pull request."""
    texts = (one.body for one in pull.comments.values() if one.by_app)
    counts = Counter(text.partition("-->")[0] for text in texts)
    return [mark for mark, count in counts.items() if count > 1]


def backports(scene: VoteScene) -> dict[str, Pull]:
    """Give the backports by branch; a second one for a branch is an error."""
    found = [one for one in scene.repository.pulls.values() if one.base.startswith("stable/")]
    assert len({one.base for one in found}) == len(found)
    return {one.base: one for one in found}


def answers(*comments: Comment) -> list[dict[str, int]]:
    """Give the reactions to some comments."""
    return [dict(one.reactions) for one in comments]


async def test_a_lost_label_brings_the_backports(tmp_path: Path) -> None:
    """A label and then a person's push, of which nobody told, come into the one checklist."""
    async with deaf(tmp_path, _PLAIN) as scene:
        scene.github.label(scene.repository, scene.pull, "council exception", by="maintainer")
        await until(lambda: any(_CHECKLIST in body for body in scene.said()))
        await looked_around(scene)
        made = backports(scene)
        assert set(made) == {"stable/2.x", "stable/1.x"}
        pull = made["stable/2.x"]
        text = {"a.txt": "1\nzwei\n3\n"}
        await scene.github.commit(scene.repository, pull.head, text, message="Said it in German.")
        await until(lambda: "differ" in pull.body)
        await looked_around(scene)
        assert [told_twice(one) for one in (scene.pull, *made.values())] == [[], [], []]


async def test_a_lost_merge_follows_a_forecast(tmp_path: Path) -> None:
    """A labelled pull request is forecast, then backported; a deleted list comes back."""
    async with deaf(tmp_path, _PLAIN) as scene:
        github, repository = scene.github, scene.repository
        files = {"b.txt": "1\n"}
        await github.commit(repository, "more", files, message="Fixed #8 -- More.")
        text = "Fixed #8 -- More."
        scene.pull = await github.open_pull(repository, "more", "main", by="ann", text=text)
        github.label(repository, scene.pull, "council exception", by="maintainer")
        await scene.told("Backports: a forecast")
        assert backports(scene) == {}
        await github.merge(repository, scene.pull, by="maintainer")
        await until(lambda: not any("Backports: a forecast" in body for body in scene.said()))
        assert set(backports(scene)) == {"stable/2.x", "stable/1.x"}
        (comment,) = [one for one in scene.pull.comments.values() if _CHECKLIST in one.body]
        github.delete_comment(repository, scene.pull, comment, by="maintainer")
        await scene.told(_CHECKLIST)
        await looked_around(scene)
        assert told_twice(scene.pull) == []


async def test_a_lost_command_is_answered_once(tmp_path: Path) -> None:
    """A command that no webhook brought is answered, one that another hand wrote is not."""
    async with deaf(tmp_path, _PLAIN) as scene:
        asked = scene.say("maintainer", "/backport to 2.x")
        stranger = scene.say("ann", "/backport to 1.x")
        forged = scene.say("maintainer", "Thank you.")
        scene.service.clock.forward(timedelta(seconds=2))
        text = "Thank you.\n\n/backport to 1.x"
        scene.github.edit_comment(scene.repository, scene.pull, forged, text, by="ann")
        await scene.answered(stranger, "-1")
        await looked_around(scene)
        assert answers(asked, stranger, forged) == [{"+1": 1}, {"-1": 1}, {}]
        assert set(backports(scene)) == {"stable/2.x"}


async def test_a_vote_is_held_without_a_webhook(tmp_path: Path) -> None:
    """Request and votes are found, also changed and deleted ones, and the end tells the decision.

    A vote that another hand edited or took away goes on to count.
    """
    async with deaf(tmp_path) as scene:
        await scene.answered(scene.say("asker", REQUEST), "+1")
        said = {seat: scene.say(seat, "/vote +1") for seat in ("seat1", "seat2", "seat3", "seat4")}
        await scene.told("4 of 5 have voted and the score is +4")
        scene.service.clock.forward(timedelta(seconds=2))
        at = scene.repository, scene.pull
        scene.github.edit_comment(*at, said["seat1"], "/vote 0", by="seat1")
        scene.github.edit_comment(*at, said["seat2"], "/vote -1", by="maintainer")
        scene.github.delete_comment(*at, said["seat3"], by="maintainer")
        await scene.told("4 of 5 have voted and the score is +3")
        await looked_around(scene)
        (comment,) = [one for one in scene.pull.comments.values() if one.by_app]
        scene.github.edit_comment(*at, comment, "Nothing to see here.", by="maintainer")
        await scene.told("maintainer changed or deleted this comment")
        await looked_around(scene)
        assert len(scene.said()) == 1
        scene.say("seat5", "/vote 0")
        await scene.told("5 of 5 have voted and the score is +3")
        scene.service.clock.forward(timedelta(days=8))
        await scene.told("stablehand:decision=")
        await looked_around(scene)
        assert told_twice(scene.pull) == []
        assert set(backports(scene)) == {"stable/2.x", "stable/1.x"}


async def test_what_comes_twice_and_in_no_order_is_done_once(tmp_path: Path) -> None:
    """Webhooks come twice and shuffled, and the service looks around: each is answered once."""
    async with vote_scene(tmp_path, environment=_OFTEN) as scene:
        webhooks = scene.github.webhooks
        webhooks.treat(lambda _: 2)
        await scene.answered(scene.say("asker", REQUEST), "+1")
        webhooks.hold()
        votes = [scene.say(f"seat{at}", "/vote +1") for at in range(1, 6)]
        webhooks.release(shuffle=random.Random(7))  # noqa: S311 - no secret
        await scene.told("5 of 5 have voted and the score is +5")
        await looked_around(scene)
        assert answers(*votes) == [{"eyes": 1}] * 5
        assert (len(scene.said()), told_twice(scene.pull)) == (1, [])
