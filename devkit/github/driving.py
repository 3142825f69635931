"""The person's side: what people do on the site, for tests and the demo to call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from devkit.github import merging
from devkit.github.activity import NewPull
from devkit.github.bare import Bare, Person, person
from devkit.github.site import Site
from devkit.github.state import (
    Check,
    Comment,
    Installation,
    Issue,
    Milestone,
    Pull,
    Repository,
    Team,
    User,
)
from devkit.github.world import now


class Driving:
    """Acts as a person named by login would; people are made when first named."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.folder = folder
        self.site = site

    def add_user(self, login: str) -> User:
        """Let somebody sign up."""
        return self.site.world.user(login)

    def add_team(self, org: str, slug: str, members: Sequence[str]) -> Team:
        """Make a team of an organisation."""
        world = self.site.world
        logins = [world.user(login).login.lower() for login in members]
        team = Team(world.next_id(), world.user(org, kind="Organization").login, slug, logins)
        world.teams[org.lower(), slug.lower()] = team
        return team

    def installation(self, owner: str) -> Installation:
        """Give the App's installation on an account."""
        return self.site.world.installation(owner)

    async def add_repository(self, owner: str, name: str, source: Path | None = None) -> Repository:
        """Make a repository, empty or with all refs of a git directory, and install the App."""
        world = self.site.world
        path = self.folder / "git" / owner / f"{name}.git"
        path.parent.mkdir(parents=True, exist_ok=True)
        git = Bare(path)
        if source is None:
            await git.run("init", "--quiet", "--bare", "--initial-branch=main", str(path))
        else:
            await git.run("clone", "--quiet", "--mirror", str(source), str(path))
        account = world.user(owner, kind="Organization")
        repository = Repository(world.next_id(), account, name, git, now())
        repository.refs = await git.refs()
        world.repositories[repository.full_name.lower()] = repository
        world.installation(owner)
        return repository

    def grant(self, repository: Repository, login: str, role: str) -> None:
        """Give somebody a role: `admin`, `maintain`, `write`, `triage` or `read`."""
        repository.roles[self.add_user(login).login.lower()] = role

    def add_milestone(self, repository: Repository, title: str) -> Milestone:
        """Make a milestone."""
        number = len(repository.milestones) + 1
        milestone = Milestone(self.site.world.next_id(), number, title)
        repository.milestones[number] = milestone
        return milestone

    async def commit(
        self,
        repository: Repository,
        branch: str,
        files: Mapping[str, str | bytes | None],
        *,
        message: str,
        by: str | Person = "somebody",
    ) -> str:
        """Push a commit that writes or (None) deletes files; give its sha.

        A branch that does not stand yet begins at the tip of the default branch. Who pushes is
        author and committer too; a `Person` brings a date.
        """
        parent = repository.branch(branch) or repository.branch(repository.default_branch)
        who = by if isinstance(by, Person) else person(by, now())
        tree = await repository.git.write_tree(parent, files)
        parents = (parent,) if parent else ()
        sha = await repository.git.write_commit(tree, parents, message, (who, who))
        await self.push(repository, {f"refs/heads/{branch}": sha}, by=who.name)
        return sha

    async def push(
        self, repository: Repository, refs: Mapping[str, str | None], *, by: str
    ) -> None:
        """Move full refs to commits that the repository holds; None deletes one."""
        await self.site.pushes.push(repository, dict(refs), self.add_user(by))

    async def tag(
        self, repository: Repository, tags: Mapping[str, str], *, by: str | Person
    ) -> None:
        """Push annotated tags (name → commit), all in one push."""
        who = by if isinstance(by, Person) else person(by, now())
        git = repository.git
        refs = {
            f"refs/tags/{name}": await git.write_tag(name, commit, f"Tag {name}", who)
            for name, commit in tags.items()
        }
        await self.push(repository, refs, by=who.name)

    async def open_pull(
        self, repository: Repository, head: str, base: str, *, by: str, text: str = "A change"
    ) -> Pull:
        """Open a pull request from a branch, or from `owner:branch` of a fork of the same name.

        The first line of the text is the title, the rest the body.
        """
        owner, _, branch = head.rpartition(":")
        world = self.site.world
        source = world.repository(owner, repository.name) if owner else repository
        title, _, body = text.partition("\n")
        new = NewPull(title, body.strip(), branch, base, self.add_user(by), source)
        pull = self.site.activity.open_pull(repository, new)
        await self.site.pushes.publish_head(repository, pull)
        return pull

    async def merge(
        self, repository: Repository, pull: Pull, *, by: str | Person, method: str = "squash"
    ) -> str:
        """Merge by `squash`, `rebase` or `merge` and give the sha; a `Person` brings a date.

        Raises MergeConflict where the branches do not merge, and StillDraft for a draft.
        """
        if pull.draft:
            raise merging.StillDraft(f"pull request #{pull.number} is still a draft")
        git, who = repository.git, by if isinstance(by, Person) else person(by, now())
        base, head = repository.branch(pull.base) or "", pull.head_sha
        if method == "rebase":
            sha = await merging.rebase(git, base, head, who)
        elif method == "merge":
            message = f"Merge pull request #{pull.number} from {pull.head_owner}/{pull.head}"
            sha = await merging.merge(git, base, head, message, who)
        else:
            message = f"{pull.title} (#{pull.number})"
            sha = await merging.squash(git, base, head, message, who)
        await self.push(repository, {f"refs/heads/{pull.base}": sha}, by=who.name)
        if not pull.merged:
            self.mark_merged(repository, pull, sha, by=who.name)
        return sha

    def mark_merged(self, repository: Repository, pull: Pull, sha: str, *, by: str) -> None:
        """Close a pull request as merged by a commit that stands already."""
        self.site.activity.mark_merged(repository, pull, sha, self.add_user(by))

    def close(self, repository: Repository, pull: Pull, *, by: str) -> None:
        """Close a pull request unmerged."""
        self.site.activity.close(repository, pull, self.add_user(by))

    def reopen(self, repository: Repository, pull: Pull, *, by: str) -> None:
        """Open a closed pull request again."""
        self.site.activity.reopen(repository, pull, self.add_user(by))

    def set_draft(self, repository: Repository, pull: Pull, *, draft: bool, by: str) -> None:
        """Make a pull request a draft, or ready for review."""
        self.site.activity.set_draft(repository, pull, self.add_user(by), draft=draft)

    def label(self, repository: Repository, pull: Pull, name: str, *, by: str) -> None:
        """Put a label on."""
        self.site.activity.label(repository, pull, name, self.add_user(by))

    def unlabel(self, repository: Repository, pull: Pull, name: str, *, by: str) -> None:
        """Take a label off; ValueError when it is not on."""
        self.site.activity.unlabel(repository, pull, name, self.add_user(by))

    def comment(self, repository: Repository, pull: Pull, body: str, *, by: str) -> Comment:
        """Write a comment."""
        return self.site.activity.comment(repository, pull, body, self.add_user(by))

    def edit_comment(
        self, repository: Repository, pull: Pull, comment: Comment, body: str, *, by: str
    ) -> None:
        """Give a comment another text, whoever wrote it."""
        self.site.activity.edit_comment(repository, pull, comment, body, self.add_user(by))

    def delete_comment(
        self, repository: Repository, pull: Pull, comment: Comment, *, by: str
    ) -> None:
        """Take a comment away, whoever wrote it."""
        self.site.activity.delete_comment(repository, pull, comment, self.add_user(by))

    def review(
        self, repository: Repository, pull: Pull, state: str, *, by: str, text: str = ""
    ) -> int:
        """Review a pull request: `approved`, `changes_requested` or `commented`."""
        said = (state, text)
        return self.site.activity.review(repository, pull, said, self.add_user(by))

    def edit_review(
        self, repository: Repository, pull: Pull, review: int, text: str, *, by: str
    ) -> None:
        """Give a review another text, whoever wrote it."""
        who = self.add_user(by)
        self.site.activity.edit_review(repository, pull, pull.reviews[review], text, who)

    def dismiss(self, repository: Repository, pull: Pull, review: int, *, by: str) -> None:
        """Dismiss a review."""
        self.site.activity.dismiss(repository, pull, pull.reviews[review], self.add_user(by))

    def edit(self, repository: Repository, pull: Pull, *, by: str, **changes: str) -> None:
        """Change `title`, `body` or `base` of a pull request."""
        self.site.activity.edit(repository, pull, changes, self.add_user(by))

    def open_issue(self, repository: Repository, title: str, *, by: str, body: str = "") -> Issue:
        """Open an issue."""
        return self.site.issues.open(repository, (title, body), self.add_user(by))

    def close_issue(self, repository: Repository, issue: Issue, *, by: str) -> None:
        """Close an issue."""
        self.site.issues.set_state(repository, issue, "closed", self.add_user(by))

    def reopen_issue(self, repository: Repository, issue: Issue, *, by: str) -> None:
        """Open a closed issue again."""
        self.site.issues.set_state(repository, issue, "open", self.add_user(by))

    def run_again(self, repository: Repository, check: Check, *, by: str) -> None:
        """Press the button that asks for a check run once more."""
        activity = self.site.activity
        shown = {"check_run": activity.views.check(repository, check)}
        activity.emit("check_run.rerequested", repository, self.add_user(by), shown)

    def lock(self, pull: Pull) -> None:
        """Lock the conversation."""
        pull.locked = True

    def archive(self, repository: Repository) -> None:
        """Make a repository read-only."""
        repository.archived = True

    def protect(self, repository: Repository, pattern: str) -> None:
        """Refuse pushes to matching branches."""
        repository.protected.append(pattern)

    def delete_fork(self, fork: Repository) -> None:
        """Delete a fork; its pull requests stay, without a head repository."""
        del self.site.world.repositories[fork.full_name.lower()]
        for repository in self.site.world.repositories.values():
            for pull in repository.pulls.values():
                if pull.head_repository is fork:
                    pull.head_repository = None

    def install(self, owner: str) -> None:
        """Tell the App that it was installed on an account."""
        self.site.activity.installed(self.site.world.installation(owner))

    def ping(self) -> None:
        """Send a ping, as GitHub does when a webhook is set up."""
        self.site.activity.ping()

    @property
    def token_lifetime(self) -> timedelta:
        """Give how long new tokens last; an hour unless set."""
        return self.site.world.token_lifetime

    @token_lifetime.setter
    def token_lifetime(self, lifetime: timedelta) -> None:
        self.site.world.token_lifetime = lifetime

    def expire_tokens(self) -> None:
        """Let every token issued so far be refused."""
        self.site.world.expire_tokens()
