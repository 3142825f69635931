"""What stands on the local GitHub at one moment, frozen, so that two moments can be compared."""

from __future__ import annotations

from dataclasses import dataclass

from devkit.github import LocalGitHub
from devkit.github.state import Check, Event, Issue, Pull, Repository
from devkit.github.webhooks import Delivery


@dataclass(frozen=True, slots=True)
class PullSeen:
    """A pull request; `head` and `base` are branch names.

    `merged_by` is who merged it, empty for nobody.
    """

    number: int
    title: str
    base: str
    head: str
    head_sha: str
    is_open: bool
    draft: bool
    by_app: bool
    body: str
    merged_by: str = ""


@dataclass(frozen=True, slots=True)
class IssueSeen:
    """An issue in the repository of the policy."""

    number: int
    title: str
    by_app: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class CommentSeen:
    """A comment on the pull request with this number, with the reactions to it."""

    id: int
    pull: int
    author: str
    by_app: bool
    body: str
    reactions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """A check run; `conclusion` is empty before it is completed."""

    id: int
    name: str
    head_sha: str
    status: str
    conclusion: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class EntrySeen:
    """A label or a request for a review in a timeline; `what` is the label or the reviewer."""

    id: int
    pull: int
    kind: str
    actor: str
    what: str


@dataclass(frozen=True, slots=True)
class DeliverySeen:
    """A webhook that got its answer, or failed to; `name` is `event` or `event.action`."""

    id: int
    name: str
    result: str


@dataclass(frozen=True, slots=True)
class Scene:
    """All that the demo shows or judges; `branches` and `tags` map names to objects."""

    pulls: tuple[PullSeen, ...]
    comments: tuple[CommentSeen, ...]
    checks: tuple[CheckSeen, ...]
    entries: tuple[EntrySeen, ...]
    deliveries: tuple[DeliverySeen, ...]
    branches: tuple[tuple[str, str], ...]
    tags: tuple[tuple[str, str], ...]
    issues: tuple[IssueSeen, ...]
    calls: int
    fetches: int
    pushes: int
    complaints: tuple[str, ...]


def look(github: LocalGitHub, repository: Repository, policy: Repository) -> Scene:
    """Freeze what stands now in a repository, and in the one of its policy."""
    pulls = repository.pulls.values()
    return Scene(
        pulls=tuple(map(_pull, pulls)),
        comments=tuple(one for pull in pulls for one in _comments(pull)),
        checks=tuple(map(_check, repository.checks.values())),
        entries=tuple(_entry(pull, one) for pull in pulls for one in pull.timeline if _told(one)),
        deliveries=tuple(map(_delivery, filter(_ended, github.webhooks.deliveries))),
        branches=_refs(repository, "refs/heads/"),
        tags=_refs(repository, "refs/tags/"),
        issues=tuple(map(_issue, policy.issues.values())),
        calls=len(github.calls),
        fetches=github.git_operations["fetch"],
        pushes=github.git_operations["push"],
        complaints=(*github.complaints, *github.site.record.wrong_answers),
    )


def _refs(repository: Repository, below: str) -> tuple[tuple[str, str], ...]:
    found = repository.refs.items()
    return tuple((ref.removeprefix(below), sha) for ref, sha in found if ref.startswith(below))


def _issue(issue: Issue) -> IssueSeen:
    by_app, is_open = issue.author.kind == "Bot", issue.state == "open"
    return IssueSeen(issue.number, issue.title, by_app, is_open)


def _pull(pull: Pull) -> PullSeen:
    return PullSeen(
        pull.number,
        pull.title,
        pull.base,
        pull.head,
        pull.head_sha,
        pull.state == "open",
        pull.draft,
        pull.author.kind == "Bot",
        pull.body,
        pull.merged_by.login if pull.merged_by else "",
    )


def _comments(pull: Pull) -> list[CommentSeen]:
    return [
        CommentSeen(
            one.id, pull.number, one.author.login, one.by_app, one.body, tuple(one.reactions)
        )
        for one in pull.comments.values()
    ]


def _check(check: Check) -> CheckSeen:
    fields, output = check.fields, check.fields.get("output") or {}
    return CheckSeen(
        check.id,
        fields["name"],
        fields["head_sha"],
        fields.get("status") or "queued",
        fields.get("conclusion") or "",
        output.get("title") or "",
        output.get("summary") or "",
    )


def _told(event: Event) -> bool:
    return event.kind in {"labeled", "unlabeled", "review_requested"}


def _entry(pull: Pull, event: Event) -> EntrySeen:
    what = event.facts.get("label") or event.facts.get("reviewer") or ""
    return EntrySeen(event.id, pull.number, event.kind, event.actor.login, what)


def _ended(delivery: Delivery) -> bool:
    return delivery.status != "pending"


def _delivery(delivery: Delivery) -> DeliverySeen:
    name = f"{delivery.event}.{delivery.action}" if delivery.action else delivery.event
    said = delivery.answer.strip().partition("\n")[0]
    result = f"{delivery.status_code} {said}" if delivery.status_code else delivery.status
    return DeliverySeen(delivery.id, name, result.strip())
