"""The port `GitHub` by calls in the name of one installation, one short method each."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import suppress

from bot.adapters import github_checks
from bot.adapters import github_payloads as payloads
from bot.adapters.github_draft import change_draft
from bot.adapters.github_editor import last_person
from bot.adapters.github_errors import NotFound, Rejected
from bot.adapters.github_issues import edit_issue, find_issue, open_issue
from bot.adapters.github_session import InstallationSession, Json
from bot.core.errors import UserError
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
from bot.ports import Check

CONFIGURATION = ".github/stablehand.toml"


class RepositoryClient:
    """One repository as one installation of the App may see and change it (`ports.GitHub`)."""

    def __init__(self, session: InstallationSession, repository: Repository) -> None:
        self._session = session
        self._repository = repository

    async def configuration(self, commit: str | None = None) -> str | None:
        """Give the text of `.github/stablehand.toml`, None if absent.

        It is that of the default branch, or of a commit where one is named.
        """
        at = f"?ref={commit}" if commit else ""
        try:
            raw = await self._session.get(self._url("contents/{+path}", path=CONFIGURATION) + at)
        except NotFound:
            return None
        return payloads.text_file(raw, CONFIGURATION)

    async def pull(self, number: int) -> PullRequest:
        """Give a pull request."""
        return payloads.pull_request(await self._session.get(self._url(f"pulls/{number}")))

    async def pull_commits(self, number: int) -> tuple[CommitSummary, ...]:
        """Give the commits of a pull request, oldest first; GitHub lists 250 at most."""
        raw = await self._session.pages(self._url(f"pulls/{number}/commits?per_page=100"))
        return tuple(map(payloads.commit_summary, raw))

    async def timeline(self, number: int) -> Timeline:
        """Give the labels now on a pull request, with who set them, and its comments.

        `comments` is None where the timeline shows no comment at all: there may be none, or this
        GitHub does not list them there.
        """
        raw = await self._session.pages(self._url(f"issues/{number}/timeline?per_page=100"))
        return payloads.timeline(raw)

    async def comments(self, number: int) -> tuple[Comment, ...]:
        """Give all comments of an issue or pull request, oldest first."""
        raw = await self._session.pages(self._url(f"issues/{number}/comments?per_page=100"))
        return tuple(map(payloads.comment, raw))

    async def comment(self, comment_id: int) -> Comment | None:
        """Give one comment, None if it was deleted."""
        try:
            raw = await self._session.get(self._url(f"issues/comments/{comment_id}"))
        except NotFound:
            return None
        return payloads.comment(raw)

    async def editor(self, comment_id: int) -> str:
        """Give the login of the person who edited a comment last, empty where it is unknown."""
        return await last_person(self._session, self._url(f"issues/comments/{comment_id}"))

    async def comments_of(self, author: str) -> tuple[tuple[int, Comment], ...]:
        """Give each comment of one author with the number where it stands, oldest first."""
        raw = await self._session.pages(
            self._url("issues/comments?per_page=100"),
            keep=lambda one: (one.get("user") or {}).get("login") == author,
        )
        return tuple((payloads.place(one), payloads.comment(one)) for one in raw)

    async def permission(self, login: str) -> str:
        """Give a person's role; somebody whom GitHub does not know has `none`."""
        url = self._url("collaborators/{login}/permission", login=login)
        try:
            return payloads.role(await self._session.get(url))
        except NotFound:
            return "none"

    async def in_team(self, org: str, team: str, login: str) -> bool:
        """Tell whether a person is an active member of `org/team`.

        GitHub says 404 both for an outsider and for a team that the App may not read. So a 404
        counts as *no member* only where the team itself can be read; else UserError.
        """
        url = self._session.url(
            "/orgs/{org}/teams/{team}/memberships/{login}", org=org, team=team, login=login
        )
        try:
            member = await self._session.get(url)
        except NotFound:
            await self._demand_team(org, team)
            return False
        return member.get("state") == "active"

    async def team_members(self, org: str, team: str) -> tuple[str, ...]:
        """Give the logins of a team's members; one that cannot be read raises UserError."""
        url = self._session.url("/orgs/{org}/teams/{team}/members?per_page=100", org=org, team=team)
        try:
            return tuple(one["login"] for one in await self._session.pages(url))
        except NotFound as error:
            raise _unreadable(org, team) from error

    async def find_pull(self, head: str, base: str) -> PullRef | None:
        """Give the newest pull request, open or not, from a branch of this repository.

        A branch of the same name in a fork that the same owner holds does not count.
        """
        url = self._url(
            "pulls?state=all&sort=created&direction=desc&per_page=100{&head,base}",
            head=f"{self._repository.owner}:{head}",
            base=base,
        )
        for raw in await self._session.page(url):
            if payloads.is_home(raw["head"].get("repo"), self._repository):
                return payloads.pull_ref(raw)
        return None

    async def open_pull(self, new: NewPull) -> PullRef:
        """Open a pull request; one that already stands for the same head is given instead."""
        try:
            raw = await self._session.post(self._url("pulls"), payloads.new_pull(new))
        except Rejected as refusal:
            found = await self.find_pull(new.head, new.base) if _stands(refusal) else None
            if found is None:
                raise UserError(
                    f"No pull request from `{new.head}` to `{new.base}` could be opened. "
                    f"{refusal.message}. A merger must look at the two branches."
                ) from refusal
            return found
        return payloads.pull_ref(raw)

    async def update_pull(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> None:
        """Replace the title or the body, cut to GitHub's limit; None leaves it as it is."""
        data = {} if title is None else {"title": title}
        if body is not None:
            data |= payloads.body(body)
        try:
            await self._session.patch(self._url(f"pulls/{number}"), data)
        except Rejected as refusal:
            raise UserError(
                f"The title or the text of #{number} could not be changed. {refusal.message}. "
                "A merger must change it."
            ) from refusal

    async def close_pull(self, number: int) -> None:
        """Close a pull request unmerged; one that is closed stays as it is."""
        try:
            await self._session.patch(self._url(f"pulls/{number}"), {"state": "closed"})
        except Rejected as refusal:
            raise UserError(
                f"#{number} could not be closed. {refusal.message}. A merger must close it."
            ) from refusal

    async def set_draft(self, pull: PullRef | PullRequest, *, draft: bool) -> None:
        """Make a pull request a draft, or ready for review; one that is so already stays so."""
        try:
            await change_draft(self._session, pull.node_id, draft=draft)
        except (NotFound, Rejected) as refusal:
            if (await self.pull(pull.number)).draft is draft:
                return
            wanted = "a draft" if draft else "ready for review"
            raise UserError(
                f"#{pull.number} could not be made {wanted}. {refusal.message.rstrip('.')}. "
                "A merger must do it by hand."
            ) from refusal

    async def pulls_of_commit(self, sha: str) -> tuple[PullRef, ...]:
        """Give the pull requests that GitHub associates with a commit, none for an unknown one."""
        try:
            raw = await self._session.pages(self._url(f"commits/{sha}/pulls?per_page=100"))
        except Rejected:  # GitHub's answer to a commit that it does not have
            return ()
        return tuple(map(payloads.pull_ref, raw))

    async def committer(self, sha: str) -> str:
        """Give the login of who committed a commit, empty where GitHub knows nobody."""
        try:
            raw = await self._session.get(self._url(f"commits/{sha}"))
        except (NotFound, Rejected):  # Rejected is its answer to a commit that it does not have
            return ""
        return (raw.get("committer") or {}).get("login") or ""

    async def update_issue(
        self, number: int, *, labels: Sequence[str], milestone: int | None
    ) -> None:
        """Replace the labels and set the milestone in one call; None leaves the milestone."""
        data: Json = {"labels": list(labels)}
        if milestone is not None:
            data["milestone"] = milestone
        try:
            await self._session.patch(self._url(f"issues/{number}"), data)
        except Rejected as refusal:
            raise UserError(
                f"The labels or the milestone of #{number} could not be set. {refusal.message}. "
                "A merger must set them."
            ) from refusal

    async def request_review(self, number: int, login: str) -> None:
        """Ask a person for a review; who cannot be asked raises UserError."""
        url = self._url(f"pulls/{number}/requested_reviewers")
        try:
            await self._session.post(url, {"reviewers": [login]})
        except Rejected as refusal:
            raise UserError(
                f"@{login} cannot be asked to review #{number}. {refusal.message}. "
                "A merger must choose a reviewer."
            ) from refusal

    async def post_comment(self, number: int, body: str) -> Comment:
        """Write a comment, cut to GitHub's limit; a locked conversation raises UserError."""
        raw = await self._session.post(self._url(f"issues/{number}/comments"), payloads.body(body))
        return payloads.comment(raw)

    async def edit_comment(self, comment_id: int, body: str) -> None:
        """Replace the text of a comment of ours; a deleted one raises NotFound, a UserError."""
        await self._session.patch(self._url(f"issues/comments/{comment_id}"), payloads.body(body))

    async def commit_comments(self, sha: str) -> tuple[Comment, ...]:
        """Give all comments on a commit, oldest first."""
        raw = await self._session.pages(self._url(f"commits/{sha}/comments?per_page=100"))
        return tuple(map(payloads.comment, raw))

    async def post_commit_comment(self, sha: str, body: str) -> None:
        """Write a comment on a commit, cut to GitHub's limit."""
        await self._session.post(self._url(f"commits/{sha}/comments"), payloads.body(body))

    async def react(self, comment_id: int, content: str) -> None:
        """React to a comment by `+1`, `confused`, `eyes` or `rocket`; twice is once."""
        url = self._url(f"issues/comments/{comment_id}/reactions")
        await self._session.post(url, {"content": content})

    async def remove_label(self, number: int, label: str) -> None:
        """Take a label off; one that is not on is no error."""
        with suppress(NotFound):
            await self._session.delete(
                self._url("issues/{number}/labels/{label}", number=number, label=label)
            )

    async def add_label(self, number: int, label: str) -> None:
        """Set a label; one that is on already stays on, with who set it first."""
        await self._session.add(self._url(f"issues/{number}/labels"), {"labels": [label]})

    async def write_file(self, branch: str, path: str, content: bytes, message: str) -> str:
        """Write one file on a new branch that begins at the default branch; give the latter.

        A file that stands there already is replaced, where it says something else.
        """
        default = (await self._session.get(self._url("")))["default_branch"]
        tip = await self._session.get(self._url("git/ref/{+ref}", ref=f"heads/{default}"))
        new = {"ref": f"refs/heads/{branch}", "sha": tip["object"]["sha"]}
        try:
            await self._session.post(self._url("git/refs"), new)
        except Rejected as refusal:
            if "already exists" not in refusal.message:
                raise
        url = self._url("contents/{+path}", path=path)
        data = {"message": message, "content": base64.b64encode(content).decode()}
        with suppress(NotFound):
            found = await self._session.get(f"{url}?ref={branch}")
            if base64.b64decode(found["content"]) == content:
                return str(default)
            data["sha"] = found["sha"]
        await self._session.put(url, {**data, "branch": branch})
        return str(default)

    async def create_check(self, check: Check) -> int:
        """Create a check run and give its id."""
        return await github_checks.create(self._session, self._url("check-runs"), check)

    async def find_check(self, head_sha: str, name: str, external_id: str) -> int | None:
        """Give the id of the newest check run that carries our `external_id`."""
        runs = self._url(
            "commits/{sha}/check-runs?filter=all&per_page=100{&check_name}",
            sha=head_sha,
            check_name=name,
        )
        return await github_checks.find(self._session, runs, external_id)

    async def update_check(self, check_id: int, check: Check) -> None:
        """Bring a check run to a new state; annotations that it has already are not added again."""
        await github_checks.update(self._session, self._url(f"check-runs/{check_id}"), check)

    async def open_issue(self, title: str, body: str, mark: str) -> Issue:
        """Open an issue; one of ours that holds `mark` in its text is given instead."""
        return await open_issue(self._session, self._url("issues"), (title, body), mark)

    async def issue(self, number: int) -> Issue | None:
        """Give an issue or pull request, None where there is none."""
        return await find_issue(self._session, self._url(f"issues/{number}"))

    async def edit_issue(self, number: int, body: str) -> None:
        """Replace the text of an issue of ours."""
        await edit_issue(self._session, self._url(f"issues/{number}"), body)

    async def token(self) -> str:
        """Give an installation token that is good for git for at least five minutes."""
        return await self._session.token()

    async def _demand_team(self, org: str, team: str) -> None:
        url = self._session.url("/orgs/{org}/teams/{team}/members?per_page=1", org=org, team=team)
        try:
            await self._session.page(url)
        except NotFound as error:
            raise _unreadable(org, team) from error

    def _url(self, template: str, **names: str | int) -> str:
        owner, repo = self._repository.owner, self._repository.name
        path = f"/repos/{{owner}}/{{repo}}/{template}".removesuffix("/")
        return self._session.url(path, owner=owner, repo=repo, **names)


def _unreadable(org: str, team: str) -> UserError:
    return UserError(
        f"The App cannot read the team `{org}/{team}`, so nobody counts as its member. "
        f"An owner of {org} must check the team's name in {CONFIGURATION} and grant the "
        "App the permission members: read."
    )


def _stands(refusal: Rejected) -> bool:
    return any("already exists" in words for words in refusal.errors)
