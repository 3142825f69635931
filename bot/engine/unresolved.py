"""The check run that fails as long as conflict markers stand in a backport."""

from __future__ import annotations

from bot.core import markdown
from bot.core.model import Conflict, Repository
from bot.engine.world import github
from bot.ports import Annotation, Check

NAME = "Unresolved conflicts"


async def show(repository: Repository, sha: str, conflicts: tuple[Conflict, ...]) -> None:
    """Bring the check run of a commit to what stands in it; no conflict left is green."""
    api, state = github(repository), _state(repository, sha, conflicts)
    found = await api.find_check(sha, state.name, state.external_id)
    if found is None:
        await api.create_check(state)
    else:
        await api.update_check(found, state)


def _state(repository: Repository, sha: str, conflicts: tuple[Conflict, ...]) -> Check:
    files = "1 file" if len(conflicts) == 1 else f"{len(conflicts)} files"
    lines = [f"- {markdown.code(one.path)}: {one.reason}" for one in conflicts]
    return Check(
        name=NAME,
        head_sha=sha,
        external_id=f"conflicts:{repository.id}:{sha}",
        status="completed",
        conclusion="failure" if conflicts else "success",
        title=f"Conflicts in {files}" if conflicts else "No conflict is left",
        summary="\n".join(lines) or "No conflict marker stands in the files of this backport.",
        annotations=tuple(
            Annotation(one.path, first, last, "failure", "This conflict is not resolved yet.")
            for one in conflicts
            for first, last in one.hunks
        ),
    )
