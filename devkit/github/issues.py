"""Issues that are no pull requests: opened, closed and opened again."""

from __future__ import annotations

from dataclasses import dataclass

from devkit.github.activity import Activity
from devkit.github.state import Issue, Json, Repository, User
from devkit.github.views import moment


@dataclass(frozen=True, slots=True)
class Issues:
    """Acts of people and of the App on issues; who acts is always named."""

    activity: Activity

    def open(self, repository: Repository, text: tuple[str, str], by: User) -> Issue:
        """Open an issue with a title and a body."""
        world = self.activity.world
        now = world.moment()
        issue = Issue(world.next_id(), repository.next_number, *text, by, now, now)
        repository.issues[issue.number] = issue
        self._tell("opened", repository, issue, by)
        return issue

    def edit(self, repository: Repository, issue: Issue, body: str, by: User) -> None:
        """Give an issue another text."""
        before, issue.body = issue.body, body
        issue.updated_at = self.activity.world.moment()
        self._tell("edited", repository, issue, by, changes={"body": {"from": before}})

    def set_state(self, repository: Repository, issue: Issue, state: str, by: User) -> None:
        """Close an issue or open it again, where that is a change."""
        if state != issue.state:
            now = self.activity.world.moment()
            issue.state, issue.updated_at = state, now
            issue.closed_at = now if state == "closed" else None
            self._tell("closed" if state == "closed" else "reopened", repository, issue, by)

    def every(self, repository: Repository) -> list[Json]:
        """Show all issues and pull requests, the newest first."""
        views = self.activity.views
        issues = {number: self.show(repository, one) for number, one in repository.issues.items()}
        pulls = {number: views.issue(repository, one) for number, one in repository.pulls.items()}
        return [shown for _, shown in sorted((issues | pulls).items(), reverse=True)]

    def show(self, repository: Repository, issue: Issue) -> Json:
        """Show an issue."""
        views = self.activity.views
        address = f"{views.api}/repos/{repository.full_name}"
        return {
            "id": issue.id,
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "state": issue.state,
            "locked": False,
            "user": views.user(issue.author),
            "author_association": views.association(repository, issue.author),
            "labels": [],
            "milestone": None,
            "assignees": [],
            "comments": 0,
            "url": f"{address}/issues/{issue.number}",
            "repository_url": address,
            "html_url": f"{views.web}/{repository.full_name}/issues/{issue.number}",
            "created_at": moment(issue.created_at),
            "updated_at": moment(issue.updated_at),
            "closed_at": moment(issue.closed_at),
        }

    def _tell(
        self, action: str, repository: Repository, issue: Issue, by: User, **facts: Json
    ) -> None:
        about = {"issue": self.show(repository, issue), **facts}
        self.activity.emit(f"issues.{action}", repository, by, about)
