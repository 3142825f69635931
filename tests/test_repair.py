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
from tests.vote_scene import CONFIGURATION, REQUEST, SEATS, VoteScene, vote_scene
from tests.waiting import until

_OFTEN = {REPAIR: "*/2 * * * * *"}
_PLAIN = CONFIGURATION.partition("[exception]")[0]
_BY_REVIEWS = CONFIGURATION.replace("django-dep10", "approvals")
_WITH_TEAM = CONFIGURATION.replace("[policy]\n", '[policy]\nteam = "mergers"\n')
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


async def looked_everywhere(scene: VoteScene, often: int = 1) -> None:
    """Wait until every repository was looked at from beginning to end, so often after now."""
    done = work(scene)["repair repository", "SUCCESS"]
    looks = (often + 1) * len(scene.github.site.world.repositories)  # one may be under way now
    await until(lambda: work(scene)["repair repository", "SUCCESS"] >= done + looks)


def review(scene: VoteScene, state: str, *, by: str, text: str = "") -> int:
    """Let a person review the source pull request."""
    return scene.github.review(scene.repository, scene.pull, state, by=by, text=text)


async def test_lost_reviews_decide_and_a_lost_label_holds_back(tmp_path: Path) -> None:
    """Reviews block, are dismissed and approve; a label taken off holds the backports back."""
    async with deaf(tmp_path, _BY_REVIEWS) as scene:
        github, repository = scene.github, scene.repository
        early = review(scene, "approved", by="seat3")
        await scene.answered(scene.say("asker", REQUEST), "+1")
        scene.service.clock.forward(timedelta(seconds=2))
        blocking = review(scene, "changes_requested", by="seat1")
        await scene.told("seat1 requested changes, which blocks")
        review(scene, "approved", by="seat2")
        review(scene, "approved", by="ann")
        await scene.told("1 of 1 approvals are there; seat1 requested changes, which blocks")
        github.dismiss(repository, scene.pull, blocking, by="maintainer")
        await scene.told("stablehand:decision=")
        assert scene.pull.reviews[early].state == "approved"
        await until(lambda: len(backports(scene)) == 2)
        await until(lambda: any(_CHECKLIST in body for body in scene.said()))
        await looked_around(scene)
        assert not any(one.draft for one in backports(scene).values())
        github.unlabel(repository, scene.pull, "council exception", by="maintainer")
        await until(lambda: all(one.draft for one in backports(scene).values()))
        await looked_around(scene)
        for pull in backports(scene).values():
            held = [one.body for one in pull.comments.values() if "took the label" in one.body]
            assert len(held) == 1
            assert "maintainer took the label “council exception” off #1" in held[0]
            assert told_twice(pull) == []
        assert told_twice(scene.pull) == []


async def test_the_text_of_a_lost_review_counts(tmp_path: Path) -> None:
    """What a reviewer writes and rewrites counts as it stands; what others write into it does not.

    It is the same where webhooks told of it as well.
    """
    async with deaf(tmp_path) as scene:
        at = scene.repository, scene.pull
        await scene.answered(scene.say("asker", REQUEST), "+1")
        scene.service.clock.forward(timedelta(seconds=2))
        said = {seat: review(scene, "commented", by=seat, text="/vote +1") for seat in SEATS[:3]}
        forged = review(scene, "commented", by="seat4", text="Hm.")
        scene.github.edit_review(*at, forged, "/vote -1", by="maintainer")
        await scene.told("3 of 5 have voted and the score is +3")
        scene.service.clock.forward(timedelta(seconds=2))
        scene.github.edit_review(*at, said["seat1"], "/vote -1\n\nI fear.", by="seat1")
        scene.github.edit_review(*at, said["seat2"], "/vote -1\n\nSays he.", by="maintainer")
        await scene.told("3 of 5 have voted and the score is +1")
        scene.github.webhooks.treat(lambda _: 1)
        review(scene, "commented", by="seat5", text="/vote +1")
        await scene.told("4 of 5 have voted and the score is +2")
        await looked_around(scene)
        assert len(scene.said()) == 1
        assert "4 of 5 have voted and the score is +2" in scene.said()[0]


async def pushed(scene: VoteScene, number: int, series: str = "1.x") -> str:
    """Have a person push a fix to a stable branch by hand."""
    message = f"[{series}] Fixed #{number} -- It."
    files = {"b.txt": f"{number}\n"}
    branch = f"stable/{series}"
    return await scene.github.commit(
        scene.repository, branch, files, message=message, by="maintainer"
    )


def notes(scene: VoteScene) -> dict[str, list[str]]:
    """Give what was said on commits."""
    said = scene.repository.commit_comments.items()
    return {sha: [one.body for one in comments] for sha, comments in said}


async def test_a_push_is_judged_once_whoever_tells_of_it(tmp_path: Path) -> None:
    """Of pushes by hand, told of, lost or told of late, each commit is brought up just once."""
    async with vote_scene(tmp_path, _WITH_TEAM, environment=_OFTEN) as scene:
        webhooks = scene.github.webhooks
        await looked_everywhere(scene)
        told = await pushed(scene, 1)
        await until(lambda: told in notes(scene))
        await looked_everywhere(scene)
        webhooks.hold()
        first, late = await pushed(scene, 2), await pushed(scene, 3)
        await until(lambda: late in notes(scene))
        webhooks.release()
        webhooks.treat(lambda _: 0)
        lost = await pushed(scene, 4, "2.x")
        await until(lambda: lost in notes(scene))
        await looked_everywhere(scene, 2)
        found = notes(scene)
        assert {sha: len(said) for sha, said in found.items()} == {told: 1, late: 1, lost: 1}
        assert "@acme/mergers: somebody pushed 2 commits to `stable/1.x`" in found[late][0]
        assert first in found[late][0]
        assert told not in found[late][0]


async def test_looking_at_what_is_idle_is_cheap(tmp_path: Path) -> None:
    """A look at a repository where nothing happens, or is, takes four requests and no fetch."""
    async with deaf(tmp_path, _WITH_TEAM) as scene:
        await scene.github.add_repository("acme", "empty")
        await looked_everywhere(scene)
        before = work(scene)["repair repository", "SUCCESS"]
        scene.github.reset_counts()
        await looked_everywhere(scene, 3)
        looks = work(scene)["repair repository", "SUCCESS"] - before
        asked = {at: n for at, n in scene.github.count().items() if "/repos/" in at}
        assert len(asked) == 4
        assert max(asked.values()) <= looks + 3
        assert not scene.github.git_operations
