"""Conflicts and what people make of them, told against the local GitHub by the real service."""

from __future__ import annotations

import pytest

from bot.core import checklist as lists
from bot.core.checklist import Checklist
from devkit.github.state import Comment, Pull
from tests.scene import CONFIGURATION, Scene
from tests.waiting import until

OLD = "1\n2 of old\n3\n"
FIXED = "1\ntwo\n3\n"


def state(scene: Scene) -> Checklist:
    """Read the checklist's state."""
    found = next(filter(None, map(lists.read, scene.said())), None)
    assert found is not None
    return found


def check(scene: Scene, pull: Pull, name: str) -> dict[str, object]:
    """Give the newest check run of a name on the head of a pull request."""
    found = [
        one.fields
        for one in scene.repository.checks.values()
        if one.fields["head_sha"] == pull.head_sha and one.fields["name"] == name
    ]
    return found[-1] if found else {}


async def old_series(scene: Scene, *series: str) -> None:
    """Let some stable branches differ where the fix is, so that picks conflict there."""
    for one in series:
        files = {"a.txt": OLD}
        await scene.github.commit(scene.repository, f"stable/{one}", files, message="Differs.")


async def conflicting(scene: Scene, *series: str) -> dict[str, Pull]:
    """Label with conflicts on some series, and wait for the checklist."""
    await old_series(scene, *series)
    scene.label()
    await until(lambda: len(scene.backports()) == 2 and bool(scene.pull.comments))
    return scene.backports()


def command(scene: Scene, text: str, by: str = "maintainer") -> Comment:
    """Write a comment on the source pull request."""
    return scene.github.comment(scene.repository, scene.pull, text, by=by)


async def test_a_conflict_is_a_draft_that_cannot_be_merged(scene: Scene) -> None:
    """The draft holds the pick with markers, fails its check, and says how to go on."""
    pull = (await conflicting(scene, "1.x"))["stable/1.x"]
    assert pull.draft
    text = await scene.repository.git.text("show", f"{pull.head_sha}:a.txt")
    assert "<<<<<<<" in text
    assert ">>>>>>>" in text
    message = await scene.repository.git.text("log", "-1", "--format=%an %s", pull.head_sha)
    assert message == "somebody [1.x] Fixed #7 -- It. (#1)"
    await until(lambda: bool(check(scene, pull, "Unresolved conflicts")))
    shown = check(scene, pull, "Unresolved conflicts")
    assert shown["conclusion"] == "failure"
    assert "`a.txt`" in pull.body
    assert "git push --force-with-lease origin backport/1.x/" in pull.body
    rows = {row.branch: row for row in state(scene).rows}
    assert rows["stable/1.x"].pull == pull.number
    assert rows["stable/1.x"].conflicts == ("a.txt",)
    assert "identical to main: 1 file, +1" in rows["stable/2.x"].pick
    assert not scene.backports()["stable/2.x"].draft


async def test_a_resolved_draft_turns_green(scene: Scene) -> None:
    """When a person has taken the markers out, the check is green and the checklist says so."""
    await scene.configure(CONFIGURATION.replace("[who]", "ready_when_resolved = true\n[who]"))
    pull = (await conflicting(scene, "1.x"))["stable/1.x"]
    await until(lambda: bool(check(scene, pull, "Unresolved conflicts")))
    await scene.github.commit(
        scene.repository, pull.head, {"a.txt": FIXED}, message="Resolved.", by="maintainer"
    )
    await until(lambda: check(scene, pull, "Unresolved conflicts").get("conclusion") == "success")
    await until(lambda: not pull.draft)
    await until(lambda: {row.outcome.value for row in state(scene).rows} == {"picked"})
    assert "Unresolved conflicts" not in pull.body
    assert len(scene.said()) == 1


