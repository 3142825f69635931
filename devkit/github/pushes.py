"""What a push brings about: the API knows the refs, pull requests follow, webhooks go out.

Each ref of a push has webhooks of its own, as on GitHub: `push`, with `create` where the ref is new
and `delete` where it is gone. Tags have none at all where one push brings more than three of them.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from devkit.github.activity import Activity
from devkit.github.bare import NO_SHA, Change, GitCommit, GitFailed
from devkit.github.state import Json, Pull, Repository, User

MOST_COMMITS = 20  # in one payload
MOST_TAGS = 3  # in one push
_PULLS = "refs/pull/"


@dataclass(frozen=True, slots=True)
class Moved:
    """A ref that changed; all zeros stand for no ref."""

    ref: str
    before: str
    after: str

    @property
    def created(self) -> bool:
        """Tell whether the ref is new."""
        return self.before == NO_SHA

    @property
    def deleted(self) -> bool:
        """Tell whether the ref is gone."""
        return self.after == NO_SHA

    @property
    def kind(self) -> str:
        """Give `tag` or `branch`."""
        return "tag" if self.ref.startswith("refs/tags/") else "branch"

    @property
    def name(self) -> str:
        """Give the ref without its folder."""
        return self.ref.split("/", 2)[2]


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
            changed = _changed(before, repository.refs)
            untold = len([one for one in changed if one.kind == "tag"]) > MOST_TAGS
            for moved in changed:
                if not (untold and moved.kind == "tag"):
                    await self._announce(repository, moved, set(before.values()), by)
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

    async def _announce(
        self, repository: Repository, moved: Moved, known: set[str], by: User
    ) -> None:
        """Send the webhooks of one ref; `known` are the shas that stood anywhere before."""
        self._came_or_went(repository, moved, by)
        commits = await _pushed(repository, moved, known)
        fresh = {one.sha for one in await _commits(repository, moved, known)}
        shown = [
            {**_commit(one, await _changes(repository, one)), "distinct": one.sha in fresh}
            for one in commits
        ]
        facts: dict[str, Json] = {
            "ref": moved.ref,
            "before": moved.before,
            "after": moved.after,
            "created": moved.created,
            "deleted": moved.deleted,
            "forced": await _is_forced(repository, moved),
            "commits": shown,
            "head_commit": await _head_commit(repository, moved),
            "pusher": {"name": by.login},
            "base_ref": None,
        }
        self.activity.emit("push", repository, by, facts)

    def _came_or_went(self, repository: Repository, moved: Moved, by: User) -> None:
        facts: dict[str, Json] = {
            "ref": moved.name,
            "ref_type": moved.kind,
            "pusher_type": "user",
        }
        if moved.created:
            about = {"master_branch": repository.default_branch, "description": None}
            self.activity.emit("create", repository, by, {**facts, **about})
        if moved.deleted:
            self.activity.emit("delete", repository, by, facts)


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[Moved]:
    """Give the refs that differ, branches before tags."""
    refs = sorted(before.keys() | after.keys())
    moved = [Moved(ref, before.get(ref, NO_SHA), after.get(ref, NO_SHA)) for ref in refs]
    return [one for one in moved if one.before != one.after and not one.ref.startswith(_PULLS)]


async def _pushed(repository: Repository, moved: Moved, known: Collection[str]) -> list[GitCommit]:
    """Give the commits that a ref gained; those of a new one are those that are new at all."""
    return await _commits(repository, moved, known if moved.created else (moved.before,))


async def _commits(repository: Repository, moved: Moved, known: Collection[str]) -> list[GitCommit]:
    if moved.deleted:
        return []
    limit = MOST_COMMITS
    return await repository.git.commits(moved.after, *(f"^{sha}" for sha in known), limit=limit)


async def _is_forced(repository: Repository, moved: Moved) -> bool:
    if moved.created or moved.deleted:
        return False
    return not await _holds(repository, moved.after, moved.before)


async def _head_commit(repository: Repository, moved: Moved) -> Json:
    if moved.deleted:
        return None
    commit = await repository.git.commit(moved.after)
    return {**_commit(commit, await _changes(repository, commit)), "distinct": True}


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
        "author": {"name": commit.author.name, "email": commit.author.email},
        "committer": {"name": commit.committer.name, "email": commit.committer.email},
    }
