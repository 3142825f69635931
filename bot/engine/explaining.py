"""What is to be known of one pull request or issue, read from GitHub and the register at once."""

from __future__ import annotations

from bot.core import policy
from bot.core import series as series_names
from bot.core.config import Configuration
from bot.core.errors import UserError
from bot.core.explanation import Facts
from bot.core.model import PullRequest, Repository, Target, Timeline
from bot.core.policy import Evidence, Snapshot
from bot.core.vote_record import Vote
from bot.engine import evidence, exception, register
from bot.engine.world import github, world
from bot.ports import GitHub


class Unknown(UserError):  # noqa: N818 - said of what was asked about
    """There is no such pull request, or it is an issue without a vote."""


async def read(repository: Repository, number: int) -> Facts:
    """Read everything once; raises `Unknown` where there is nothing to explain."""
    api = github(repository)
    configuration = await exception.usable(api, repository)
    here = await register.motions_at(repository.id, number)
    pull = await _pull(api, number, here)
    timeline = await api.timeline(number) if pull else Timeline((), None)
    votes = await _with_those_on_the_commit(repository, pull, here)
    targets = _targets(configuration, pull)
    known = await _evidence(repository, pull, votes, timeline) if configuration.exception else None
    claims = await _claims(api, repository, (pull, configuration, timeline, targets, known))
    return Facts(
        repository=repository.full_name,
        number=number,
        configuration=configuration,
        pull=pull,
        targets=targets,
        claims=claims,
        evidence=known,
        votes=votes,
    )


async def for_everybody(name: str, number: int) -> Facts | None:
    """Read the same of `owner/name`, None unless all the world may know it."""
    owner, _, short = name.partition("/")
    found = await world().app.find(owner, short)
    if found is None or not found.public:
        return None
    try:
        return await read(found.repository, number)
    except Unknown:
        return None


_Known = tuple[PullRequest | None, Configuration, Timeline, tuple[Target, ...], Evidence | None]


async def _pull(api: GitHub, number: int, here: tuple[Vote, ...]) -> PullRequest | None:
    """Give the pull request; an issue is known only by a vote that stands there."""
    try:
        return await api.pull(number)
    except UserError as error:
        if here:
            return None
        raise Unknown(error.message) from error


async def _with_those_on_the_commit(
    repository: Repository, pull: PullRequest | None, here: tuple[Vote, ...]
) -> tuple[Vote, ...]:
    commit = pull.merge_commit_sha if pull else None
    there = await register.motions_of(repository.id, commit) if commit else ()
    return tuple({vote.key: vote for vote in (*here, *there)}.values())


def _targets(configuration: Configuration, pull: PullRequest | None) -> tuple[Target, ...]:
    """Give the configured targets; of a pattern those whose phases the configuration tells."""
    labels = (
        tuple(name for name in pull.labels if configuration.label_matches(name)) if pull else ()
    )
    if not labels and "{series}" in configuration.label:
        return ()
    living = [name for name, life in configuration.phases.items() if not life.development]
    branches = tuple(series_names.fill(configuration.branch, name) for name in living)
    return configuration.targets_for(labels, branches)


async def _evidence(
    repository: Repository, pull: PullRequest | None, votes: tuple[Vote, ...], timeline: Timeline
) -> Evidence:
    if pull:
        return await evidence.known(repository, pull, timeline.comments)
    found = [
        await register.decisions_at(repository.id, vote.motion.question.number) for vote in votes
    ]
    records = (
        policy.Announced(one.decision, one.comment_url, "") for many in found for one in many
    )
    return Evidence(tuple({one.decision.digest: one for one in records}.values()))


async def _claims(api: GitHub, repository: Repository, known: _Known) -> tuple[Snapshot, ...]:
    pull, configuration, timeline, targets, found = known
    if pull is None:
        return ()
    return tuple(
        [
            Snapshot(
                pull=pull,
                claim=event,
                configuration=configuration,
                standing=await exception.standing_of(api, repository, configuration, event.actor),
                targets=targets,
                evidence=found,
            )
            for event in timeline.labels
            if configuration.label_matches(event.label) and event.label in pull.labels
        ]
    )
