"""What people and GitHub get wrong, end to end: each is told clearly, and nothing is lost."""

from __future__ import annotations

from tests.scene import CONFIGURATION, LABEL, Scene
from tests.waiting import until


async def test_a_broken_configuration_is_told_with_path_and_value(scene: Scene) -> None:
    """An unknown key and a wrong value are named on the labelled pull request, and mended."""
    await scene.configure(CONFIGURATION + 'teem = "x"\n[tests]\ncommand = 3\n')
    scene.label()
    said = await scene.told()
    assert "`who.teem`: unknown key; allowed here are `permission`, `team`" in said
    assert "`tests.command`: found `3`; input should be a valid list" in said
    await until(lambda: LABEL not in scene.pull.labels)
    await scene.configure(CONFIGURATION)
    scene.label()
    await until(lambda: len(scene.backports()) == 2)
    await until(lambda: "What stood in the way here is settled" in scene.said()[0])
    assert len(scene.said()) == 2


async def test_a_configuration_is_checked_where_it_is_proposed(scene: Scene) -> None:
    """A pull request that brings a bad file hears of it, and of the cure, in one comment."""
    github, repository = scene.github, scene.repository
    files = {".github/stablehand.toml": "targets = 3\n"}
    await github.commit(repository, "settings", files, message="Configured.")
    pull = await github.open_pull(repository, "settings", "main", by="ann")
    await until(lambda: bool(pull.comments))
    (comment,) = pull.comments.values()
    assert "`targets`: found `3`" in comment.body
    files = {".github/stablehand.toml": 'targets = ["stable/1.x"]\n'}
    await github.commit(repository, "settings", files, message="Mended.")
    await until(lambda: "can be used now" in next(iter(pull.comments.values())).body)
    assert len(pull.comments) == 1


async def test_a_missing_target_is_named_and_the_others_are_served(scene: Scene) -> None:
    """A branch that does not exist is one row of the checklist, not the end of the work."""
    await scene.configure(CONFIGURATION.replace("stable/2.x", "stable/3.x"))
    scene.label()
    said = await scene.told()
    assert "| `stable/3.x` | ❌ no such branch: a maintainer can create the branch" in said
    assert set(scene.backports()) == {"stable/1.x"}


async def test_a_protected_head_branch_is_told_in_githubs_words(scene: Scene) -> None:
    """A refused push is in the checklist, with what GitHub said; nothing was opened for it."""
    scene.github.protect(scene.repository, "backport/2.x/*")
    scene.label()
    said = await scene.told()
    row = next(line for line in said.splitlines() if line.startswith("| `stable/2.x`"))
    assert "GitHub refused the push" in row
    assert "protected branch" in row.lower()
    assert set(scene.backports()) == {"stable/1.x"}


async def test_a_token_without_workflows_is_told_what_it_lacks(scene: Scene) -> None:
    """A fix that touches a workflow needs the permission; the checklist names it."""
    github, repository = scene.github, scene.repository
    github.installation("acme").permissions.pop("workflows", None)
    files = {".github/workflows/tests.yml": "on: push\n"}
    await github.commit(repository, "ci", files, message="Fixed the tests.")
    scene.pull = await github.open_pull(repository, "ci", "main", by="ann")
    await github.merge(repository, scene.pull, by="maintainer")
    scene.label()
    said = await scene.told()
    assert "without \\`workflows\\` permission" in said or "`workflows`" in said
    assert scene.backports() == {}


async def test_an_outsiders_label_comes_off_with_one_comment(scene: Scene) -> None:
    """Who may not set the label hears why, once, however often they try."""
    for _ in range(2):
        scene.label(by="mallory")
        await until(lambda: LABEL not in scene.pull.labels)
    said = await scene.told()
    assert "mallory may not set this label" in said
    assert scene.backports() == {}


async def test_a_deleted_fork_is_no_obstacle(scene: Scene) -> None:
    """A pull request whose fork is gone is backported from what was merged."""
    github, repository = scene.github, scene.repository
    fork = await github.add_repository("ann", "tool", source=repository.git.path)
    await github.commit(fork, "more", {"c.txt": "1\n"}, message="Fixed #9 -- More.")
    scene.pull = await github.open_pull(repository, "ann:more", "main", by="ann", text="Fixed #9.")
    await github.merge(repository, scene.pull, by="maintainer")
    github.delete_fork(fork)
    assert scene.pull.head_repository is None
    scene.label()
    await until(lambda: len(scene.backports()) == 2)


async def test_a_locked_conversation_gets_its_checklist_as_a_check_run(scene: Scene) -> None:
    """Where no comment may be written, the merged commit carries the checklist."""
    scene.github.lock(scene.pull)
    scene.label()
    await until(lambda: bool(scene.repository.checks))
    (check,) = scene.repository.checks.values()
    assert check.fields["name"] == "Stablehand checklist"
    assert check.fields["head_sha"] == scene.pull.merge_commit_sha
    assert set(scene.backports()) == {"stable/1.x", "stable/2.x"}


async def test_an_archived_repository_is_left_in_peace(scene: Scene) -> None:
    """Nothing can be written there, so nothing is tried; the delivery is still accepted."""
    scene.label()
    scene.github.archive(scene.repository)
    await scene.github.webhooks.idle()
    await until(lambda: scene.github.count()["GET /repos/{owner}/{repo}/pulls/{pull_number}"] > 0)
    assert [call for call in scene.github.calls if call.method != "GET"][1:] == []


async def test_an_open_pull_request_is_told_once_that_it_waits(scene: Scene) -> None:
    """A label before the merge is answered once, and acted on at the merge."""
    github, repository = scene.github, scene.repository
    await github.commit(repository, "later", {"b.txt": "1\n"}, message="Fixed #8 -- That.")
    scene.pull = await github.open_pull(repository, "later", "main", by="ann", text="Fixed #8.")
    for _ in range(2):
        scene.label()
        assert "The backports are made once this pull request is merged" in await scene.told()
        github.unlabel(repository, scene.pull, LABEL, by="maintainer")
    scene.label()
    await github.merge(repository, scene.pull, by="maintainer")
    await until(lambda: len(scene.backports()) == 2)
    await until(lambda: "a forecast" not in scene.said()[0])
    assert len(scene.said()) == 1


async def test_a_repository_without_a_file_is_offered_one(scene: Scene) -> None:
    """The built-in defaults are Django's alone; others get a ready-made file."""
    files = {".github/stablehand.toml": None}
    await scene.github.commit(scene.repository, "main", files, message="Removed.")
    scene.label()
    assert "targets = { pattern =" in await scene.told()
    assert scene.backports() == {}
