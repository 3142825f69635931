"""Pull requests: found, opened, edited, and what they hold."""

from __future__ import annotations

from devkit.github.activity import NewPull
from devkit.github.merging import MergeConflict, merged_tree
from devkit.github.rest import Answer, Call, Refused, invalid, serves
from devkit.github.state import Json, Pull, Repository, Review
from devkit.github.views import changed_file
from devkit.github.world import NotFound


@serves("pulls/get", "pull_requests:read")
async def get(call: Call) -> Answer:
    """Show a pull request."""
    return Answer(200, await _detailed(call, call.pull))


@serves("pulls/list", "pull_requests:read")
async def list_pulls(call: Call) -> Answer:
    """List pull requests by state, head (`owner:branch`) and base."""
    repository, wanted = call.repository, call.parameters
    pulls = [
        pull
        for pull in repository.pulls.values()
        if wanted.get("state", "open") in {pull.state, "all"}
        and wanted.get("head", _head(pull)) == _head(pull)
        and wanted.get("base", pull.base) == pull.base
    ]
    by_update = wanted.get("sort") == "updated"
    ascending = wanted.get("direction", "asc" if "sort" in wanted else "desc") == "asc"
    pulls.sort(
        key=lambda pull: (pull.updated_at if by_update else pull.created_at, pull.number),
        reverse=not ascending,
    )
    return call.page(pulls, lambda pull: call.site.views.pull(repository, pull))


@serves("pulls/create", "pull_requests:write")
async def create(call: Call) -> Answer:
    """Open a pull request, or say in GitHub's words why not."""
    repository, body = call.repository, call.body
    owner, _, branch = body["head"].rpartition(":")
    source = _source(call, owner)
    if repository.branch(body["base"]) is None:
        raise invalid("PullRequest", field="base", code="invalid")
    if source is None or source.branch(branch) is None:
        raise invalid("PullRequest", field="head", code="invalid")
    new = NewPull(
        body["title"],
        body.get("body") or "",
        branch,
        body["base"],
        call.actor,
        source,
        draft=body.get("draft", False),
    )
    await _ensure_commits(repository, new)
    _ensure_first(repository, new)  # nothing may come between this and the next line
    pull = call.site.activity.open_pull(repository, new)
    await call.site.pushes.publish_head(repository, pull)
    return Answer(201, await _detailed(call, pull))


@serves("pulls/update", "pull_requests:write")
async def update(call: Call) -> Answer:
    """Change title, body, base or state."""
    repository, pull, activity = call.repository, call.pull, call.site.activity
    changes = {
        name: call.body[name]
        for name in ("title", "body", "base")
        if call.body.get(name) not in {None, getattr(pull, name)}
    }
    if "base" in changes and repository.branch(changes["base"]) is None:
        raise invalid("PullRequest", field="base", code="invalid")
    if changes:
        activity.edit(repository, pull, changes, call.actor)
    activity.set_state(repository, pull, call.body.get("state", pull.state), call.actor)
    return Answer(200, await _detailed(call, pull))


@serves("pulls/list-commits", "pull_requests:read")
async def list_commits(call: Call) -> Answer:
    """List the commits of a pull request, oldest first, at most 250."""
    repository, pull = call.repository, call.pull
    commits = await repository.git.commits(f"{pull.base_sha}..{pull.head_sha}")
    return call.page(commits, lambda commit: call.site.views.commit(repository, commit))


@serves("pulls/list-files", "pull_requests:read")
async def list_files(call: Call) -> Answer:
    """List the files that a pull request changes."""
    git, pull = call.repository.git, call.pull
    fork = await git.text("merge-base", pull.base_sha, pull.head_sha)
    return call.page(await git.changes(fork, pull.head_sha), changed_file)


@serves("pulls/list-reviews", "pull_requests:read")
async def list_reviews(call: Call) -> Answer:
    """List the reviews of a pull request, oldest first."""
    pull = call.pull
    return call.page([*pull.reviews.values()], lambda review: _shown(call, pull, review))


def _shown(call: Call, pull: Pull, review: Review) -> Json:
    """Show a review; REST writes its state in capitals."""
    shown = call.site.views.review(call.repository, pull, review)
    return {**shown, "state": review.state.upper()}


@serves("pulls/list-requested-reviewers", "pull_requests:read")
async def list_reviewers(call: Call) -> Answer:
    """List whom a review is asked of."""
    world, views = call.site.world, call.site.views
    users = [views.user(world.user(login)) for login in call.pull.reviewers]
    return Answer(200, {"users": users, "teams": []})


@serves("pulls/request-reviewers", "pull_requests:write")
async def request_reviewers(call: Call) -> Answer:
    """Ask collaborators for a review; the author and others cannot be asked."""
    repository, pull = call.repository, call.pull
    for login in call.body.get("reviewers", ()):
        if login.lower() == pull.author.login.lower():
            raise Refused(422, "Review cannot be requested from pull request author.")
        if login.lower() not in repository.roles:
            raise Refused(
                422,
                "Reviews may only be requested from collaborators. One or more of the users or "
                f"teams you specified is not a collaborator of the {repository.full_name} "
                "repository.",
            )
        call.site.activity.request_review(pull, login, call.actor)
    return Answer(201, call.site.views.pull(repository, pull))


def _head(pull: Pull) -> str:
    return f"{pull.head_owner}:{pull.head}"


def _source(call: Call, owner: str) -> Repository | None:
    """Give the repository that holds the head branch: this one, or a fork of the same name."""
    try:
        return call.site.world.repository(owner or call.parameters["owner"], call.repository.name)
    except NotFound:
        return None


def _ensure_first(repository: Repository, new: NewPull) -> None:
    head = f"{new.head_repository.owner.login}:{new.head}"
    for pull in repository.pulls.values():
        if (_head(pull), pull.base, pull.state) == (head, new.base, "open"):
            message = f"A pull request already exists for {head}."
            raise invalid("PullRequest", code="custom", message=message)


async def _ensure_commits(repository: Repository, new: NewPull) -> None:
    base, head = repository.branch(new.base), new.head_repository.branch(new.head) or ""
    if new.head_repository is not repository:
        await repository.git.run("fetch", "--quiet", str(new.head_repository.git.path), head)
    if await repository.git.text("rev-list", "--count", f"{base}..{head}") == "0":
        message = f"No commits between {new.base} and {new.head}"
        raise invalid("PullRequest", code="custom", message=message)


async def _detailed(call: Call, pull: Pull) -> Json:
    repository, git, views = call.repository, call.repository.git, call.site.views
    fork = await git.text("merge-base", pull.base_sha, pull.head_sha)
    changes = await git.changes(fork, pull.head_sha)
    between = f"{pull.base_sha}..{pull.head_sha}"
    return {
        **views.pull(repository, pull),
        "merged": pull.merged,
        "merged_by": views.user(pull.merged_by),
        "mergeable": await _mergeable(repository, pull),
        "comments": len(pull.comments),
        "commits": int(await git.text("rev-list", "--count", between)),
        "additions": sum(change.additions for change in changes),
        "deletions": sum(change.deletions for change in changes),
        "changed_files": len(changes),
    }


async def _mergeable(repository: Repository, pull: Pull) -> bool | None:
    base = repository.branch(pull.base)
    if pull.state == "closed" or base is None:
        return None
    try:
        await merged_tree(repository.git, base, pull.head_sha)
    except MergeConflict:
        return False
    return True
