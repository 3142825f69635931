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
    good = [claim for claim, verdict in verdicts if verdict.answer is policy.Answer.YES]
    remarks = [_remark(claim, verdict) for claim, verdict in verdicts if claim not in good]
    off = [claim.label for claim, v in verdicts if v.answer is policy.Answer.NO]
    if not good:
        return Examined(tuple(remarks), tuple(off))
    several = pull.commits > 1 or not pull.merged
    job = Job(
        repository=repository,
        pull=pull,
        configuration=configuration,
        labels=tuple(claim.label for claim in good),
        label=good[-1].label,
        actor=good[-1].actor,
        pull_commits=await api.pull_commits(number) if several else (),
        timeline=timeline,
    )
    return Examined(tuple(remarks), tuple(off), job)


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
    """Ask GitHub about the person, the team first, and evaluate the policy."""
    event, configuration = claim
    in_team, problem = None, ""
    if team := configuration.who.team:
        org, _, slug = team.rpartition("/")
        try:
            in_team = await api.in_team(org or repository.owner, slug, event.actor)
        except UserError as error:
            problem = error.message
    permission = None if in_team else await api.permission(event.actor)
    snapshot = policy.Snapshot(pull, event, configuration, in_team, permission, problem)
    return policy.evaluate(snapshot)


def _remark(claim: LabelEvent, verdict: policy.Verdict) -> Remark:
    """Put a verdict that is not YES into a comment."""
    if verdict.answer is policy.Answer.WAIT:
        return Remark(comments.WAITS, comments.waits_for_merge(claim.label))
    return Remark(comments.REFUSED, comments.claim_refused(claim.label, verdict.why))
