from __future__ import annotations

from tests.scene import CONFIGURATION, Scene
from tests.waiting import until

CHANGELOG = "# Changes\n\n## Unreleased\n\n- A first thing. (#900)\n\n## 2.0\n\n- Begun.\n"


def stub(scene: Scene, branch: str) -> str:
    """Give what was said of the release note of one backport, nothing before it is there."""
    pull = scene.backports().get(branch)
    said = [comment.body for comment in pull.comments.values()] if pull else []
    return "".join(body for body in said if "### Release note" in body)


async def test_a_persons_sentence_becomes_the_note_of_each_branch(scene: Scene) -> None:
    """Of those who gave a sentence the one who may is heard; each branch gets it in its way."""
    await scene.configure(f'release_notes = "changelog"\n{CONFIGURATION}')
    files = {"CHANGELOG.md": CHANGELOG}
    await scene.github.commit(scene.repository, "stable/2.x", files, message="Wrote.")
    files = {"CHANGES.md": CHANGELOG.replace("Unreleased", "1.1")}
    await scene.github.commit(scene.repository, "stable/1.x", files, message="Wrote.")
    scene.github.comment(scene.repository, scene.pull, "/note Fixed two.", by="maintainer")
    scene.github.comment(scene.repository, scene.pull, "/note Buy this!", by="mallory")
    scene.label()
    await until(lambda: all(stub(scene, branch) for branch in ("stable/2.x", "stable/1.x")))
    newer, older = stub(scene, "stable/2.x"), stub(scene, "stable/1.x")
    number = scene.pull.number
    assert f"```md\n- Fixed two. (#{number})\n```" in newer
    assert "under what is unreleased" in newer
    assert "`CHANGES.md` has no section “Unreleased”" in older.replace("\\", "")
    assert "Buy" not in newer + older


async def test_what_the_commit_says_of_a_regression_opens_the_note(scene: Scene) -> None:
    """The version that was being made when the named commit came is in the draft."""
    github, repository = scene.github, scene.repository
    await scene.configure(f'release_notes = "django"\n{CONFIGURATION}')
    files = {"django/__init__.py": "VERSION = (2, 1, 3, 'alpha', 0)\n"}
    await github.commit(repository, "stable/2.x", files, message="Made 2.1.")
    files = {"django/__init__.py": "VERSION = (3, 0, 0, 'alpha', 0)\n"}
    guilty = await github.commit(repository, "main", files, message="Made 3.0.")
    message = f"Fixed #8 -- Counted again.\n\nRegression in {guilty}."
    await github.commit(repository, "again", {"b.txt": "1\n"}, message=message)
    scene.pull = await github.open_pull(repository, "again", "main", by="ann", text="Fixed #8.")
    await github.merge(repository, scene.pull, by="maintainer", method="rebase")
    scene.label()
    await until(lambda: bool(stub(scene, "stable/2.x")) and len(scene.backports()) > 1)
    said = stub(scene, "stable/2.x")
    assert "### Release note for 2.1.3\n" in said
    assert "* Fixed a regression in Django 3.0 that … (:ticket:`8`)." in said
    assert "It says that Django 3.0 brought the bug, but is for 2.1.3." in said
    assert stub(scene, "stable/1.x") == ""