async def test_a_resolution_is_carried_on_to_older_series(scene: Scene) -> None:
    """The older of two equal conflicts is settled from what a person made of the newer one."""
    backports = await conflicting(scene, "1.x", "2.x")
    newer, older = backports["stable/2.x"], backports["stable/1.x"]
    await until(lambda: bool(check(scene, older, "Unresolved conflicts")))
    await scene.github.commit(
        scene.repository, newer.head, {"a.txt": FIXED}, message="Resolved.", by="maintainer"
    )
    await until(lambda: not older.draft)
    assert await scene.repository.git.text("show", f"{older.head_sha}:a.txt") + "\n" == FIXED
    message = await scene.repository.git.text("log", "-1", "--format=%an %s", older.head_sha)
    assert message == "somebody [1.x] Fixed #7 -- It. (#1)"
    assert "`a.txt`: chain" in older.body
    await until(lambda: {row.outcome.value for row in state(scene).rows} == {"picked"})


async def test_a_conflict_may_stay_a_comment(scene: Scene) -> None:
    """With `conflict = "comment"` nothing is opened; the checklist has the commands."""
    await scene.configure(CONFIGURATION.replace("[who]", 'conflict = "comment"\n[who]'))
    await old_series(scene, "1.x")
    scene.label()
    said = await scene.told()
    assert set(scene.backports()) == {"stable/2.x"}
    assert "git cherry-pick" in said


async def test_a_command_brings_one_series(scene: Scene) -> None:
    """`/backport to 1` needs no label; it is answered by a reaction and the checklist."""
    comment = command(scene, "/backport to 1")
    await until(lambda: set(scene.backports()) == {"stable/1.x"})
    await until(lambda: comment.reactions.get("+1", 0) == 1)
    await until(lambda: len(scene.said()) == 2)


async def test_a_command_by_an_outsider_does_nothing(scene: Scene) -> None:
    """Who may not is told so once, with a reaction each time."""
    first, second = (command(scene, "/backport to 1.x", by="mallory") for _ in range(2))
    await until(lambda: "-1" in first.reactions and "-1" in second.reactions)
    await until(lambda: len(scene.said()) == 3)
    assert scene.backports() == {}


async def test_an_unknown_command_gets_help_once(scene: Scene) -> None:
    """Words that are no command get the list of commands, once."""
    first, second = (command(scene, "/backport please") for _ in range(2))
    await until(lambda: "confused" in first.reactions and "confused" in second.reactions)
    assert sum("That is no command" in said for said in scene.said()) == 1


async def test_a_prerequisite_is_named_and_picked_first(scene: Scene) -> None:
    """The draft names the commit that is missing; the command picks it first and settles it."""
    github, repository = scene.github, scene.repository
    root = {"b.txt": "1\n2\n3\n4\n5\n6\n"}
    for branch in ("main", "stable/1.x", "stable/2.x"):
        await github.commit(repository, branch, root, message="Added a file.")
    files = {"b.txt": "1\n2\n3\nfour\n5\n6\n"}
    before = await github.commit(repository, "main", files, message="Refs #8 -- Before.")
    files = {"b.txt": "1\n2\n3\nfour, fixed\n5\n6\n"}
    await github.commit(repository, "next", files, message="Fixed #8 -- After.")
    scene.pull = await github.open_pull(repository, "next", "main", by="ann", text="Fixed #8.")
    await github.merge(repository, scene.pull, by="maintainer", method="rebase")
    scene.label()
    await until(lambda: len(scene.backports()) == 2 and bool(scene.pull.comments))
    pull = scene.backports()["stable/2.x"]
    assert f"`/backport with {before[:12]} to 2.x`" in pull.body
    command(scene, f"/backport with {before[:12]} to 2.x")
    await until(lambda: not pull.draft)
    subjects = await repository.git.text("log", "--format=%s", f"{pull.base_sha}..{pull.head_sha}")
    assert subjects.split("\n") == ["[2.x] Fixed #8 -- After.", "[2.x] Refs #8 -- Before."]


