"""A project where a label needs a decision, the service beside it, and decisions at hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.adapters.signer import signer
from bot.core import claim_text, config, decision, marker, motion, vote_record
from bot.core.decision import Decision, Entry
from bot.core.model import Target
from bot.core.motion import Question, Terms
from bot.core.vote_record import Recorded
from bot.core.votes.roster import Member, Roster
from bot.core.votes.rule import Outcome
from bot.core.votes.rules import catalogue
from bot.engine import register
from devkit.github import LocalGitHub, running_github
from devkit.github.state import Check, Comment, Pull, Repository
from devkit.service import Service
from devkit.timed_service import timed_service
from tests.waiting import until

LABEL = "council exception"
SERIES = ("2.x", "1.x")
CONFIGURATION = """\
targets = ["stable/2.x", "stable/1.x"]

[who]
permission = "maintain"

[exception]
rule = "django-spokesperson"
members = ["carol"]
"""
MERGER = "maintainer"
AT = datetime(2022, 12, 30, 10, tzinfo=UTC)


@dataclass
class ClaimCase:
    """The project on the local GitHub with its merged fix, and the service beside it."""

    github: LocalGitHub
    service: Service
    repository: Repository
    pull: Pull

    @property
    def commit(self) -> str:
        """Give the merged commit."""
        return self.pull.merge_commit_sha or ""

    async def decide(
        self, series: tuple[str, ...] = SERIES, commit: str = "", overturns: Decision | None = None
    ) -> tuple[Decision, Comment]:
        """Record a decision as the bot does: a signed comment of its own, and the register."""
        made = overturns and decision.overturned(overturns, _entry(), "a better fix is found")
        made = made or self.made(series, commit)
        sign = signer(self.github.app.private_key)
        body = vote_record.render_decision(made, f"Decided: {made.outcome}.", sign)
        comment = self.said_by_bot(body)
        url = f"{self.github.url}/acme/tool/pull/{self.pull.number}#issuecomment-{comment.id}"
        async with register.opened(f"sqlite:///{self.service.data / 'stablehand.sqlite'}"):
            number, author = self.pull.number, self.github.app.login
            recorded = Recorded(self.repository.id, number, made, comment.id, url, author)
            await register.put_decision(recorded)
        return made, comment

    def said_by_bot(self, body: str) -> Comment:
        """Have the bot write a comment on the source pull request."""
        site = self.github.site
        return site.activity.comment(self.repository, self.pull, body, site.world.bot)

    def made(self, series: tuple[str, ...] = SERIES, commit: str = "") -> Decision:
        """Give the decision as `decide` records it."""
        commit = commit or self.commit
        targets = tuple(Target(f"stable/{name}", name) for name in series)
        question = Question("acme/tool", self.pull.number, "", "ann", "Why.", commit, targets)
        terms = Terms(
            Roster("council", (Member("carol"),)), (), catalogue.make("django-spokesperson", {})
        )
        asked = motion.opened(question, terms, AT)
        declined = decision.declined(asked, _entry(), "")
        said = "Accepted."
        return replace(
            declined,
            outcome=Outcome.ACCEPTED,
            sentence=said,
            scope=tuple(
                replace(one, outcome=Outcome.ACCEPTED, sentence=said) for one in declined.scope
            ),
        )

    def label(self, by: str = MERGER) -> None:
        """Set the label."""
        self.github.label(self.repository, self.pull, LABEL, by=by)

    def unlabel(self, by: str = MERGER) -> None:
        """Take the label off."""
        self.github.unlabel(self.repository, self.pull, LABEL, by=by)

    def backports(self) -> dict[str, Pull]:
        """Give the backport pull requests by series."""
        pulls = self.repository.pulls.values()
        return {
            pull.base.removeprefix("stable/"): pull
            for pull in pulls
            if pull.base.startswith("stable/")
        }

    def said(self, pull: Pull | None = None, kind: str = "") -> list[str]:
        """Give the bot's comments of a kind on a pull request, that of the source by default."""
        mark = marker.mark(kind) if kind else ""
        every = (pull or self.pull).comments.values()
        return [one.body for one in every if one.by_app and mark in one.body]

    async def refused(self) -> str:
        """Wait for the one refusal, and for the label to be off."""
        await until(lambda: bool(self.said(kind=claim_text.REFUSED)))
        await until(lambda: LABEL not in self.pull.labels)
        (said,) = self.said(kind=claim_text.REFUSED)
        return said

    def policy(self, pull: Pull) -> Check | None:
        """Give the newest check run “Backport policy” of a pull request."""
        found = [
            one
            for one in self.repository.checks.values()
            if one.fields["head_sha"] == pull.head_sha and one.fields["name"] == "Backport policy"
        ]
        assert len(found) <= 1
        return found[-1] if found else None

    def state(self) -> dict[str, tuple[bool, str]]:
        """Give for each backport whether it is a draft, and how its check ended."""
        checks = {series: self.policy(pull) for series, pull in self.backports().items()}
        return {
            series: (pull.draft, str(check.fields.get("conclusion")) if check else "")
            for (series, pull), check in zip(self.backports().items(), checks.values(), strict=True)
        }

    async def opened(self) -> None:
        """Set the label and wait for both backports."""
        self.label()
        await until(lambda: len(self.said(kind="checklist")) == 1)
        assert set(self.backports()) == set(SERIES)


def _entry() -> Entry:
    return Entry("7", "carol", AT, "https://forum.example.org/t/1")


@asynccontextmanager
async def claim_case(folder: Path, configuration: str = CONFIGURATION) -> AsyncIterator[ClaimCase]:
    """Set the scene: `main` and two stable branches, a fix merged by squash."""
    async with running_github(folder / "github") as github:
        repository = await github.add_repository("acme", "tool")
        github.grant(repository, MERGER, "maintain")
        files = {"a.txt": "1\n2\n3\n", config.PATH: configuration}
        root = await github.commit(repository, "main", files, message="Begun.")
        for series in reversed(SERIES):
            await github.push(repository, {f"refs/heads/stable/{series}": root}, by=MERGER)
        await github.commit(repository, "fix", {"a.txt": "1\ntwo\n3\n"}, message="Fixed #7 -- It.")
        pull = await github.open_pull(repository, "fix", "main", by="ann", text="Fixed #7 -- It.")
        await github.merge(repository, pull, by=MERGER)
        github.webhooks.deliveries.clear()
        async with timed_service(github, folder / "data", datetime.now(UTC)) as service:
            yield ClaimCase(github, service, repository, pull)
