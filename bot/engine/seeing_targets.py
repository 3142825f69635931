"""How far one target branch is, as its history and its tags tell, while the mirror is locked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.core import landing_text
from bot.core.checklist import Row
from bot.core.config import Configuration
from bot.core.landing import Landing, Way
from bot.core.model import PullRequest
from bot.core.notes import STYLES
from bot.core.release_notes import Fix
from bot.core.release_steps import next_of
from bot.core.reverts import reverting
from bot.core.sighting import SeenTarget
from bot.engine import noting
from bot.mirror_ports import Mirror

_HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A backport pull request and, until it is merged, its commits; the first is the pick."""

    pull: PullRequest
    commits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """What lies ready: the mirror, the source with its commits, and the refs just fetched."""

    mirror: Mirror
    sources: tuple[str, ...]
    configuration: Configuration
    source: PullRequest
    refs: Mapping[str, str]

    def tip(self, branch: str) -> str:
        """Give where a branch stands, empty where it is gone."""
        return self.refs.get(_HEADS + branch, "")


async def see(bench: Bench, row: Row, proposed: Proposed | None) -> SeenTarget:
    """See how far one target is; where its branch is gone, what had landed may still be tagged."""
    tip = bench.tip(row.branch)
    seen = SeenTarget(row.branch, row.series, tip, proposed.pull if proposed else None)
    landing = await _landing(bench, row, proposed) if tip else row.landing
    tagged = await bench.mirror.tags(row.series)
    released = frozenset(release.version for release in tagged)
    upcoming = _not_yet(await _told(bench, tip), released) if tip else ""
    seen = replace(seen, landing=landing, upcoming=upcoming)
    if landing and proposed and tip:
        seen = await _compared(bench, seen, landing, proposed)
    if landing and landing.stands:
        seen = replace(seen, releases=await bench.mirror.releases(landing.sha))
    version = await _version(bench, seen, released)
    steps = await bench.mirror.steps(row.branch, version) if version else ()
    return replace(seen, version=version, steps=steps)


async def _landing(bench: Bench, row: Row, proposed: Proposed | None) -> Landing | None:
    """Find how the fix came to the branch; what GitHub merged it knows best itself.

    What was brought again after that counts more: the merge may have been taken back.
    """
    mirror, pull = bench.mirror, proposed.pull if proposed else None
    ours = await _ours(bench, proposed)
    found = await mirror.landing(row.branch, bench.sources, ours[0] if ours else None)
    merged = await _merged(bench, row, pull) if pull else None
    if merged is None:
        return found
    if found and found.stands:
        if await mirror.merge_base(found.sha, merged.sha) != found.sha:
            return found
        apart = merged.reverted_by and await _is_of_a_part(mirror, found, merged)
        return replace(merged, reverted_by="") if apart else merged
    return replace(merged, reverted_by=merged.reverted_by or (found.reverted_by if found else ""))


async def _is_of_a_part(mirror: Mirror, found: Landing, merged: Landing) -> bool:
    """Tell whether what was taken back is not the fix, but the last of several commits: its note.

    Of a merge git says that the revert is reversing changes; that takes back all of them.
    """
    said = await mirror.message(merged.reverted_by)
    return found.sha != merged.sha and ", reversing" not in said


async def _merged(bench: Bench, row: Row, pull: PullRequest) -> Landing | None:
    """Find what GitHub's button brought to the branch, unless that was taken out of its history."""
    sha = pull.merge_commit_sha
    if not pull.merged or not sha or await bench.mirror.on_branch(sha, row.branch) is None:
        return None
    undone = reverting((sha, pull.head_sha), await bench.mirror.reverts(sha, bench.tip(row.branch)))
    by, back = pull.merged_by, undone.sha if undone else ""
    return Landing(sha, Way.PULL, by, reverted_by=back, at=pull.merged_at)


async def _ours(bench: Bench, proposed: Proposed | None) -> tuple[str, ...]:
    """Give the commits that we proposed, where they could be fetched."""
    commits = proposed.commits if proposed else ()
    return commits if commits and await bench.mirror.has(commits[-1]) else ()


async def _compared(
    bench: Bench, seen: SeenTarget, landing: Landing, proposed: Proposed
) -> SeenTarget:
    """Set what came by hand beside what we had proposed: with what was put on top, or without."""
    ours = await _ours(bench, proposed)
    if landing.way is Way.PULL or not ours:
        return seen
    ends = (f"{landing.sha}^", landing.sha)
    found = [await bench.mirror.compare(one, *ends) for one in dict.fromkeys((ours, ours[:1]))]
    nearest = min(found, key=lambda one: (not landing_text.alike(one), len(one.differing)))
    landing = replace(landing, differs=landing_text.differs(nearest))
    return replace(seen, landing=landing, difference=landing_text.difference(nearest))


async def _version(bench: Bench, seen: SeenTarget, released: frozenset[str]) -> str:
    """Name the version that the fix is or will be shipped in.

    Between the push of a branch and that of its tag the branch tells the version after already, so
    that a fix which has landed is asked what its own commit says.
    """
    if seen.releases:
        return seen.releases[0].version
    if seen.landing is None or not seen.landing.stands:
        return seen.upcoming
    then = await _told(bench, seen.landing.sha)
    return then if then and then not in released else seen.upcoming


def _not_yet(told: str, released: frozenset[str]) -> str:
    """Count on from a version that was released before its branch tells of the next."""
    while told in released:
        told = next_of(told)
    return told


async def _told(bench: Bench, commit: str) -> str:
    """Name the version that comes next as a commit tells it, empty where it tells none."""
    if not await bench.mirror.has(commit):
        return ""
    style, source = STYLES[bench.configuration.release_notes], bench.source
    moment = source.created_at.strftime("%Y-%m-%d-%H-%M-%S")
    fix = Fix(source.title, source.number, moment=moment)
    files = await noting.gather(style, fix, lambda path: bench.mirror.read(commit, path))
    place = style.place(fix, files)
    return place.version if place else ""