async def test_retry_goes_on_where_a_branch_was_missing(scene: Scene) -> None:
    """What was not there when the label was set is made up for on request."""
    await scene.configure(CONFIGURATION.replace("stable/2.x", "stable/3.x"))
    scene.label()
    assert "no such branch" in await scene.told()
    root = scene.repository.branch("stable/1.x")
    await scene.github.push(scene.repository, {"refs/heads/stable/3.x": root}, by="maintainer")
    command(scene, "/backport retry")
    await until(lambda: set(scene.backports()) == {"stable/1.x", "stable/3.x"})
    await until(lambda: {row.outcome.value for row in state(scene).rows} == {"picked"})


async def test_stop_takes_the_label_off(scene: Scene) -> None:
    """After `/backport stop` the label is gone, and nothing is said but a reaction."""
    scene.label()
    await until(lambda: len(scene.backports()) == 2 and bool(scene.pull.comments))
    comment = command(scene, "/backport stop")
    await until(lambda: "+1" in comment.reactions and scene.pull.labels == [])


@pytest.mark.parametrize("by_command", [False, True])
async def test_a_forecast_before_the_merge(scene: Scene, *, by_command: bool) -> None:
    """An open pull request shows how it would pick, anew at each push, and nothing is pushed."""
    github, repository = scene.github, scene.repository
    await old_series(scene, "1.x")
    files = {"a.txt": "1\nthree\n3\n"}
    await github.commit(repository, "later", files, message="Fixed #8 -- It.")
    scene.pull = await github.open_pull(repository, "later", "main", by="ann", text="Fixed #8.")
    if by_command:
        command(scene, "/backport forecast")
    else:
        scene.label()
    await until(lambda: any(map(lists.read, scene.said())))
    rows = {row.branch: row.outcome.value for row in state(scene).rows}
    assert rows == {"stable/2.x": "conflict", "stable/1.x": "conflict"}
    assert scene.backports() == {}
    if not by_command:
        await github.commit(
            repository,
            "later",
            {"a.txt": "1\n2\n3\n", "b.txt": "new\n"},
            message="Other.",
            by="ann",
        )
        await until(lambda: state(scene).rows[0].outcome.value == "picked")


async def test_a_pick_that_does_not_fit_the_branch_is_a_draft(scene: Scene) -> None:
    """A clean pick that imports what the branch lacks is opened as a draft that says so."""
    github, repository = scene.github, scene.repository
    for branch in ("main", "stable/1.x", "stable/2.x"):
        files = {"tool/__init__.py": "", "tool/x.py": "A = 1\n"}
        await github.commit(repository, branch, files, message="Added a module.")
    for branch in ("main", "stable/2.x"):
        files = {"tool/new.py": "def f():\n    return 1\n"}
        await github.commit(repository, branch, files, message="Added f.")
    files = {"tool/x.py": "from tool.new import f\n\nA = f()\n"}
    await github.commit(repository, "use", files, message="Fixed #9 -- Used f.")
    scene.pull = await github.open_pull(repository, "use", "main", by="ann", text="Fixed #9.")
    await github.merge(repository, scene.pull, by="maintainer")
    scene.label()
    await until(lambda: len(scene.backports()) == 2 and bool(scene.pull.comments))
    good, broken = scene.backports()["stable/2.x"], scene.backports()["stable/1.x"]
    assert broken.draft
    assert "This does not look right" in broken.body
    assert "`tool/x.py:1`" in broken.body
    assert not good.draft
    rows = {row.branch: row.pick for row in state(scene).rows}
    assert "**1 findings**" not in rows["stable/2.x"]
    assert "**1 finding**" in rows["stable/1.x"]


async def test_a_commit_from_elsewhere_is_not_picked_first(scene: Scene) -> None:
    """A prerequisite must be on the source's branch; anything else is refused by name."""
    tip = scene.repository.branch("stable/1.x") or ""
    files = {"z.txt": "1\n"}
    sha = await scene.github.commit(scene.repository, "stable/1.x", files, message="Only here.")
    assert sha != tip
    command(scene, f"/backport with {sha[:12]} to 2.x")
    await until(lambda: any("is no commit of main" in said for said in scene.said()))
    assert scene.backports() == {}
