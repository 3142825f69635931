from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core import checklist as lists
from bot.core.follow_up import FollowUp
from devkit.github.bare import Person
from devkit.github.state import Pull
from devkit.timed_service import REPAIR
from tests.snapshot import same
from tests.vote_scene import CONFIGURATION, SEATS, VoteScene, vote_scene
from tests.waiting import until

OFTEN = {REPAIR: "*/5 * * * * *"}
DAY = timedelta(days=1)
TABLES = """
[reminders]
days = 7
releasers = "releasers"
"""
ACCEPTED = datetime(2023, 1, 6, 11, tzinfo=UTC)


async def accepted(scene: VoteScene) -> dict[str, Pull]:
    """Have the exception granted; give the backports by branch."""
    await scene.opened()
    for seat in SEATS[:4]:
        await scene.vote(seat, "+1")
    scene.service.clock.set(ACCEPTED)
    await scene.told("### Accepted: exception 7")
    await until(lambda: len(scene.repository.pulls) == 3 and state(scene) is not None)
    await until(lambda: [row.pull for row in known(scene).rows] == [2, 3])
    return {one.base: one for one in scene.repository.pulls.values() if one.base != "main"}


def state(scene: VoteScene) -> lists.Checklist | None:
    """Read the checklist, if there is one."""
    found = (lists.read(body) for body in scene.said() if "stablehand:state" in body)
    return next((one for one in found if one), None)


def known(scene: VoteScene) -> lists.Checklist:
    """Read the checklist."""
    found = state(scene)
    assert found is not None
    return found


def reminders(scene: VoteScene) -> list[str]:
    """Give the reminders that were sent, oldest first."""
    return [body for body in scene.said() if "<!-- stablehand:reminder-" in body]


async def looked(scene: VoteScene) -> None:
    """Wait until the repair has looked once more, from beginning to end."""
    name = "/repos/{owner}/{repo}/issues/{issue_number}/comments"
    for _ in range(2):
        scene.github.reset_counts()
        await until(lambda: scene.github.count()[f"GET {name}"] > 0)


async def test_people_are_reminded_until_all_is_done(tmp_path: Path) -> None:
    """Reminded by name, left in peace when they ask, and told no more once it is done."""
    policy = '[follow_up]\nrepository = "acme/policy"\n'
    async with vote_scene(tmp_path, CONFIGURATION + TABLES + policy, environment=OFTEN) as scene:
        forum = await scene.github.add_repository("acme", "policy")
        backports = await accepted(scene)
        assert reminders(scene) == []
        scene.service.clock.set(ACCEPTED + DAY * 8)  # a Saturday
        await looked(scene)
        assert reminders(scene) == []
        scene.service.clock.set(ACCEPTED + DAY * 10)
        await until(lambda: len(reminders(scene)) == 1)
        snoozed = scene.say("maintainer", "/backport snooze 3w")
        await scene.answered(snoozed, "+1")
        await until(lambda: known(scene).snoozed_until is not None)
        scene.service.clock.set(ACCEPTED + DAY * 26)
        await looked(scene)
        assert len(reminders(scene)) == 1
        await scene.answered(scene.say("maintainer", "/backport snooze off"), "+1")
        await until(lambda: len(reminders(scene)) == 2)
        for pull in backports.values():
            await scene.github.merge(scene.repository, pull, by="maintainer")
        await until(lambda: len(forum.issues) == 1)
        (issue,) = forum.issues.values()
        await until(lambda: known(scene).follow_up is not None)
        scene.service.clock.set(ACCEPTED + DAY * 40)
        await until(lambda: len(reminders(scene)) == 3)
        tip = scene.repository.branch("stable/2.x") or ""
        who = Person("maintainer", "maintainer@example.org", "2023-02-14T09:00:00+00:00")
        await scene.github.tag(scene.repository, {"2.0.1": tip}, by=who)
        await until(lambda: "2.0.1, " in issue.body)
        scene.github.close_issue(forum, issue, by="seat1")
        await until(lambda: (known(scene).follow_up or FollowUp()).closed)
        names = scene.known() | shas(scene)
        same("follow-up-story", [*reminders(scene), f"# {issue.title}\n\n{issue.body}"], names)
        scene.github.check()


async def test_a_person_opens_it_elsewhere(tmp_path: Path) -> None:
    """Where no issue can be opened a text is ready once; a seat of the council says where it is."""
    policy = '[follow_up]\nrepository = "elsewhere/policy"\n'
    async with vote_scene(tmp_path, CONFIGURATION + policy) as scene:
        await scene.answered(scene.say("maintainer", "/backport snooze 2w"), "eyes")
        backports = await accepted(scene)
        early = scene.say("outsider", "/backport follow-up https://forum.test/1")
        await scene.answered(early, "-1")
        for pull in backports.values():
            await scene.github.merge(scene.repository, pull, by="maintainer")
        ready = await scene.told("`/backport follow-up URL`")
        assert "Revisit the backport policy after exception 7" in ready
        assert "The App is not installed on elsewhere/policy. So a person has to open it" in ready
        await until(lambda: known(scene).follow_up == FollowUp())
        talk = scene.github.open_issue(scene.repository, "The policy", by="seat1")
        url = f"{scene.github.url}/acme/tool/issues/{talk.number}"
        await scene.answered(scene.say("seat1", f"/backport follow-up {url}"), "+1")
        await until(lambda: (known(scene).follow_up or FollowUp()).url == url)
        scene.github.close_issue(scene.repository, talk, by="seat1")
        await until(lambda: (known(scene).follow_up or FollowUp()).closed)
        assert sum("<!-- stablehand:follow-up -->" in body for body in scene.said()) == 1


def shas(scene: VoteScene) -> dict[str, str]:
    """Give names to commits."""
    landed = [row.landing.sha for row in known(scene).rows if row.landing]
    return {one: f"COMMIT{at}" for at, one in enumerate(landed, 1)} | {
        one[:10]: f"COMMIT{at}" for at, one in enumerate(landed, 1)
    }
