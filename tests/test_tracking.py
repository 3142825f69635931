from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.core import landing_text, shipped_text
from bot.core.checklist import KIND
from bot.core.landing import Way
from bot.engine import cases, register
from devkit.github.bare import Person
from devkit.github.state import Pull
from tests.small_case import MERGER, SERIES, Case, said, small_case
from tests.test_replay import bot, settings

ANN = "ann"
FIXED = "answer = 42\n"


@dataclass
class Tracked:
    """The small project with its three backports open."""

    case: Case

    @property
    def source(self) -> str:
        """Give the commit of main that holds the fix."""
        return self.case.pull.merge_commit_sha or ""

    def pull(self, series: str) -> Pull:
        """Give a backport."""
        return self.case.backports()[series]

    async def push(self, series: str, message: str, text: str = FIXED, by: str = ANN) -> str:
        """Push one commit to a stable branch by hand."""
        test = {f"{self.case.module}.py": await self._test()} if "4" in text else {}
        sha = await self.case.github.commit(
            self.case.repository,
            f"stable/{series}",
            {"answer.py": text, **test},
            message=message,
            by=by,
        )
        await self.case.settled()
        return sha

    async def _test(self) -> bytes:
        """Give the test as the fix has it."""
        git = self.case.repository.git
        return await git.run("show", f"{self.source}:{self.case.module}.py")

    async def by_hand(self, series: str, text: str = FIXED) -> str:
        """Push a backport by hand, as mergers do."""
        message = f"[{series}] Fixed #34063 -- Fixed it.\n\nBackport of {self.source} from main."
        return await self.push(series, message, text)

    async def revert(self, series: str, sha: str) -> str:
        """Take a commit back."""
        message = f"Reverted it.\n\nThis reverts commit {sha}."
        return await self.push(series, message, "answer = 1\n")

    async def tag(self, version: str, sha: str) -> None:
        """Push a release tag."""
        who = Person(MERGER, f"{MERGER}@example.org", "2023-02-01T09:00:00+00:00")
        await self.case.github.tag(self.case.repository, {version: sha}, by=who)
        await self.case.settled()

    def heard(self, pull: Pull, kind: str) -> list[str]:
        """Give the comments of one kind without the names of commits that vary."""
        return [one.body for one in said(pull, kind)]


@pytest.fixture
async def tracked(tmp_path: Path) -> AsyncIterator[Tracked]:
    """Set the scene up to three open backports."""
    async with small_case(tmp_path) as case:
        case.label()
        await case.settled()
        yield Tracked(case)


async def test_a_push_by_hand_closes_the_pull_request(tracked: Tracked) -> None:
    """The row names commit and committer, and the backport is closed with thanks."""
    sha = await tracked.by_hand("4.1.x")
    landing = tracked.case.row("4.1.x").landing
    assert landing is not None
    assert (landing.sha, landing.way, landing.by, landing.differs) == (sha, Way.MENTION, ANN, "")
    pull = tracked.pull("4.1.x")
    assert (pull.state, pull.merged) == ("closed", False)
    (thanks,) = tracked.heard(pull, landing_text.ENDED)
    assert "Thank you! It changes the same" in thanks
    assert tracked.pull("4.0.x").state == "open"


async def test_a_push_that_differs_shows_where(tracked: Tracked) -> None:
    """The checklist names the file, and the thanks show the lines."""
    await tracked.by_hand("4.1.x", "answer = 40 + 2\n")
    landing = tracked.case.row("4.1.x").landing
    assert landing is not None
    assert "differs from what was proposed in `answer.py`" in landing.differs
    (thanks,) = tracked.heard(tracked.pull("4.1.x"), landing_text.ENDED)
    assert "-+answer = 42\n++answer = 40 + 2" in thanks


async def test_a_closed_backport_is_asked_about_once(tracked: Tracked) -> None:
    """What was asked gives way to what became of it, in one comment."""
    pull, repository = tracked.pull("4.1.x"), tracked.case.repository
    tracked.case.github.close(repository, pull, by=MERGER)
    await tracked.case.settled()
    (question,) = tracked.heard(pull, landing_text.ENDED)
    assert "Is that as it should be?" in question
    assert tracked.case.row("4.1.x").closed
    tracked.case.github.reopen(repository, pull, by=MERGER)
    await tracked.case.settled()
    assert tracked.heard(pull, landing_text.ENDED) == [landing_text.reopened()]
    assert not tracked.case.row("4.1.x").closed
    tracked.case.github.close(repository, pull, by=MERGER)
    await tracked.case.settled()
    await tracked.by_hand("4.1.x")
    (thanks,) = tracked.heard(pull, landing_text.ENDED)
    assert "Thank you!" in thanks


