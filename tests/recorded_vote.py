"""A vote and its decision as they stand in the bot's own comments, with no database beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from bot.adapters.signer import signer
from bot.core import decision, motion, vote_record
from bot.core.decision import Decision, Entry
from bot.core.motion import Question, Terms
from bot.core.signature import Sign
from bot.core.vote_record import Status, Vote, Ways
from bot.core.votes.roster import Member, Roster
from bot.core.votes.rules import catalogue
from devkit.github import AppRegistration, LocalGitHub, running_github
from devkit.github.state import Comment, Pull, Repository
from tests import vote_case
from tests.vote_case import CLOSE, OPENED, TARGETS

TEXT = "Shall 34063 be backported?"
CONFIGURATION = """\
targets = ["stable/4.1.x", "stable/4.0.x", "stable/3.2.x"]
[who]
permission = "maintain"
[exception]
rule = "django-dep10"
members = ["seat1", "seat2", "seat3", "seat4", "seat5"]
[phases."4.1.x"]
mainstream_until = 2023-04-30
security_until = 2023-12-31
[phases."4.0.x"]
mainstream_until = 2022-08-03
security_until = 2023-04-30
[phases."3.2.x"]
mainstream_until = 2021-12-07
security_until = 2024-04-30
[policy]
source = "https://example.org/policy"
as_of = 2022-12-30
[[policy.clauses]]
phase = "mainstream"
classes = ["security", "data-loss", "crash"]
text = "Critical problems are fixed."
[[policy.clauses]]
phase = "security"
classes = ["security", "data-loss"]
text = "Security and data loss."
"""


@dataclass
class Case:
    """The project, the merged pull request, and what the bot's key signs."""

    github: LocalGitHub
    repository: Repository
    pull: Pull
    sign: Sign

    @property
    def bot(self) -> str:
        """Give the App's own login."""
        return self.github.site.world.bot.login

    def say(self, body: str) -> Comment:
        """Write a comment in the bot's name."""
        return self.github.comment(self.repository, self.pull, body, by=self.bot)

    def vote(self, signs: str = "", number: int = 5) -> Vote:
        """Make the vote of 2022-12-30 under DEP 10, with what these seats said (`++0-`)."""
        question = Question(
            repository=self.repository.full_name,
            number=self.pull.number,
            url=self.github.site.views.pull_address(self.repository, self.pull),
            asked_by="asker",
            text=TEXT,
            commit=self.pull.merge_commit_sha or "",
            targets=TARGETS,
        )
        roster = Roster("seats", tuple(Member(login) for login in vote_case.seats(number)))
        rule = catalogue.make("django-dep10", {})
        opened = motion.opened(question, Terms(roster, (), rule), OPENED)
        return Vote(
            repository_id=self.repository.id,
            installation=self.github.installation(self.repository.owner.login).id,
            place="issue",
            name="34063",
            pull=self.pull.number,
            motion=opened,
            ways=Ways(),
            seen=vote_case.votes(signs),
        )

    def open(self, vote: Vote) -> Comment:
        """Write the comment that a vote lives in."""
        return self.say(vote_record.render(vote, "The question.", self.sign))

    def decide(self, vote: Vote) -> tuple[Vote, Decision]:
        """Decide a vote at its end, in a comment of its own, and bring the vote's up to date."""
        made = decision.recorded(vote.motion, vote.tally(CLOSE), Entry("34063", self.bot, CLOSE))
        decided = replace(vote, status=Status.DECIDED, closed_at=CLOSE, decision=made.digest)
        self.open(decided)
        self.say(vote_record.render_decision(made, "Decided.", self.sign))
        return decided, made


@asynccontextmanager
async def recorded_vote(folder: Path) -> AsyncIterator[Case]:
    """Set the scene up to the merge."""
    async with running_github(folder / "github", app=_app()) as github:
        repository = await github.add_repository("django", "django")
        github.grant(repository, "merger", "maintain")
        files = {"a.txt": "1\n", ".github/stablehand.toml": CONFIGURATION}
        root = await github.commit(repository, "main", files, message="Begun.")
        refs: dict[str, str | None] = {f"refs/heads/{target.branch}": root for target in TARGETS}
        await github.push(repository, refs, by="merger")
        await github.commit(repository, "fix", {"a.txt": "2\n"}, message="Fixed #34063 -- It.")
        pull = await github.open_pull(repository, "fix", "main", by="ann", text="Fixed it.")
        await github.merge(repository, pull, by="merger")
        yield Case(github, repository, pull, signer(github.app.private_key))


@cache
def _app() -> AppRegistration:
    """Register the App once in a process: making its key takes a while."""
    return AppRegistration.create()
