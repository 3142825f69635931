"""What the local GitHub remembers: plain mutable records, no behaviour."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from devkit.github.bare import Bare

Json = Any


@dataclass(eq=False, slots=True)
class User:
    """An account; `kind` is `User`, `Bot` or `Organization`."""

    id: int
    login: str
    kind: str = "User"


@dataclass(eq=False, slots=True)
class Team:
    """A team of an organisation and the logins of its members."""

    id: int
    org: str
    slug: str
    members: list[str]


@dataclass(eq=False, slots=True)
class Reaction:
    """One reaction to a comment; `content` is `+1`, `eyes` and so on."""

    id: int
    user: User
    content: str
    created_at: datetime


@dataclass(eq=False, slots=True)
class Comment:
    """A comment of a pull request; `by_app` when the App wrote it."""

    id: int
    author: User
    body: str
    created_at: datetime
    updated_at: datetime
    by_app: bool = False
    reacted: list[Reaction] = field(default_factory=list)
    edits: list[tuple[User, datetime]] = field(default_factory=list)

    @property
    def node_id(self) -> str:
        """Give the name by which GraphQL knows it."""
        return f"IC_{self.id}"

    @property
    def reactions(self) -> Counter[str]:
        """Count the reactions by content."""
        return Counter(one.content for one in self.reacted)


@dataclass(eq=False, slots=True)
class Review:
    """A review of a pull request; `state` is `approved`, `changes_requested` and so on."""

    id: int
    author: User
    state: str
    body: str
    commit: str
    created_at: datetime
    edits: list[tuple[User, datetime]] = field(default_factory=list)

    @property
    def node_id(self) -> str:
        """Give the name by which GraphQL knows it."""
        return f"PRR_{self.id}"


@dataclass(eq=False, slots=True)
class Event:
    """One entry of a timeline; `facts` depend on its kind (`label`, `commit_id`, `comment`)."""

    id: int
    kind: str
    actor: User
    created_at: datetime
    facts: dict[str, Any]


@dataclass(eq=False, slots=True)
class Check:
    """A check run; `fields` is what the App said of it last, annotations add up."""

    id: int
    suite: int
    created_at: datetime
    fields: dict[str, Any]
    annotations: list[dict[str, Any]] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Run:
    """A run of a workflow that was ordered; `workflow` is the file's name."""

    id: int
    workflow: str
    title: str
    inputs: dict[str, str]
    actor: User
    head_sha: str
    created_at: datetime
    started_at: datetime
    attempt: int = 1
    status: str = "queued"
    conclusion: str | None = None


@dataclass(eq=False, slots=True)
class Milestone:
    """A milestone of a repository."""

    id: int
    number: int
    title: str


@dataclass(eq=False, slots=True)
class Pull:
    """A pull request; `head_repository` is None once a fork is deleted."""

    id: int
    number: int
    title: str
    body: str
    author: User
    base: str
    base_sha: str
    head: str
    head_sha: str
    head_repository: Repository | None
    head_owner: str
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    closed_at: datetime | None = None
    merged_at: datetime | None = None
    merged_by: User | None = None
    merge_commit_sha: str | None = None
    locked: bool = False
    draft: bool = False
    milestone: int | None = None
    labels: list[str] = field(default_factory=list)
    comments: dict[int, Comment] = field(default_factory=dict)
    reviews: dict[int, Review] = field(default_factory=dict)
    timeline: list[Event] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)

    @property
    def node_id(self) -> str:
        """Give the name by which GraphQL knows it."""
        return f"PR_{self.id}"

    @property
    def merged(self) -> bool:
        """Tell whether it was merged."""
        return self.merged_at is not None


@dataclass(eq=False, slots=True)
class Issue:
    """An issue that is no pull request; both count their numbers together."""

    id: int
    number: int
    title: str
    body: str
    author: User
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    closed_at: datetime | None = None


@dataclass(eq=False, slots=True)
class Repository:
    """A repository; `refs` is the last seen full ref name → sha of its bare git directory."""

    id: int
    owner: User
    name: str
    git: Bare
    created_at: datetime
    default_branch: str = "main"
    private: bool = False
    archived: bool = False
    refs: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    milestones: dict[int, Milestone] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    checks: dict[int, Check] = field(default_factory=dict)
    commit_comments: dict[str, list[Comment]] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    protected: list[str] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        """Give `owner/name`."""
        return f"{self.owner.login}/{self.name}"

    @property
    def next_number(self) -> int:
        """Give the number that the next issue or pull request gets."""
        return max([0, *self.pulls, *self.issues]) + 1

    def branch(self, name: str) -> str | None:
        """Give the sha at the tip of a branch."""
        return self.refs.get(f"refs/heads/{name}")


@dataclass(eq=False, slots=True)
class Installation:
    """The App on one account, with the permissions granted there."""

    id: int
    account: User
    permissions: dict[str, str]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """An installation token as issued: what it may do, and until when."""

    installation: Installation
    permissions: dict[str, str]
    repositories: frozenset[int] | None
    expires_at: datetime
