"""Ask the mirror about one backport, and set its answer beside what the history says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bench.replay_ships.places import Place
from bench.replay_ships.truth import Branch, Commit
from bot.core.landing import Way
from bot.core.shipping import Step

STEPS = {
    Step.DATED: re.compile(r"(?:release |final )?dates?\b|Expected", re.IGNORECASE),
    Step.MAN_PAGE: re.compile(r"man page", re.IGNORECASE),
    Step.BUMPED: re.compile(r"^Bumped version"),
    Step.POST_BUMPED: re.compile(r"^Post[- ]release version bump|^Bumped version"),
    Step.STUBBED: re.compile(r"stub|release notes? for|^Fixed|^Refs|release dates?", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Recognised:
    """What became of one backport; `why` says what is different, and is empty where nothing is.

    `way` is None where it was missed.
    """

    series: str
    source: str
    truth: tuple[str, ...]
    way: Way | None
    found: str = ""
    why: str = ""

    @property
    def is_wrong(self) -> bool:
        """Tell whether another commit was taken for it."""
        return self.way is not None and self.found not in self.truth


async def recognise(place: Place, branch: Branch, name: str, source: str) -> Recognised:
    """Look for a source on a branch, which may be one that says nothing."""
    truth = tuple(sorted(branch.copying().get(source, ())))
    found = await place.mirror.landing(name, [source])
    if found is None:
        return Recognised(branch.series, source, truth, None)
    sha, undone = (place.was.get(one, one) for one in (found.sha, found.reverted_by))
    why = f"reverted by {undone[:10]}" if undone else ""
    return Recognised(branch.series, source, truth, found.way, sha, why)


def strangers(branch: Branch, main: list[Commit]) -> Iterator[Commit]:
    """Give the commits of main that share a ticket with the branch and that it does not name."""
    named = branch.copying()
    own = {commit.sha for commit in branch.commits}
    tickets = frozenset[str]().union(*(commit.tickets for commit in branch.commits))
    for commit in main:
        if commit.sha not in named and commit.sha not in own and commit.tickets & tickets:
            yield commit


async def odd_steps(place: Place, branch: Branch, tag: str) -> tuple[set[Step], list[str]]:
    """Give the steps seen of a release, and those whose commit a person called something else."""
    subjects = {one.sha: one.subject.partition("] ")[2] or one.subject for one in branch.commits}
    seen = await place.mirror.steps(branch.name, tag)
    odd = [
        f"{one.step}: {one.sha[:10]} {subjects.get(one.sha, 'not on the branch')}"
        for one in seen
        if one.step in STEPS and not STEPS[one.step].search(subjects.get(one.sha, ""))
    ]
    return {one.step for one in seen}, odd
