"""Everything that waits for one version or is in it, put together for whoever releases it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core import checklist_lines, release_needs, release_order
from bot.core.checklist import Checklist, Row
from bot.core.checklist_lines import version_of
from bot.core.landing import Landing
from bot.core.model import Outcome
from bot.core.release_needs import Missing
from bot.core.shipping import Release, Step
from bot.core.vote_record import Vote


@dataclass(frozen=True, slots=True)
class Followed:
    """An exception: the number and title of its source pull request, and its checklist."""

    number: int
    title: str
    checklist: Checklist


@dataclass(frozen=True, slots=True)
class Releases:
    """What is known of a repository; `url` is its page, and `votes` are those that are open."""

    repository: str
    url: str
    followed: tuple[Followed, ...]
    votes: tuple[Vote, ...]


class Place(StrEnum):
    """Where a fix is, seen from a version."""

    OUT = "not in"
    IN = "in"
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class Link:
    """Words, and the page that shows what they mean."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Fix:
    """One exception on one branch; `pull` is the backport, `commit` how it came to the branch.

    `remarks` are what a person has to look at in its release note.
    """

    source: Link
    title: str
    series: str
    branch: str
    place: Place
    pull: Link | None
    commit: Link | None
    by: str
    missing: tuple[Missing, ...]
    turn: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the release: the commit that shows it, or who says that it is done."""

    text: str
    commit: Link | None
    by: str

    @property
    def seen(self) -> str:
        """Say by what it is known to be done, empty where it is not."""
        return self.by or (self.commit.text if self.commit else "")


@dataclass(frozen=True, slots=True)
class OpenVote:
    """A vote that may let one more fix in; `asked_for` is the version that was next when asked."""

    vote: Link
    name: str
    asked_for: str
    closes_at: datetime | None
    stands: str


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """One version. It is `ready` where nothing is missing of what is known; votes do not count."""

    repository: str
    version: str
    ready: bool
    tag: Link | None
    released_at: datetime | None
    fixes: tuple[Fix, ...]
    steps: tuple[StepView, ...]
    votes: tuple[OpenVote, ...]

    def at(self, place: Place) -> tuple[Fix, ...]:
        """Give the fixes at one place."""
        return tuple(fix for fix in self.fixes if fix.place is place)


@dataclass(frozen=True, slots=True)
class VersionCount:
    """How many exceptions are how far for one version."""

    version: str
    out: int
    held: int
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionList:
    """All versions, the newest first; `unversioned` are exceptions whose branch tells none."""

    repository: str
    versions: tuple[VersionCount, ...]
    unversioned: tuple[Link, ...]


_Rows = tuple[tuple[Followed, Row], ...]


def named(text: str) -> str:
    """Give the version that a person names, with or without the `v` of its tag.

    Raises ValueError where that is none.
    """
    if release_order.version(text) is None:
        raise ValueError(f"`{text}` is no version, such as 4.1.6")
    return release_order.spelled(text)


def view(known: Releases, version: str, now: datetime) -> ReleaseView:
    """Put one version together; a version that nothing waits for is ready and empty."""
    rows = tuple((one, row) for one, row in _rows(known) if version_of(row) == version)
    fixes = tuple(_fix(known, one, row) for one, row in rows)
    shipped = _shipped(rows)
    return ReleaseView(
        repository=known.repository,
        version=version,
        ready=not any(fix.missing for fix in fixes),
        tag=Link(shipped.tag, f"{known.url}/tree/{shipped.tag}") if shipped else None,
        released_at=shipped.at if shipped else None,
        fixes=fixes,
        steps=_steps(known, rows, version),
        votes=tuple(_votes(known, version, now)),
    )


def versions(known: Releases) -> VersionList:
    """List every version that an exception waits for or was shipped in."""
    rows = tuple(_rows(known))
    names = {version_of(row) for _, row in rows} - {""}
    return VersionList(
        repository=known.repository,
        versions=tuple(
            _count(name, [row for _, row in rows if version_of(row) == name])
            for name in sorted(names, key=_order, reverse=True)
        ),
        unversioned=tuple(
            dict.fromkeys(_pull(known, one.number) for one, row in rows if not version_of(row))
        ),
    )


def _rows(known: Releases) -> Iterator[tuple[Followed, Row]]:
    """Give the rows that concern a release; what a branch had before does not, nor a forecast."""
    for one in known.followed:
        for row in one.checklist.rows if not one.checklist.forecast else ():
            if row.outcome is not Outcome.ALREADY_THERE or row.landing:
                yield one, row


def _place(row: Row) -> Place:
    if row.shipped:
        return Place.SHIPPED
    return Place.IN if row.merged else Place.OUT


def _fix(known: Releases, one: Followed, row: Row) -> Fix:
    standing: Landing | None = row.landing if row.merged else None
    shares = release_needs.lacking(one.checklist, row)
    looked_at = (*(row.noted.remarks if row.noted else ()), *(r for s in shares for r in s.remarks))
    return Fix(
        source=_pull(known, one.number),
        title=one.title,
        series=row.series,
        branch=row.branch,
        place=_place(row),
        pull=_pull(known, row.pull) if row.pull else None,
        commit=_commit(known, standing.sha) if standing else None,
        by=standing.by if standing else "",
        missing=release_needs.missing(row, shares),
        turn=release_needs.turn(row, one.checklist.claimed_by, shares),
        remarks=looked_at,
    )


def _shipped(rows: _Rows) -> Release | None:
    return next((row.shipped for _, row in rows if row.shipped), None)


def _steps(known: Releases, rows: _Rows, version: str) -> tuple[StepView, ...]:
    """Put the lines of all checklists together: what one of them knows is done."""
    shas = {done.step.value: done.sha for _, row in rows for done in row.steps}
    if shipped := _shipped(rows):
        shas[Step.TAGGED.value] = shipped.sha
    lines: dict[str, StepView] = {}
    for one in dict.fromkeys(one for one, _ in rows):
        for release in checklist_lines.releases(one.checklist):
            for line in release.lines if release.version == version else ():
                sha = shas.get(line.key.rpartition(":")[2])
                by = line.by or (lines[line.key].by if line.key in lines else "")
                lines[line.key] = StepView(line.text, _commit(known, sha) if sha else None, by)
    return tuple(lines.values())


def _votes(known: Releases, version: str, now: datetime) -> Iterator[OpenVote]:
    """Give the votes on the version's series: one that is accepted in time goes into it."""
    for vote in known.votes:
        asked = {one.series: one.next_version for one in vote.outlook}
        for name in vote.motion.series:
            if release_order.belongs(version, name):
                tally = vote.tally(now)
                link = Link(f"#{vote.motion.question.number}", vote.comment_url)
                sentence = tally.sentence
                yield OpenVote(link, vote.name, asked.get(name, ""), tally.closes_at, sentence)


def _order(version: str) -> tuple[bool, release_order.Version | str]:
    """Order versions as they come; names that are none stand before all of them."""
    read = release_order.version(version)
    return (False, version) if read is None else (True, read)


def _count(version: str, rows: list[Row]) -> VersionCount:
    shipped = [row.shipped for row in rows if row.shipped]
    held = sum(_place(row) is not Place.OUT for row in rows)
    return VersionCount(version, len(rows) - held, held, shipped[0].at if shipped else None)


def _pull(known: Releases, number: int) -> Link:
    return Link(f"#{number}", f"{known.url}/pull/{number}")


def _commit(known: Releases, sha: str) -> Link:
    return Link(sha[:12], f"{known.url}/commit/{sha}")
