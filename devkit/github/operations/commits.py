"""Commits: one, the pull requests that it belongs to, and two compared."""

from __future__ import annotations

from devkit.github.bare import GitFailed
from devkit.github.rest import Answer, Call, Refused, serves
from devkit.github.state import Comment, Json, Pull
from devkit.github.views import changed_file


@serves("repos/get-commit", "contents:read")
async def get_commit(call: Call) -> Answer:
    """Show a commit with its files."""
    repository = call.repository
    sha = await resolved(call, call.parameters["ref"])
    commit = await repository.git.commit(sha)
    changes = await repository.git.changes(commit.parents[0], sha) if commit.parents else []
    shown = call.site.views.commit(repository, commit)
    return Answer(200, {**shown, "files": [changed_file(change) for change in changes]})


@serves("repos/list-pull-requests-associated-with-commit", "pull_requests:read", "contents:read")
async def list_pulls(call: Call) -> Answer:
    """List the pull requests that brought a commit or hold it."""
    repository = call.repository
    sha = await resolved(call, call.parameters["commit_sha"])
    pulls = [pull for pull in repository.pulls.values() if await _brings(call, pull, sha)]
    return call.page(pulls, lambda pull: call.site.views.pull(repository, pull))


@serves("repos/list-comments-for-commit", "contents:read")
async def list_comments(call: Call) -> Answer:
    """List the comments on a commit, oldest first."""
    sha = await resolved(call, call.parameters["commit_sha"])
    comments = call.repository.commit_comments.get(sha, [])
    views = call.site.views
    return call.page(comments, lambda one: views.commit_comment(call.repository, sha, one))


@serves("repos/create-commit-comment", "contents:write")
async def create_comment(call: Call) -> Answer:
    """Write a comment on a commit."""
    repository, sha = call.repository, await resolved(call, call.parameters["commit_sha"])
    world = call.site.world
    moment = world.moment()
    new = Comment(world.next_id(), call.actor, call.body["body"], moment, moment, by_app=True)
    repository.commit_comments.setdefault(sha, []).append(new)
    return Answer(201, call.site.views.commit_comment(repository, sha, new))


@serves("repos/compare-commits-with-basehead", "contents:read")
async def compare(call: Call) -> Answer:
    """Compare two commits by their merge base."""
    repository, git = call.repository, call.repository.git
    names = call.parameters["basehead"].split("...")
    base, head = [await resolved(call, name.rsplit(":", 1)[-1]) for name in names]
    try:
        fork = await git.text("merge-base", base, head)
    except GitFailed as error:
        raise Refused(404, f"No common ancestor between {names[0]} and {names[1]}.") from error
    ahead = await git.commits(f"{base}..{head}")
    behind = await git.commits(f"{head}..{base}")
    shown, headers = call.cut(ahead)
    body: Json = {
        "status": _relation(len(ahead), len(behind)),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "base_commit": call.site.views.commit(repository, await git.commit(base)),
        "merge_base_commit": call.site.views.commit(repository, await git.commit(fork)),
        "commits": [call.site.views.commit(repository, commit) for commit in shown],
        "files": [changed_file(change) for change in await git.changes(fork, head)],
    }
    return Answer(200, body, headers)


async def resolved(call: Call, name: str) -> str:
    """Give the commit that a branch, a tag or a sha in a request stands for."""
    sha = await call.repository.git.resolve(call.repository.branch(name) or name)
    if sha is None:
        raise Refused(422, f"No commit found for SHA: {name}")
    return sha


async def _brings(call: Call, pull: Pull, sha: str) -> bool:
    if sha in {pull.merge_commit_sha, pull.head_sha}:
        return True
    commits = await call.repository.git.commits(f"{pull.base_sha}..{pull.head_sha}")
    return sha in {commit.sha for commit in commits}


def _relation(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    if ahead:
        return "ahead"
    return "behind" if behind else "identical"
