"""What a push brings about: the API knows the refs, pull requests follow, a webhook goes out."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

from devkit.github.activity import Activity
from devkit.github.bare import NO_SHA, Change, GitCommit, GitFailed
from devkit.github.state import Json, Pull, Repository, User

MOST_COMMITS = 20  # in one payload


@dataclass(frozen=True, slots=True)
class Moved:
    """A ref that changed; all zeros stand for no ref."""

    ref: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Pushes:
    """Compares what git holds with what the API knew, one repository at a time."""

    activity: Activity
    locks: defaultdict[int, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def push(self, repository: Repository, refs: dict[str, str | None], by: User) -> None:
        """Move refs, as a person with enough rights would."""
        await repository.git.set_refs(refs)
        await self.seen(repository, by)

    async def seen(self, repository: Repository, by: User) -> None:
        """Take notice of every ref that changed in git."""
        async with self.locks[repository.id]:
            before, repository.refs = repository.refs, await repository.git.refs()
            for ref in sorted(before.keys() | repository.refs.keys()):
                moved = Moved(ref, before.get(ref, NO_SHA), repository.refs.get(ref, NO_SHA))
                if moved.before != moved.after and not ref.startswith("refs/pull/"):
                    await self._announce(repository, moved, by)
                    await self._pulls_follow(repository, moved, by)

    async def publish_head(self, repository: Repository, pull: Pull) -> None:
        """Let `refs/pull/N/head` stand for the head of a pull request."""
        source = pull.head_repository
        if source is not None and source is not repository:
            await repository.git.run("fetch", "--quiet", str(source.git.path), pull.head_sha)
        await repository.git.set_refs({f"refs/pull/{pull.number}/head": pull.head_sha})
        repository.refs[f"refs/pull/{pull.number}/head"] = pull.head_sha

    async def _pulls_follow(self, repository: Repository, moved: Moved, by: User) -> None:
        branch = moved.ref.removeprefix("refs/heads/")
        for base in list(self.activity.world.repositories.values()):
            for pull in [one for one in base.pulls.values() if one.state == "open"]:
                if pull.head_repository is repository and pull.head == branch:
                    await self._head_moved(base, pull, moved, by)
                elif base is repository and pull.base == branch:
                    await self._base_moved(base, pull, moved, by)

    async def _head_moved(self, base: Repository, pull: Pull, moved: Moved, by: User) -> None:
        if moved.after == NO_SHA:
            self.activity.close(base, pull, by)
        else:
            self.activity.follow(base, pull, moved.after, by)
            await self.publish_head(base, pull)

    async def _base_moved(self, base: Repository, pull: Pull, moved: Moved, by: User) -> None:
        """Mark a pull request as merged once its very head is on the base branch."""
        if moved.after == NO_SHA:
            self.activity.close(base, pull, by)
        elif await _holds(base, moved.after, pull.head_sha):
            self.activity.mark_merged(base, pull, moved.after, by)

    async def _announce(self, repository: Repository, moved: Moved, by: User) -> None:
        commits = await self._new_commits(repository, moved)
        shown = [_commit(one, await _changes(repository, one)) for one in commits]
        created, deleted = moved.before == NO_SHA, moved.after == NO_SHA
        forced = not (created or deleted) and not await _holds(
            repository, moved.after, moved.before
        )
        facts: dict[str, Json] = {
            "ref": moved.ref,
            "before": moved.before,
            "after": moved.after,
            "created": created,
            "deleted": deleted,
            "forced": forced,
            "commits": shown[-MOST_COMMITS:],
            "head_commit": shown[-1] if shown else None,
            "pusher": {"name": by.login},
            "base_ref": None,
        }
        self.activity.emit("push", repository, by, facts)

    async def _new_commits(self, repository: Repository, moved: Moved) -> list[GitCommit]:
        if moved.after == NO_SHA:
            return []
        if moved.before == NO_SHA:
            return [await repository.git.commit(moved.after)]
        return await repository.git.commits(f"{moved.before}..{moved.after}", limit=MOST_COMMITS)


async def _holds(repository: Repository, tip: str, sha: str) -> bool:
    try:
        await repository.git.run("merge-base", "--is-ancestor", sha, tip)
    except GitFailed:
        return False
    return True


async def _changes(repository: Repository, commit: GitCommit) -> list[Change]:
    if not commit.parents:
        return []
    return await repository.git.changes(commit.parents[0], commit.sha)


def _commit(commit: GitCommit, changes: list[Change]) -> Json:
    kinds = {"added": "A", "removed": "D", "modified": "MT"}
    return {
        **{kind: [c.path for c in changes if c.status in of] for kind, of in kinds.items()},
        "id": commit.sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": commit.committer.date,
        "distinct": True,
        "author": {"name": commit.author.name, "email": commit.author.email},
        "committer": {"name": commit.committer.name, "email": commit.committer.email},
    }
