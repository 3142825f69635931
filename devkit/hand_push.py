"""What a merger does who brings a backport to its branch by hand, past GitHub's button."""

from __future__ import annotations

from devkit.github import LocalGitHub, merging
from devkit.github.bare import Person
from devkit.github.state import Pull, Repository

EDITED = "django/test/client.py"
"""The file in which such a merger may change something."""


async def land(
    github: LocalGitHub,
    repository: Repository,
    pull: Pull,
    who: Person,
    edit: tuple[str, str] = ("", ""),
) -> str:
    """Push all of a pull request as one commit, with its first message and an edit; give its sha.

    The edit puts one text in the place of another.
    """
    git, tip = repository.git, repository.refs[f"refs/heads/{pull.base}"]
    first = (await git.commits(f"{tip}..{pull.head_sha}"))[0]
    tree = await merging.merged_tree(git, tip, pull.head_sha)
    if edit[0]:
        text = (await git.run("show", f"{pull.head_sha}:{EDITED}")).decode()
        if edit[0] not in text:
            raise ValueError(f"{EDITED} has no “{edit[0]}”")
        whole = await git.write_commit(tree, (tip,), first.message, (first.author, who))
        tree = await git.write_tree(whole, {EDITED: text.replace(*edit)})
    sha = await git.write_commit(tree, (tip,), first.message, (first.author, who))
    await github.push(repository, {f"refs/heads/{pull.base}": sha}, by=who.name)
    return sha
