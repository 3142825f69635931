"""From a label to a job: one snapshot of the claim, one verdict, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core import checklist, claim_text, comments, config, defaults, marker, policy
from bot.core.config import Configuration, ConfigurationError, TargetPattern
from bot.core.errors import Transient, UserError
from bot.core.model import (
    Comment,
    CommitSummary,
    LabelEvent,
    PullRequest,
    Repository,
    Timeline,
)
from bot.core.policy import Answer, Evidence, Permit, Snapshot, Standing, Verdict
from bot.engine import evidence
from bot.engine.people import full_team
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
    set it. `permit` is what decisions let in, None where none is asked for; `partly` says that
    some targets stay out.
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
    permit: Permit | None = None
    partly: bool = False

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
    """What an examination came to: remarks, labels that come off, and at most one job.

    `revisit` says that backports stand which may have to be held back, or let go.
    """

    remarks: tuple[Remark, ...] = ()
    take_off: tuple[str, ...] = ()
    job: Job | None = None
    revisit: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    """The facts of a pull request that are the same for each of its claims."""

    repository: Repository
    pull: PullRequest
    configuration: Configuration
    timeline: Timeline
    known: Evidence | None


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
    case = await _case(repository, pull, configuration)
    snapshots = [await _snapshot(case, claim) for claim in _claims(case.timeline, labels)]
    verdicts = [(snapshot, policy.evaluate(snapshot)) for snapshot in snapshots]
    good = [one for one in verdicts if one[1].answer is not Answer.NO]
    bad = [one for one in verdicts if one[1].answer is Answer.NO]
    refusals = [
        Remark(claim_text.REFUSED, claim_text.refused(snapshot.claim.label, verdict))
        for snapshot, verdict in bad
    ]
    refusals += [_stays_out(verdict) for _, verdict in good if policy.refused_targets(verdict)]
    return Examined(
        tuple(refusals),
        tuple(snapshot.claim.label for snapshot, _ in bad),
        await _job(case, good) if good else None,
        revisit=case.known is not None and marker.find(_said(case), checklist.KIND) is not None,
    )


async def unread(repository: Repository, label: str, problem: str) -> Examined:
    """Refuse a label that could not be checked in time; one that is not ours stays."""
    configuration = _configuration(repository, await github(repository).configuration())
    if isinstance(configuration, Remark) or not configuration.label_matches(label):
        return Examined()
    remark = Remark(claim_text.REFUSED, claim_text.unread(label, problem))
    return Examined((remark,), (label,))


async def ordered(
    repository: Repository, pull: PullRequest, by: tuple[str, str], order: Order
) -> Examined:
    """Make a job of an order that somebody who may has given: `by` says what, and who.

    Decisions bind it as they bind a label; a forecast needs none.
    """
    api = github(repository)
    case = await _case(repository, pull, await usable(api, repository))
    configuration = case.configuration
    labels = tuple(name for name in pull.labels if configuration.label_matches(name))
    job = Job(
        repository=repository,
        pull=pull,
        configuration=configuration,
        labels=labels,
        label=by[0],
        actor=by[1],
        pull_commits=await commits_of(api, pull),
        timeline=case.timeline,
        order=order,
    )
    if case.known is None or order.forecast:
        return Examined(job=job)
    branches = _branches(configuration, case.known)
    named = configuration.asked_targets(order.series, branches)
    targets = named or configuration.targets_for(labels, branches)
    claim, standing = LabelEvent(0, by[0], by[1]), Standing(by[1], None, None)
    snapshot = Snapshot(pull, claim, configuration, standing, targets, case.known)
    verdict = policy.evaluate_order(snapshot)
    if verdict.answer is Answer.NO:
        return Examined((Remark(claim_text.REFUSED, claim_text.refused_command(verdict)),))
    out = policy.refused_targets(verdict)
    job = replace(job, permit=policy.permit(snapshot), partly=bool(out))
    return Examined((_stays_out(verdict),) if out else (), job=job)


async def _case(repository: Repository, pull: PullRequest, configuration: Configuration) -> _Case:
    timeline = await github(repository).timeline(pull.number)
    asked = configuration.exception is not None
    known = await evidence.known(repository, pull, timeline.comments) if asked else None
    return _Case(repository, pull, configuration, timeline, known)


def _said(case: _Case) -> tuple[Comment, ...]:
    return case.timeline.comments or ()


async def _snapshot(case: _Case, claim: LabelEvent) -> Snapshot:
    """Ask GitHub about the person who claims, where it is not ourselves after a decision."""
    configuration, nobody = case.configuration, Standing(claim.actor, None, None)
    targets = configuration.targets_for((claim.label,), _branches(configuration, case.known))
    snapshot = Snapshot(case.pull, claim, configuration, nobody, targets, case.known)
    if policy.announced_by_claimant(snapshot):
        return snapshot
    api = github(case.repository)
    standing = await standing_of(api, case.repository, configuration, claim.actor)
    return replace(snapshot, standing=standing)


def _branches(configuration: Configuration, known: Evidence | None) -> tuple[str, ...]:
    """List the branches that are known without asking git: those configured, and those decided."""
    listed = () if isinstance(configuration.targets, TargetPattern) else configuration.targets
    records = known.records if known else ()
    decided = (scope.branch for one in records for scope in one.decision.scope)
    return tuple(dict.fromkeys((*listed, *decided)))


def _stays_out(verdict: Verdict) -> Remark:
    return Remark(claim_text.PARTLY, claim_text.partly(verdict))


async def _job(case: _Case, good: list[tuple[Snapshot, Verdict]]) -> Job:
    """Make a job of claims that hold; before the merge it is a forecast."""
    claims = [snapshot.claim for snapshot, _ in good]
    return Job(
        repository=case.repository,
        pull=case.pull,
        configuration=case.configuration,
        labels=tuple(claim.label for claim in claims),
        label=claims[-1].label,
        actor=claims[-1].actor,
        pull_commits=await commits_of(github(case.repository), case.pull),
        timeline=case.timeline,
        order=Order(forecast=case.pull.is_open),
        permit=None if case.pull.is_open else policy.joined(policy.permit(s) for s, _ in good),
        partly=any(policy.refused_targets(verdict) for _, verdict in good),
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
    """Speak of an unusable configuration only where the label was meant for us, and take it off.

    Where not even the label can be read, one of another name than the usual stays on.
    """
    remark, text = found
    meant = config.DEFAULT_LABEL if text is None else config.label_of_broken(text)
    pull = await api.pull(number)
    on = [name for name in pull.labels if label in {None, name}]
    ours = [name for name in on if meant is None or config.label_fits(meant, name)]
    if not ours or pull.archived:
        return Examined()
    sure = [name for name in ours if config.label_fits(meant or config.DEFAULT_LABEL, name)]
    return Examined((remark,), tuple(sure))


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


async def standing_of(
    api: GitHub, repository: Repository, configuration: Configuration, login: str
) -> Standing:
    """Ask GitHub what a person is here: the team first, the permission where that is not enough."""
    in_team, problem = None, ""
    if team := configuration.who.team:
        org, _, slug = full_team(repository, team).partition("/")
        try:
            in_team = await api.in_team(org, slug, login)
        except UserError as error:
            problem = error.message
    permission = None if in_team else await api.permission(login)
    return Standing(login, in_team, permission, problem)
