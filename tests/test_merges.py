"""Which commits are the source, however they came to main, and what is seen of the backports."""

from __future__ import annotations

import pytest

from devkit.github import merging
from devkit.github.bare import person
from devkit.github.world import now
from tests.scene import LABEL, Scene
from tests.waiting import until

BRANCH = "stable/2.x"


async def subjects(scene: Scene, branch: str = BRANCH) -> list[str]:
    """Give the subjects of a backport's own commits, oldest first."""
    await until(lambda: branch in scene.backports())
    pull = scene.backports()[branch]
    shas = f"{pull.base_sha}..{pull.head_sha}"
    text = await scene.repository.git.text("log", "--reverse", "--format=%s", shas)
    return text.split("\n")


async def two_commits(scene: Scene) -> None:
    """Open a pull request with two commits and nothing else."""
    github, repository = scene.github, scene.repository
    await github.commit(repository, "two", {"b.txt": "1\n"}, message="Refs #8 -- First.")
    await github.commit(repository, "two", {"b.txt": "1\n2\n"}, message="Fixed #8 -- Second.")
    scene.pull = await github.open_pull(repository, "two", "main", by="ann", text="Fixed #8.")


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("squash", ["[2.x] Fixed #8. (#2)"]),
        ("rebase", ["[2.x] Refs #8 -- First.", "[2.x] Fixed #8 -- Second."]),
        ("merge", ["[2.x] Refs #8 -- First.", "[2.x] Fixed #8 -- Second."]),
    ],
)
async def test_every_way_to_merge(scene: Scene, method: str, expected: list[str]) -> None:
    """A squash is one commit; a rebase and a merge are the pull request's, in order."""
    await two_commits(scene)
    await scene.github.merge(scene.repository, scene.pull, by="maintainer", method=method)
    scene.label()
    assert await subjects(scene) == expected


async def test_a_hand_made_merge_is_found_by_author_and_date(scene: Scene) -> None:
    """Commits rebased and pushed by hand, the pull request closed: they are found on main."""
    github, repository = scene.github, scene.repository
    await two_commits(scene)
    await github.commit(repository, "main", {"z.txt": "1\n"}, message="Meanwhile.")
    base, head = repository.branch("main") or "", scene.pull.head_sha
    sha = await merging.rebase(repository.git, base, head, person("maintainer", now()))
    github.close(repository, scene.pull, by="maintainer")
    await github.push(repository, {"refs/heads/main": sha}, by="maintainer")
    assert not scene.pull.merged
    scene.label()
    assert await subjects(scene) == ["[2.x] Refs #8 -- First.", "[2.x] Fixed #8 -- Second."]


async def test_a_commit_named_in_a_comment_is_taken(scene: Scene) -> None:
    """What was not found is asked for once; naming the commit and labelling again does it."""
    github, repository = scene.github, scene.repository
    await two_commits(scene)
    github.close(repository, scene.pull, by="maintainer")
    scene.label()
    assert "no commit of it was found on `main`" in await scene.told()
    files = {"b.txt": "by hand\n"}
    sha = await github.commit(repository, "main", files, message="Fixed #8 -- Another way.")
    github.comment(repository, scene.pull, f"Merged in {sha}, thanks.", by="maintainer")
    github.unlabel(repository, scene.pull, LABEL, by="maintainer")
    scene.label()
    assert await subjects(scene) == ["[2.x] Fixed #8 -- Another way."]


async def test_a_merged_backport_is_shown_in_the_checklist(scene: Scene) -> None:
    """The checklist follows the backport pull requests: merged with its commit, or closed."""
    scene.label()
    await until(lambda: len(scene.backports()) == 2 and bool(scene.pull.comments))
    backports = scene.backports()
    sha = await scene.github.merge(
        scene.repository, backports["stable/2.x"], by="maintainer", method="rebase"
    )
    scene.github.close(scene.repository, backports["stable/1.x"], by="maintainer")
    await until(
        lambda: f"✅ {sha} by maintainer" in scene.said()[0] and "✖ closed |" in scene.said()[0]
    )
    assert len(scene.said()) == 1


async def test_a_backport_pushed_by_hand_is_shown_in_the_checklist(scene: Scene) -> None:
    """A push to the target branch whose message names the source counts as the merge."""
    github, repository = scene.github, scene.repository
    scene.label()
    await until(lambda: len(scene.backports()) == 2 and bool(scene.pull.comments))
    message = f"[1.x] Fixed #7 -- It.\n\nBackport of {scene.pull.merge_commit_sha} from main."
    files = {"a.txt": "1\ntwo\n3\n"}
    sha = await github.commit(repository, "stable/1.x", files, message=message)
    await until(lambda: f"✅ {sha} by " in scene.said()[0])