async def test_a_revert_undoes_a_landing(tracked: Tracked) -> None:
    """The source is told, the row is open again, and a fix brought back counts anew."""
    case, kind = tracked.case, landing_text.reverted_kind("4.0.x")
    merged = await case.github.merge(case.repository, tracked.pull("4.0.x"), by=MERGER)
    await case.settled()
    landing = case.row("4.0.x").landing
    assert landing is not None
    assert (landing.sha, landing.way, landing.by) == (merged, Way.PULL, MERGER)
    assert tracked.heard(case.pull, kind) == []
    revert = await tracked.revert("4.0.x", merged)
    assert case.row("4.0.x").merged is None
    (told,) = tracked.heard(case.pull, kind)
    assert f"{revert} reverts {merged}" in told
    again = await tracked.by_hand("4.0.x")
    assert case.row("4.0.x").merged == again
    (told,) = tracked.heard(case.pull, kind)
    assert "It is there again" in told


async def test_a_revert_of_the_note_alone_leaves_the_fix(tracked: Tracked) -> None:
    """A merge that came as several commits stands while the one with the fix does."""
    case, pull = tracked.case, tracked.pull("4.0.x")
    await case.github.commit(
        case.repository, pull.head, {"notes.txt": "Mended.\n"}, message="[4.0.x] Added note."
    )
    await case.settled()
    merged = await case.github.merge(case.repository, pull, by=MERGER, method="rebase")
    await case.settled()
    message = f"Reverted it.\n\nThis reverts commit {merged}."
    files = {"notes.txt": None}
    await case.github.commit(case.repository, "stable/4.0.x", files, message=message, by=ANN)
    await case.settled()
    assert case.row("4.0.x").merged == merged
    assert tracked.heard(case.pull, landing_text.reverted_kind("4.0.x")) == []


async def test_the_first_tag_that_holds_the_fix_ships_it(tracked: Tracked) -> None:
    """A row has shipped while a tag holds it; when all have, the source is told once."""
    case, versions = tracked.case, {"4.1.x": "4.1.5", "4.0.x": "4.0.9", "3.2.x": "3.2.17"}
    before = case.repository.branch("stable/4.1.x") or ""
    shas = {series: await tracked.by_hand(series) for series in SERIES}
    for series, sha in shas.items():
        assert tracked.heard(case.pull, shipped_text.KIND) == []
        await tracked.tag(versions[series], sha)
        shipped = case.row(series).shipped
        assert shipped is not None
        assert (shipped.version, shipped.sha) == (versions[series], sha)
    (told,) = tracked.heard(case.pull, shipped_text.KIND)
    assert told.endswith("The fix has shipped in 4.1.5, 4.0.9 and 3.2.17.")
    await case.github.push(case.repository, {"refs/tags/4.1.5": None}, by=MERGER)
    await case.settled()
    assert case.row("4.1.x").shipped is None
    (told,) = tracked.heard(case.pull, shipped_text.KIND)
    assert "No release of `stable/4.1.x` holds it now." in told
    await tracked.tag("4.1.5", before)
    assert case.row("4.1.x").shipped is None
    assert case.row("4.1.x").version == "4.1.6"


async def test_a_checklist_that_was_deleted_is_written_again(tracked: Tracked) -> None:
    """It stands again, with all that was known, as soon as anything happens."""
    case, before = tracked.case, tracked.case.checklist()
    (comment,) = said(case.pull, KIND)
    case.github.delete_comment(case.repository, case.pull, comment, by=MERGER)
    await tracked.push("4.1.x", "Something else.", "answer = 2\n")
    after = case.checklist()
    assert (after.sources, after.claimed_by) == (before.sources, before.claimed_by)
    known = [(row.series, row.pull, row.tests) for row in before.rows]
    assert [(row.series, row.pull, row.tests) for row in after.rows] == known


async def test_nothing_is_asked_where_nothing_is_under_way(tmp_path: Path) -> None:
    """Pushes and tags cost no request as long as no exception is open."""
    async with small_case(tmp_path) as case:
        tracked = Tracked(case)
        case.github.reset_counts()
        before = case.repository.branch("stable/4.1.x") or ""
        await tracked.tag("4.1.4", before)
        await case.github.push(case.repository, {"refs/tags/4.1.4": None}, by=MERGER)
        await case.settled()
        assert case.github.count() == {}


async def test_a_lost_database_follows_again(tracked: Tracked, tmp_path: Path) -> None:
    """The checklists on GitHub are enough to know what is under way."""
    case, other = tracked.case, tmp_path / "other"
    ran = await bot("rebuild", "django/django", environment=settings(case.github, other))
    assert ran.code == 0, ran.err
    async with register.opened(f"sqlite:///{other}/stablehand.sqlite"):
        (found,) = await cases.under_way()
    assert (found.number, found.checklist) == (case.pull.number, case.checklist())
    assert found.comment in case.pull.comments
