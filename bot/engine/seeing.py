"""All facts of one exception, read at once from GitHub and from the mirror."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.checklist import Row
from bot.core.config import Configuration
from bot.core.landing import Way
from bot.core.model import PullRequest
from bot.core.sighting import SeenTarget, Sighting
from bot.engine import cases, seeing_targets
from bot.engine.cases import Case
from bot.engine.exception import usable
from bot.engine.seeing_targets import Bench, Proposed
from bot.engine.world import github, world

_HEADS, _TAGS = "refs/heads/", "refs/tags/*"


@dataclass(frozen=True, slots=True)
class Look:
    """An exception as it was known, and as it was seen now."""

    case: Case
    configuration: Configuration
    seen: Sighting


async def look(repository_id: int, number: int) -> Look | None:
    """Look at a case; None where there is none."""
    case = await cases.find(repository_id, number)
    if case is None:
        return None
    api, checklist = github(case.repository), case.checklist
    configuration = await usable(api, case.repository)
    source, said = await api.pull(number), await api.comments(number)
    rows = [(row, await _proposed(case, row)) for row in checklist.rows]
    async with world().mirrors.open(case.repository) as mirror:
        refs = await mirror.fetch(await api.token(), _wanted(source, rows))
        bench = Bench(mirror, checklist.sources, configuration, source, refs)
        seen = [await seeing_targets.see(bench, row, proposed) for row, proposed in rows]
    pairs = zip(checklist.rows, seen, strict=True)
    targets = tuple([await _with_committer(case, row, target) for row, target in pairs])
    main = refs.get(_HEADS + source.default_branch, "")
    return Look(case, configuration, Sighting(world().clock(), source, said, main, targets))


async def _proposed(case: Case, row: Row) -> Proposed | None:
    """Read a backport pull request, with its commits as long as GitHub did not merge it."""
    if row.pull is None:
        return None
    api = github(case.repository)
    pull = await api.pull(row.pull)
    if pull.merged:
        return Proposed(pull)
    if pull.commits < 2:  # noqa: PLR2004 - the pick, and what was put on top
        return Proposed(pull, (pull.head_sha,))
    commits = await api.pull_commits(row.pull)
    return Proposed(pull, tuple(commit.sha for commit in commits))


def _wanted(source: PullRequest, rows: list[tuple[Row, Proposed | None]]) -> tuple[str, ...]:
    """List what one fetch has to bring: branches, what we proposed, and every tag."""
    heads = (source.default_branch, *(row.branch for row, _ in rows))
    pulls = (one.pull.number for _, one in rows if one and one.commits)
    named = (*(_HEADS + name for name in heads), *(f"refs/pull/{n}/head" for n in pulls))
    return (*dict.fromkeys(named), _TAGS)


async def _with_committer(case: Case, row: Row, seen: SeenTarget) -> SeenTarget:
    """Name who brought the fix by the login, where GitHub knows it; it is asked once."""
    landing, known = seen.landing, row.landing
    if landing is None or landing.way is Way.PULL:
        return seen
    if known and known.sha == landing.sha and known.by:
        by = known.by
    else:
        by = await github(case.repository).committer(landing.sha) or landing.by
    return replace(seen, landing=replace(landing, by=by))
