"""How GitHub shows its things as JSON: what carries meaning, the contract fills in the rest."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime

from devkit.github.bare import Change, GitCommit, Person
from devkit.github.contract import contract
from devkit.github.state import (
    Check,
    Comment,
    Event,
    Installation,
    Json,
    Pull,
    Reaction,
    Repository,
    Review,
    User,
)
from devkit.github.world import World

TIMELINE_SCHEMAS = {
    "labeled": "labeled-issue-event",
    "unlabeled": "unlabeled-issue-event",
    "commented": "timeline-comment-event",
    "cross-referenced": "timeline-cross-referenced-event",
    "renamed": "renamed-issue-event",
    "review_requested": "review-requested-issue-event",
}
ASSOCIATIONS = {"admin": "MEMBER", "maintain": "MEMBER", "write": "MEMBER", "none": "NONE"}


def moment(when: datetime | None) -> str | None:
    """Give a time as GitHub writes it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if when else None


@dataclass(frozen=True, slots=True)
class Views:
    """Shows the things of a world; `api` and `web` are the base addresses in links."""

    world: World
    api: str
    web: str

    def user(self, user: User | None) -> Json:
        """Show an account."""
        if user is None:
            return None
        return {
            "id": user.id,
            "login": user.login,
            "type": user.kind,
            "url": f"{self.api}/users/{user.login}",
            "html_url": f"{self.web}/{user.login}",
            "site_admin": False,
        }

    def app(self) -> Json:
        """Show the App."""
        app = self.world.app
        return {
            "id": app.id,
            "slug": app.slug,
            "name": app.slug,
            "permissions": dict(app.permissions),
            "events": list(app.events),
            "owner": self.user(self.world.bot),
        }

    def installation(self, installation: Installation) -> Json:
        """Show an installation of the App."""
        created = moment(installation.created_at)
        return {
            "id": installation.id,
            "app_id": self.world.app.id,
            "app_slug": self.world.app.slug,
            "account": self.user(installation.account),
            "permissions": dict(installation.permissions),
            "repository_selection": "all",
            "events": list(self.world.app.events),
            "target_type": installation.account.kind,
            "target_id": installation.account.id,
            "created_at": created,
            "updated_at": created,
            "suspended_at": None,
        }

    def repository(self, repository: Repository) -> Json:
        """Show a repository."""
        name = repository.full_name
        return {
            "id": repository.id,
            "name": repository.name,
            "full_name": name,
            "owner": self.user(repository.owner),
            "private": repository.private,
            "visibility": "private" if repository.private else "public",
            "archived": repository.archived,
            "default_branch": repository.default_branch,
            "url": f"{self.api}/repos/{name}",
            "html_url": f"{self.web}/{name}",
            "clone_url": f"{self.web}/{name}.git",
            "created_at": moment(repository.created_at),
        }

    def label(self, repository: Repository, name: str) -> Json:
        """Show a label."""
        return {
            "id": self.world.label_id(repository, name),
            "name": name,
            "color": f"{zlib.crc32(name.encode()) & 0xFFFFFF:06x}",
            "default": False,
            "description": "",
            "url": f"{self.api}/repos/{repository.full_name}/labels/{name}",
        }

    def milestone(self, repository: Repository, number: int | None) -> Json:
        """Show a milestone."""
        if number is None:
            return None
        milestone = repository.milestones[number]
        return {"id": milestone.id, "number": number, "title": milestone.title, "state": "open"}

    def association(self, repository: Repository, user: User) -> str:
        """Give how an author stands to a repository."""
        return ASSOCIATIONS.get(repository.roles.get(user.login.lower(), "none"), "CONTRIBUTOR")

    def issue(self, repository: Repository, pull: Pull) -> Json:
        """Show a pull request as the issue that it also is."""
        address = f"{self.api}/repos/{repository.full_name}"
        html = self.pull_address(repository, pull)
        return {
            **self._shared(repository, pull),
            "url": f"{address}/issues/{pull.number}",
            "repository_url": address,
            "comments": len(pull.comments),
            "pull_request": {
                "url": f"{address}/pulls/{pull.number}",
                "html_url": html,
                "merged_at": moment(pull.merged_at),
                "diff_url": f"{html}.diff",
                "patch_url": f"{html}.patch",
            },
        }

    def pull_address(self, repository: Repository, pull: Pull) -> str:
        """Give the page of a pull request."""
        return f"{self.web}/{repository.full_name}/pull/{pull.number}"

    def pull(self, repository: Repository, pull: Pull) -> Json:
        """Show a pull request as lists do."""
        reviewers = [self.user(self.world.user(login)) for login in pull.reviewers]
        head = pull.head_repository
        return {
            **self._shared(repository, pull),
            "url": f"{self.api}/repos/{repository.full_name}/pulls/{pull.number}",
            "issue_url": f"{self.api}/repos/{repository.full_name}/issues/{pull.number}",
            "merged_at": moment(pull.merged_at),
            "merge_commit_sha": pull.merge_commit_sha,
            "requested_reviewers": reviewers,
            "requested_teams": [],
            "node_id": pull.node_id,
            "draft": pull.draft,
            "head": self._end(pull.head_owner, pull.head, pull.head_sha, head),
            "base": self._end(repository.owner.login, pull.base, pull.base_sha, repository),
        }

    def review(self, repository: Repository, pull: Pull, review: Review) -> Json:
        """Show a review as webhooks do; REST writes its state in capitals."""
        address = f"{self.pull_address(repository, pull)}#pullrequestreview-{review.id}"
        about = f"{self.api}/repos/{repository.full_name}/pulls/{pull.number}"
        return {
            "id": review.id,
            "node_id": review.node_id,
            "user": self.user(review.author),
            "body": review.body,
            "state": review.state,
            "commit_id": review.commit,
            "html_url": address,
            "pull_request_url": about,
            "_links": {"html": {"href": address}, "pull_request": {"href": about}},
            "submitted_at": moment(review.created_at),
            "author_association": self.association(repository, review.author),
        }

    def comment(self, repository: Repository, pull: Pull, comment: Comment) -> Json:
        """Show a comment."""
        address = f"{self.api}/repos/{repository.full_name}/issues"
        page = self.pull_address(repository, pull)
        return {
            "id": comment.id,
            "body": comment.body,
            "user": self.user(comment.author),
            "author_association": self.association(repository, comment.author),
            "created_at": moment(comment.created_at),
            "updated_at": moment(comment.updated_at),
            "url": f"{address}/comments/{comment.id}",
            "issue_url": f"{address}/{pull.number}",
            "node_id": comment.node_id,
            "html_url": f"{page}#issuecomment-{comment.id}",
            "reactions": {
                **comment.reactions,
                "total_count": len(comment.reacted),
                "url": f"{address}/comments/{comment.id}/reactions",
            },
            **({"performed_via_github_app": self.app()} if comment.by_app else {}),
        }

    def commit_comment(self, repository: Repository, sha: str, comment: Comment) -> Json:
        """Show a comment on a commit."""
        return {
            "id": comment.id,
            "body": comment.body,
            "user": self.user(comment.author),
            "author_association": self.association(repository, comment.author),
            "commit_id": sha,
            "path": None,
            "position": None,
            "line": None,
            "created_at": moment(comment.created_at),
            "updated_at": moment(comment.updated_at),
            "url": f"{self.api}/repos/{repository.full_name}/comments/{comment.id}",
            "html_url": f"{self.web}/{repository.full_name}/commit/{sha}"
            f"#commitcomment-{comment.id}",
        }

    def reaction(self, reaction: Reaction) -> Json:
        """Show a reaction to a comment."""
        return {
            "id": reaction.id,
            "user": self.user(reaction.user),
            "content": reaction.content,
            "created_at": moment(reaction.created_at),
        }

    def event(self, repository: Repository, pull: Pull, event: Event) -> Json:
        """Show an entry of a timeline, complete."""
        schema = TIMELINE_SCHEMAS.get(event.kind, "state-change-issue-event")
        shown = {
            "id": event.id,
            "event": event.kind,
            "actor": self.user(event.actor),
            "created_at": moment(event.created_at),
            **self._facts(repository, pull, event),
        }
        return contract().filled(schema, shown)

    def check(self, repository: Repository, check: Check) -> Json:
        """Show a check run."""
        fields = check.fields
        output = fields.get("output") or {}
        page = f"{self.web}/{repository.full_name}/runs/{check.id}"
        return {
            "id": check.id,
            "name": fields["name"],
            "head_sha": fields["head_sha"],
            "external_id": fields.get("external_id", ""),
            "status": fields.get("status", "queued"),
            "conclusion": fields.get("conclusion"),
            "started_at": fields.get("started_at", moment(check.created_at)),
            "completed_at": fields.get("completed_at"),
            "details_url": fields.get("details_url", page),
            "html_url": page,
            "url": f"{self.api}/repos/{repository.full_name}/check-runs/{check.id}",
            "output": {key: output.get(key) for key in ("title", "summary", "text")}
            | {"annotations_count": len(check.annotations)},
            "check_suite": {"id": check.suite},
            "app": self.app(),
            "pull_requests": [],
        }

    def commit(self, repository: Repository, commit: GitCommit) -> Json:
        """Show a commit."""
        address = f"{self.api}/repos/{repository.full_name}"
        return {
            "sha": commit.sha,
            "url": f"{address}/commits/{commit.sha}",
            "html_url": f"{self.web}/{repository.full_name}/commit/{commit.sha}",
            "author": None,
            "committer": None,
            "commit": {
                "author": _git_person(commit.author),
                "committer": _git_person(commit.committer),
                "message": commit.message,
                "tree": {"sha": commit.tree},
            },
            "parents": [{"sha": sha, "url": f"{address}/commits/{sha}"} for sha in commit.parents],
        }

    def _shared(self, repository: Repository, pull: Pull) -> Json:
        return {
            "id": pull.id,
            "number": pull.number,
            "title": pull.title,
            "body": pull.body,
            "state": pull.state,
            "locked": pull.locked,
            "user": self.user(pull.author),
            "author_association": self.association(repository, pull.author),
            "labels": [self.label(repository, name) for name in pull.labels],
            "milestone": self.milestone(repository, pull.milestone),
            "assignees": [],
            "html_url": self.pull_address(repository, pull),
            "created_at": moment(pull.created_at),
            "updated_at": moment(pull.updated_at),
            "closed_at": moment(pull.closed_at),
        }

    def _end(self, owner: str, ref: str, sha: str, repository: Repository | None) -> Json:
        return {
            "label": f"{owner}:{ref}",
            "ref": ref,
            "sha": sha,
            "user": self.user(self.world.user(owner)),
            "repo": self.repository(repository) if repository else None,
        }

    def _facts(self, repository: Repository, pull: Pull, event: Event) -> Json:
        facts = dict(event.facts)
        if "label" in facts:
            shown = self.label(repository, facts["label"])
            facts["label"] = {key: shown[key] for key in ("name", "color")}
        if "comment" in facts:
            facts = self.comment(repository, pull, facts["comment"])
        if "source" in facts:
            source = self.issue(repository, facts["source"])
            facts["source"] = {"type": "issue", "issue": source}
        if "reviewer" in facts:
            facts = {"requested_reviewer": self.user(self.world.user(facts["reviewer"]))}
        return facts


def changed_file(change: Change) -> Json:
    """Show a file of a pull request or of a comparison."""
    words = {"A": "added", "D": "removed"}
    return {
        "filename": change.path,
        "status": words.get(change.status, "modified"),
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
    }


def _git_person(person: Person) -> Json:
    return {"name": person.name, "email": person.email, "date": person.date}
