"""From a label to a job: one snapshot of the claim, one verdict, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core import checklist, comments, config, defaults, marker, policy
from bot.core.config import Configuration, ConfigurationError
from bot.core.errors import Transient, UserError
from bot.core.model import CommitSummary, LabelEvent, PullRequest, Repository, Timeline
from bot.engine.world import github
from bot.ports import GitHub


@dataclass(frozen=True, slots=True)
class Chain:
    """A newer series' conflict that a person resolved, to be picked in the place of the sources.

    `paths` are the files that were in conflict on that person's branch.
    """

    head_branch: str
    target: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked beyond a label: some series only, commits to be picked first.

    `again` lets drafts with our own conflict markers be made anew; a `forecast` pushes nothing.
    """

    series: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    again: bool = False
    forecast: bool = False
    chain: Chain | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """An accepted claim: everything that the backport needs to know from GitHub.

    `labels` are the labels that were claimed; `label` and `actor` name the last of them and who
    set it. `said` are the comments as far as the timeline showed them.
    """

    repository: Repository
    pull: PullRequest
    configuration: Configuration
    labels: tuple[str, ...]
    label: str
    actor: str
    pull_commits: tuple[CommitSummary, ...]
    timeline: Timeline
    order: Order = Order()

    @property
    def is_first(self) -> bool:
        """Tell whether no earlier claim has left its checklist on the pull request."""
        said = self.timeline.comments
        if said is None:
            return not self.pull.comments
        return marker.find(said, checklist.KIND) is None


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment that is said once: its kind, and its text."""

    kind: str
    body: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What an examination came to: remarks, labels that come off, and at most one job."""

    remarks: tuple[Remark, ...] = ()
    take_off: tuple[str, ...] = ()
    job: Job | None = None


async def examine(repository: Repository, number: int, label: str | None) -> Examined:
    """Read the facts of a claim once and judge it; `label` None means whatever labels are on."""
    api = github(repository)
    text = await api.configuration()
    configuration = _configuration(repository, text)
    if isinstance(configuration, Remark):
        return await _unusable(api, number, label, (configuration, text))
    if label is not None and not configuration.label_matches(label):
        return Examined()
    pull = await api.pull(number)
    labels = _claimed(pull, configuration, label)
    if not labels or pull.archived:
        return Examined()
    timeline = await api.timeline(number)
    verdicts = [
        (claim, await _judge(api, repository, pull, (claim, configuration)))
        for claim in _claims(timeline, labels)
    ]
    refused = [claim for claim, verdict in verdicts if verdict.answer is policy.Answer.NO]
    good = tuple(claim for claim, _ in verdicts if claim not in refused)
    remarks = tuple(_refusal(claim, v) for claim, v in verdicts if claim in refused)
    job = await _job(api, (repository, pull, configuration, timeline), good) if good else None
    return Examined(remarks, tuple(claim.label for claim in refused), job)


_Facts = tuple[Repository, PullRequest, Configuration, Timeline]


async def _job(api: GitHub, facts: _Facts, claims: tuple[LabelEvent, ...]) -> Job:
    """Make a job of claims that hold; before the merge it is a forecast."""
    repository, pull, configuration, timeline = facts
    return Job(
        repository=repository,
        pull=pull,
        configuration=configuration,
        labels=tuple(claim.label for claim in claims),
        label=claims[-1].label,
        actor=claims[-1].actor,
        pull_commits=await commits_of(api, pull),
        timeline=timeline,
        order=Order(forecast=pull.is_open),
    )


async def ordered(
    repository: Repository, pull: PullRequest, by: tuple[str, str], order: Order
) -> Job:
    """Make a job of an order that somebody who may has given: `by` says what, and who."""
    api = github(repository)
    configuration = await usable(api, repository)
    return Job(
        repository=repository,
        pull=pull,
        configuration=configuration,
        labels=tuple(name for name in pull.labels if configuration.label_matches(name)),
        label=by[0],
        actor=by[1],
        pull_commits=await commits_of(api, pull),
        timeline=await api.timeline(pull.number),
        order=order,
    )


async def usable(api: GitHub, repository: Repository) -> Configuration:
    """Give the configuration; raises UserError where there is none that can be used."""
    configuration = _configuration(repository, await api.configuration())
    if isinstance(configuration, Remark):
        raise UserError(f"There is no usable `{config.PATH}` on the default branch.")
    return configuration


async def commits_of(api: GitHub, pull: PullRequest) -> tuple[CommitSummary, ...]:
    """Read a pull request's commits where they are needed to find what was merged."""
    told = pull.is_open or (pull.merged and pull.commits == 1)
    return () if told else await api.pull_commits(pull.number)


def _configuration(repository: Repository, text: str | None) -> Configuration | Remark:
    """Settle the configuration, or what has to be said of it."""
    if text is None:
        built_in = defaults.built_in(repository.full_name)
        return built_in or Remark(comments.CONFIGURATION, comments.configuration_missing())
    try:
        return config.parse(text)
    except ConfigurationError as error:
        body = comments.configuration_broken(error.problems)
        return Remark(comments.CONFIGURATION, body)


async def _unusable(
    api: GitHub, number: int, label: str | None, found: tuple[Remark, str | None]
) -> Examined:
    """Speak of an unusable configuration only where the label was meant for us."""
    remark, text = found
    meant = config.DEFAULT_LABEL if text is None else config.label_of_broken(text)
    pull = await api.pull(number)
    on = [name for name in pull.labels if label in {None, name}]
    ours = [name for name in on if meant is None or config.label_fits(meant, name)]
    return Examined((remark,) if ours and not pull.archived else ())


def _claimed(pull: PullRequest, configuration: Configuration, label: str | None) -> tuple[str, ...]:
    """Give the labels now on the pull request that this happening claims."""
    return tuple(
        name
        for name in pull.labels
        if configuration.label_matches(name) and (label is None or name.lower() == label.lower())
    )


def _claims(timeline: Timeline, labels: tuple[str, ...]) -> tuple[LabelEvent, ...]:
    """Find who set each label; one whose setter is not known yet is asked for again later."""
    by_label = {event.label.lower(): event for event in timeline.labels}
    if missing := [name for name in labels if name.lower() not in by_label]:
        raise Transient(f"the timeline does not show yet who set the label {missing[0]}")
    return tuple(by_label[name.lower()] for name in labels)


async def _judge(
    api: GitHub,
    repository: Repository,
    pull: PullRequest,
    claim: tuple[LabelEvent, Configuration],
) -> policy.Verdict:
    """Ask GitHub about the person who claims, and evaluate the policy."""
    event, configuration = claim
    standing = await standing_of(api, repository, configuration, event.actor)
    return policy.evaluate(policy.Snapshot(pull, event, configuration, standing))


async def standing_of(
    api: GitHub, repository: Repository, configuration: Configuration, login: str
) -> policy.Standing:
    """Ask GitHub what a person is here: the team first, the permission where that is not enough."""
    in_team, problem = None, ""
    if team := configuration.who.team:
        org, _, slug = team.rpartition("/")
        try:
            in_team = await api.in_team(org or repository.owner, slug, login)
        except UserError as error:
            problem = error.message
    permission = None if in_team else await api.permission(login)
    return policy.Standing(login, in_team, permission, problem)


def _refusal(claim: LabelEvent, verdict: policy.Verdict) -> Remark:
    return Remark(comments.REFUSED, comments.claim_refused(claim.label, verdict.why))
