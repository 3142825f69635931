"""What happens on the site: each act changes the state, writes the timeline and sends a webhook."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from devkit.github.contract import contract
from devkit.github.state import (
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
from devkit.github.views import Views
from devkit.github.webhooks import Webhooks
from devkit.github.world import World

MENTION = re.compile(r"(?<![\w&])#(\d+)\b|/(?:pull|issues)/(\d+)\b")


@dataclass(frozen=True, slots=True)
class NewPull:
    """A pull request to be opened, with its author."""

    title: str
    body: str
    head: str
    base: str
    author: User
    head_repository: Repository
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """Acts of people and of the App; who acts is always named."""

    world: World
    views: Views
    webhooks: Webhooks

    def open_pull(self, repository: Repository, new: NewPull) -> Pull:
        """Open a pull request between two branches that stand."""
        head_sha = new.head_repository.branch(new.head)
        base_sha = repository.branch(new.base)
        if head_sha is None or base_sha is None:
            raise LookupError(f"{new.head} or {new.base} is no branch")
        moment = self.world.moment()
        pull = Pull(
            id=self.world.next_id(),
            number=repository.next_number,
            title=new.title,
            body=new.body,
            author=new.author,
            base=new.base,
            base_sha=base_sha,
            head=new.head,
            head_sha=head_sha,
            head_repository=new.head_repository,
            head_owner=new.head_repository.owner.login,
            created_at=moment,
            updated_at=moment,
            draft=new.draft,
        )
        repository.pulls[pull.number] = pull
        self._mentioned(repository, pull, new.body, new.author)
        self._pull_event("opened", repository, pull, new.author)
        return pull

    def label(self, repository: Repository, pull: Pull, name: str, by: User) -> None:
        """Put a label on; one that is on already changes nothing."""
        if name not in pull.labels:
            self.world.label_id(repository, name)
            pull.labels.append(name)
            self._note(pull, "labeled", by, label=name)
            label = self.views.label(repository, name)
            self._pull_event("labeled", repository, pull, by, label=label)

    def unlabel(self, repository: Repository, pull: Pull, name: str, by: User) -> None:
        """Take a label off; raise ValueError when it is not on."""
        pull.labels.remove(name)
        self._note(pull, "unlabeled", by, label=name)
        label = self.views.label(repository, name)
        self._pull_event("unlabeled", repository, pull, by, label=label)

    def set_labels(
        self, repository: Repository, pull: Pull, names: Iterable[str], by: User
    ) -> None:
        """Let exactly these labels be on."""
        wanted = list(dict.fromkeys(names))
        for name in [name for name in pull.labels if name not in wanted]:
            self.unlabel(repository, pull, name, by)
        for name in wanted:
            self.label(repository, pull, name, by)

    def comment(self, repository: Repository, pull: Pull, body: str, by: User) -> Comment:
        """Write a comment."""
        moment = self.world.moment()
        by_app = by is self.world.bot
        comment = Comment(self.world.next_id(), by, body, moment, moment, by_app=by_app)
        pull.comments[comment.id] = comment
        self._note(pull, "commented", by, comment=comment)
        self._mentioned(repository, pull, body, by)
        self._comment_event("created", repository, pull, comment, by)
        return comment

    def edit_comment(
        self, repository: Repository, pull: Pull, comment: Comment, body: str, by: User
    ) -> None:
        """Give a comment another text."""
        before, comment.body = comment.body, body
        comment.updated_at = self.world.moment()
        comment.edits.append((by, comment.updated_at))
        changes = {"body": {"from": before}}
        self._comment_event("edited", repository, pull, comment, by, changes=changes)

    def delete_comment(
        self, repository: Repository, pull: Pull, comment: Comment, by: User
    ) -> None:
        """Take a comment away, and its entry in the timeline."""
        del pull.comments[comment.id]
        pull.timeline[:] = [one for one in pull.timeline if one.facts.get("comment") != comment]
        self._comment_event("deleted", repository, pull, comment, by)

    def review(self, repository: Repository, pull: Pull, said: tuple[str, str], by: User) -> int:
        """Review a pull request: `said` is the state (`approved` …) and a text."""
        state, body = said
        at, number = self.world.moment(), self.world.next_id()
        pull.reviews[number] = review = Review(number, by, state, body, pull.head_sha, at)
        self._review_event("submitted", repository, pull, review, by)
        return review.id

    def edit_review(
        self, repository: Repository, pull: Pull, review: Review, body: str, by: User
    ) -> None:
        """Give a review another text."""
        before, review.body = review.body, body
        review.edits.append((by, self.world.moment()))
        changes = {"body": {"from": before}}
        self._review_event("edited", repository, pull, review, by, changes=changes)

    def dismiss(self, repository: Repository, pull: Pull, review: Review, by: User) -> None:
        """Dismiss a review."""
        review.state = "dismissed"
        self._review_event("dismissed", repository, pull, review, by)

    def react(self, comment: Comment, content: str, by: User) -> tuple[Reaction, bool]:
        """React to a comment and tell whether that is new; the same again changes nothing."""
        for reaction in comment.reacted:
            if reaction.user is by and reaction.content == content:
                return reaction, False
        reaction = Reaction(self.world.next_id(), by, content, self.world.moment())
        comment.reacted.append(reaction)
        return reaction, True

    def set_draft(self, repository: Repository, pull: Pull, by: User, *, draft: bool) -> None:
        """Make a pull request a draft, or ready for review, where that is a change."""
        if draft is not pull.draft:
            pull.draft = draft
            self._note(pull, "convert_to_draft" if draft else "ready_for_review", by)
            action = "converted_to_draft" if draft else "ready_for_review"
            self._pull_event(action, repository, pull, by)

    def close(self, repository: Repository, pull: Pull, by: User) -> None:
        """Close a pull request unmerged."""
        pull.state, pull.closed_at = "closed", self.world.moment()
        self._note(pull, "closed", by, commit_id=None)
        self._pull_event("closed", repository, pull, by)

    def reopen(self, repository: Repository, pull: Pull, by: User) -> None:
        """Open a closed pull request again."""
        pull.state, pull.closed_at = "open", None
        self._note(pull, "reopened", by)
        self._pull_event("reopened", repository, pull, by)

    def set_state(self, repository: Repository, pull: Pull, state: str, by: User) -> None:
        """Close or reopen, where that is a change."""
        if state != pull.state:
            (self.close if state == "closed" else self.reopen)(repository, pull, by)

    def mark_merged(self, repository: Repository, pull: Pull, sha: str, by: User) -> None:
        """Close a pull request as merged by a commit."""
        pull.state, pull.closed_at, pull.merged_at = (
            "closed",
            self.world.moment(),
            self.world.moment(),
        )
        pull.merged_by, pull.merge_commit_sha = by, sha
        self._note(pull, "merged", by, commit_id=sha)
        self._note(pull, "closed", by, commit_id=None)
        self._pull_event("closed", repository, pull, by)

    def edit(self, repository: Repository, pull: Pull, changes: dict[str, str], by: User) -> None:
        """Change the title, the body or the base branch."""
        before = {name: getattr(pull, name) for name in changes}
        for name, value in changes.items():
            setattr(pull, name, value)
        if "title" in changes:
            rename = {"from": before["title"], "to": pull.title}
            self._note(pull, "renamed", by, rename=rename)
        shown: dict[str, Json] = {name: {"from": was} for name, was in before.items()}
        if "base" in changes:
            pull.base_sha = repository.branch(pull.base) or pull.base_sha
            shown["base"] = {"ref": {"from": before["base"]}, "sha": {"from": pull.base_sha}}
        self._pull_event("edited", repository, pull, by, changes=shown)

    def request_review(self, pull: Pull, login: str, by: User) -> None:
        """Ask somebody for a review; asking twice changes nothing."""
        if login not in pull.reviewers:
            pull.reviewers.append(login)
            self._note(pull, "review_requested", by, reviewer=login)

    def follow(self, repository: Repository, pull: Pull, sha: str, by: User) -> None:
        """Let an open pull request follow a push to its head branch."""
        before, pull.head_sha = pull.head_sha, sha
        pull.updated_at = self.world.moment()
        self._pull_event("synchronize", repository, pull, by, before=before, after=sha)

    def emit(self, name: str, repository: Repository, by: User, facts: dict[str, Json]) -> None:
        """Send the webhook `event` or `event.action` about a repository."""
        event, _, action = name.partition(".")
        installation = self.world.installation(repository.owner.login)
        payload = {
            **({"action": action} if action else {}),
            **facts,
            "repository": self.views.repository(repository),
            "sender": self.views.user(by),
            "installation": {"id": installation.id, "node_id": ""},
        }
        self.webhooks.send(event, contract().payload(name, payload))

    def installed(self, installation: Installation) -> None:
        """Tell the App that it was installed on an account."""
        owner = installation.account.login.lower()
        full = [
            self.views.repository(one)
            for one in self.world.repositories.values()
            if one.owner.login.lower() == owner
        ]
        keys = ("id", "name", "full_name", "private")
        payload = {
            "action": "created",
            "installation": self.views.installation(installation),
            "repositories": [{key: one[key] for key in keys} for one in full],
            "sender": self.views.user(installation.account),
        }
        self.webhooks.send("installation", contract().payload("installation.created", payload))

    def ping(self) -> None:
        """Tell the App that its webhook is set up."""
        hook = {"type": "App", "id": 1, "name": "web", "active": True, "config": {}}
        about = {"zen": "Keep it logically awesome.", "hook_id": 1, "hook": hook}
        self.webhooks.send("ping", contract().payload("ping", about))

    def _note(self, pull: Pull, kind: str, by: User, **facts: Any) -> None:  # noqa: ANN401 - facts differ by kind
        pull.updated_at = self.world.moment()
        pull.timeline.append(Event(self.world.next_id(), kind, by, self.world.moment(), facts))

    def _mentioned(self, repository: Repository, source: Pull, text: str, by: User) -> None:
        numbers = {int(first or second) for first, second in MENTION.findall(text)}
        for number in sorted(numbers - {source.number}):
            if number in repository.pulls:
                self._note(repository.pulls[number], "cross-referenced", by, source=source)

    def _pull_event(
        self, action: str, repository: Repository, pull: Pull, by: User, **facts: Json
    ) -> None:
        shown = {
            **self.views.pull(repository, pull),
            "merged": pull.merged,
            "merged_by": self.views.user(pull.merged_by),
            "comments": len(pull.comments),
        }
        about = {"number": pull.number, "pull_request": shown, **facts}
        self.emit(f"pull_request.{action}", repository, by, about)

    def _review_event(
        self,
        action: str,
        repository: Repository,
        pull: Pull,
        review: Review,
        by: User,
        **facts: Json,
    ) -> None:
        pull.updated_at = self.world.moment()
        about = {
            "pull_request": self.views.pull(repository, pull),
            "review": self.views.review(repository, pull, review),
            **facts,
        }
        self.emit(f"pull_request_review.{action}", repository, by, about)

    def _comment_event(
        self,
        action: str,
        repository: Repository,
        pull: Pull,
        comment: Comment,
        by: User,
        **facts: Json,
    ) -> None:
        about = {
            "issue": self.views.issue(repository, pull),
            "comment": self.views.comment(repository, pull, comment),
            **facts,
        }
        self.emit(f"issue_comment.{action}", repository, by, about)
