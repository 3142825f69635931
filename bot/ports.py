"""What the engine needs of the outside, as narrow as it needs it.

Every method raises `core.errors.Transient` when trying again may help, `core.errors.UserError`
when a person has to act, and anything else is a bug.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.commands import Delivery, Spoke
from bot.core.model import (
    Comment,
    CommitSummary,
    Issue,
    NewPull,
    PullRef,
    PullRequest,
    Repository,
    Timeline,
)
from bot.core.workflow_run import Run


@dataclass(frozen=True, slots=True)
class Annotation:
    """A remark on lines of a file, shown by a check run.

    Lines are counted from 1; `level` is `notice`, `warning` or `failure`.
    """

    path: str
    start_line: int
    end_line: int
    level: str
    message: str


@dataclass(frozen=True, slots=True)
class Check:
    """The state of one check run, ready to be sent.

    `status` is `queued`, `in_progress` or `completed`; `conclusion` goes with the last only.
    `external_id` is ours, and finds the check run again after a lost answer. `details` is where
    its link to the details leads, empty for GitHub's own page.
    """

    name: str
    head_sha: str
    external_id: str
    status: str
    title: str
    summary: str
    text: str = ""
    conclusion: str | None = None
    annotations: tuple[Annotation, ...] = ()
    details: str = ""


@dataclass(frozen=True, slots=True)
class Installed:
    """A repository that the App is installed on; `public` is whether everybody may read it."""

    repository: Repository
    public: bool


class GitHub(Protocol):
    """One repository as one installation of the App may see and change it."""

    async def configuration(self, commit: str | None = None) -> str | None:
        """Give the text of `.github/stablehand.toml`, None if absent.

        It is that of the default branch, or of a commit where one is named.
        """

    async def pull(self, number: int) -> PullRequest:
        """Give a pull request."""

    async def pull_commits(self, number: int) -> tuple[CommitSummary, ...]:
        """Give the commits of a pull request, oldest first."""

    async def timeline(self, number: int) -> Timeline:
        """Give the labels now on a pull request, with who set them, and its comments."""

    async def comments(self, number: int) -> tuple[Comment, ...]:
        """Give all comments of an issue or pull request, oldest first."""

    async def comment(self, comment_id: int) -> Comment | None:
        """Give one comment, None if it was deleted."""

    async def comments_of(self, author: str) -> tuple[tuple[int, Comment], ...]:
        """Give each comment of one author with the number where it stands, oldest first."""

    async def permission(self, login: str) -> str:
        """Give a person's role: `admin`, `maintain`, `write`, `triage`, `read` or `none`."""

    async def in_team(self, org: str, team: str, login: str) -> bool:
        """Tell whether a person is an active member of `org/team`; unreadable raises UserError."""

    async def team_members(self, org: str, team: str) -> tuple[str, ...]:
        """Give the logins of a team's members; one that cannot be read raises UserError."""

    async def find_pull(self, head: str, base: str) -> PullRef | None:
        """Give the newest pull request, open or not, from a branch of this repository."""

    async def open_pull(self, new: NewPull) -> PullRef:
        """Open a pull request; one that already stands for the same head is given instead."""

    async def update_pull(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> None:
        """Replace the title or the body of a pull request; None leaves it as it is."""

    async def set_draft(self, pull: PullRef | PullRequest, *, draft: bool) -> None:
        """Make a pull request a draft, or ready for review; one that is so already stays so."""

    async def pulls_of_commit(self, sha: str) -> tuple[PullRef, ...]:
        """Give the pull requests that GitHub associates with a commit."""

    async def update_issue(
        self, number: int, *, labels: Sequence[str], milestone: int | None
    ) -> None:
        """Set labels and milestone in one call."""

    async def request_review(self, number: int, login: str) -> None:
        """Ask a person for a review; who cannot be asked raises UserError."""

    async def post_comment(self, number: int, body: str) -> Comment:
        """Write a comment; a locked conversation raises UserError."""

    async def edit_comment(self, comment_id: int, body: str) -> None:
        """Replace the text of a comment of ours."""

    async def commit_comments(self, sha: str) -> tuple[Comment, ...]:
        """Give all comments on a commit, oldest first."""

    async def post_commit_comment(self, sha: str, body: str) -> None:
        """Write a comment on a commit."""

    async def react(self, comment_id: int, content: str) -> None:
        """React to a comment by `+1`, `confused`, `eyes` or `rocket`; twice is once."""

    async def remove_label(self, number: int, label: str) -> None:
        """Take a label off; one that is not on is no error."""

    async def add_label(self, number: int, label: str) -> None:
        """Set a label; one that is on already stays on, with who set it first."""

    async def write_file(self, branch: str, path: str, content: bytes, message: str) -> str:
        """Write or replace one file on a new branch off the default one; give the latter's name."""

    async def create_check(self, check: Check) -> int:
        """Create a check run and give its id."""

    async def find_check(self, head_sha: str, name: str, external_id: str) -> int | None:
        """Give the id of the check run that carries our `external_id`."""

    async def update_check(self, check_id: int, check: Check) -> None:
        """Bring a check run to a new state; annotations that it has already are not added again."""

    async def close_pull(self, number: int) -> None:
        """Close a pull request unmerged; one that is closed stays as it is."""

    async def editor(self, comment_id: int) -> str:
        """Give the login of the person who edited a comment last, empty where it is unknown."""

    async def committer(self, sha: str) -> str:
        """Give the login of who committed a commit, empty where GitHub knows nobody."""

    async def open_issue(self, title: str, body: str, mark: str) -> Issue:
        """Open an issue; one of ours that holds `mark` in its text is given instead."""

    async def issue(self, number: int) -> Issue | None:
        """Give an issue or pull request, None where there is none."""

    async def edit_issue(self, number: int, body: str) -> None:
        """Replace the text of an issue of ours."""

    async def token(self) -> str:
        """Give an installation token that is good for git for at least a few minutes."""


class Workflows(Protocol):
    """The GitHub Actions of one repository; a workflow is named by its file's name."""

    async def dispatch(self, workflow: str, inputs: Mapping[str, str]) -> int | None:
        """Order a run of a workflow of the default branch; give its id where GitHub tells it."""

    async def runs(self, workflow: str) -> tuple[Run, ...]:
        """Give the newest runs of a workflow that were ordered."""

    async def run(self, run_id: int) -> Run | None:
        """Give one run, None if there is none."""


class Changes(Protocol):
    """What changed in one repository since a moment, whether or not a webhook told it."""

    async def comments(self, since: datetime) -> tuple[Delivery, ...]:
        """Give what people's comments ask for that were written or edited since then.

        Each comes as its webhook would have brought it, with a GUID that stays the same.
        """

    async def issues(self, since: datetime) -> tuple[Delivery, ...]:
        """Give what people's issues ask for that were opened since then, in the same way."""

    async def pulls(self, since: datetime) -> tuple[PullRequest, ...]:
        """Give the pull requests that changed since then, newest change first.

        A list does not tell `commits`, `comments` and `merged_by`.
        """

    async def reviews(self, number: int, action: Callable[[Spoke], str]) -> tuple[Delivery, ...]:
        """Give what people's reviews of a pull request ask for, in the same way.

        `action` says of each, shown as just submitted, what is to be told: that it was `submitted`,
        `edited` or `dismissed`; empty for nothing.
        """

    async def branches(self) -> Mapping[str, str]:
        """Give the commit at the tip of each branch, by its short name."""


class GitHubApp(Protocol):
    """The App itself."""

    async def login(self) -> str:
        """Give the name under which it comments."""

    async def repositories(self) -> tuple[Repository, ...]:
        """Give every repository that the App is installed on."""

    async def find(self, owner: str, name: str) -> Installed | None:
        """Find a repository, None where the App is not installed on it."""

    def repository(self, repository: Repository) -> GitHub:
        """Give the view of one repository through its installation."""

    def workflows(self, repository: Repository) -> Workflows:
        """Give the GitHub Actions of one repository."""

    def changes(self, repository: Repository) -> Changes:
        """Give what changed in one repository."""

    async def failed_deliveries(self, since: datetime) -> tuple[tuple[int, str], ...]:
        """Give (delivery id, GUID) of deliveries that never got a 2xx answer since then."""

    async def redeliver(self, delivery_id: int) -> None:
        """Ask GitHub to send one delivery again."""
