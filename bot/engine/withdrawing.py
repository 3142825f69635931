"""Backports that must not go in any more: drafts with a failing check, until they may again.

What a backport is to be follows from the facts alone: labels, decisions, reverts. So it does not
matter what happened, in which order, or how often it is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from bot.core import checklist as lists
from bot.core import claim_text, config, marker, policy
from bot.core.checklist import Checklist, Row
from bot.core.commands import Gated, Reverted, Unclaimed
from bot.core.config import Configuration
from bot.core.errors import UserError
from bot.core.gate_verdict import Proposal
from bot.core.model import Comment, LabelEvent, PullRequest, Repository, Target, Timeline
from bot.core.policy import Answer, Snapshot, Standing
from bot.core.reverts import Revert, reverting
from bot.engine import durable, evidence, gating, messages, register, report, saying
from bot.engine.durable import Json
from bot.engine.exception import Remark, usable
from bot.engine.world import github, world
from bot.mirror_ports import Mirror

_HEADS = "refs/heads/"
_LONGEST_CHAIN = 20  # reverts of reverts that are followed
_REPOSITORY = TypeAdapter(Repository)


@dataclass(frozen=True, slots=True)
class Weighed:
    """An open backport pull request, and why it is held back: empty for not at all."""

    pull: int
    series: str
    why: str


async def carry_out(command: Unclaimed) -> None:
    """Look at the backports of a pull request from which a label was taken."""
    decided = await durable.step("is decided", _is_decided, command, returns=bool)
    if decided:
        await reconsider(command.repository, command.pull)


async def follow(command: Reverted) -> None:
    """Look at the backports of what was reverted on the default branch, or brought back."""
    found = await durable.step("find sources", _sources, command, returns=tuple[int, ...])
    await _ask(command.repository, found)


async def reconsider_commit(repository: Repository, commit: str) -> None:
    """Have the backports of a commit looked at, because what was decided on it has changed.

    Those that people made are judged anew. Not to be called inside a step.
    """
    await gating.renew(repository, commit)
    found = await durable.step(
        "find pull requests", _pulls_of, repository, (commit,), returns=tuple[int, ...]
    )
    await _ask(repository, found)


async def _ask(repository: Repository, numbers: tuple[int, ...]) -> None:
    for number in numbers:
        key = f"{repository.id}:{number}"
        job = {"repository": _REPOSITORY.dump_python(repository), "pull": number}
        name = f"reconsider:{messages.own_id()}:{number}"
        await durable.spawn(looked_at, name, job, queue="branches", partition=key)


@durable.workflow("reconsider")
async def looked_at(job: Json) -> None:
    """Look at the backports of one pull request, while no command for it is under way."""
    await reconsider(_REPOSITORY.validate_python(job["repository"]), job["pull"])


async def reconsider(repository: Repository, number: int) -> None:
    """Bring each open backport of a pull request to what it is to be now."""
    weighed = await durable.step("weigh", _weigh, repository, number, returns=tuple[Weighed, ...])
    for one in weighed:
        what = "hold back" if one.why else "let go"
        changed: Proposal | None = await durable.step(
            f"{what} {one.series}", _settle, repository, one, returns=Proposal | None
        )
        if changed:
            await gating.carry_out(Gated(repository, changed))
    if weighed:
        await durable.step("show held back", _show, repository, number, weighed, returns=None)


async def _is_decided(command: Unclaimed) -> bool:
    """Tell from the register alone whether anything can hang on a label."""
    repository = command.repository
    here = await register.decisions_at(repository.id, command.pull)
    return bool(here) or bool(
        command.commit and await register.decisions_for(repository.id, command.commit)
    )


async def _sources(command: Reverted) -> tuple[int, ...]:
    """Find the pull requests that are concerned: a revert of a revert is about the first commit."""
    repository, ref = command.repository, _HEADS + command.branch
    _, decisions = await register.everything(repository.id)
    if not decisions:
        return ()
    async with world().mirrors.open(repository) as mirror:
        await mirror.fetch(await github(repository).token(), (ref,))
        roots = [await _roots(mirror, name, command.branch) for name in command.commits]
    commits = [sha for found in roots for sha in found]
    if command.forced:
        commits += [one.decision.commit for one in decisions]
    return await _pulls_of(repository, tuple(dict.fromkeys(commits)))


async def _roots(mirror: Mirror, name: str, branch: str) -> list[str]:
    """Follow a revert down to the commits that are no reverts themselves."""
    waiting, found = [name], dict[str, None]()
    for _ in range(_LONGEST_CHAIN):
        if not waiting:
            break
        sha = await mirror.on_branch(waiting.pop(), branch)
        undone = await mirror.reverts(f"{sha}^", sha) if sha else ()
        waiting += [one for revert in undone for one in revert.undoes]
        if sha and not undone:
            found[sha] = None
    return list(found)


async def _pulls_of(repository: Repository, commits: tuple[str, ...]) -> tuple[int, ...]:
    found = [one for sha in commits for one in await register.decisions_for(repository.id, sha)]
    return tuple(dict.fromkeys(one.pull for one in found))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What decides about the backports of one pull request."""

    pull: PullRequest
    configuration: Configuration
    timeline: Timeline
    known: policy.Evidence
    revert: Revert | None


async def _weigh(repository: Repository, number: int) -> tuple[Weighed, ...]:
    """Read the facts once, and judge each open backport by them."""
    api = github(repository)
    timeline = await api.timeline(number)
    checklist = await _checklist(repository, number, timeline)
    rows = [row for row in checklist.rows if _is_open(row)] if checklist else []
    if checklist is None or not rows:
        return ()
    try:
        configuration = await usable(api, repository)
    except UserError as error:
        return tuple(Weighed(row.pull or 0, row.series, error.message) for row in rows)
    if configuration.exception is None:
        return ()
    pull = await api.pull(number)
    known = await evidence.known(repository, pull, timeline.comments)
    revert = await _revert(repository, pull, checklist)
    facts = _Facts(pull, configuration, timeline, known, revert)
    return tuple(Weighed(row.pull or 0, row.series, _why(facts, row)) for row in rows)


async def _checklist(repository: Repository, number: int, timeline: Timeline) -> Checklist | None:
    said: tuple[Comment, ...] | None = timeline.comments
    if said is None:
        said = await github(repository).comments(number)
    comment = marker.find(said, lists.KIND)
    return lists.read(comment.body) if comment else None


def _is_open(row: Row) -> bool:
    return row.pull is not None and not row.merged and not row.closed


async def _revert(repository: Repository, pull: PullRequest, checklist: Checklist) -> Revert | None:
    """Find on the source's branch what takes its commits back."""
    async with world().mirrors.open(repository) as mirror:
        ref, last = _HEADS + pull.base_branch, checklist.sources[-1]
        refs = await mirror.fetch(await github(repository).token(), (ref,))
        if await mirror.on_branch(last, pull.base_branch) is None:
            return Revert("", (last,))
        merged = (pull.merge_commit_sha,) if pull.merge_commit_sha else ()
        found = await mirror.reverts(f"{checklist.sources[0]}^", refs[ref])
        return reverting((*checklist.sources, *merged), found)


def _why(facts: _Facts, row: Row) -> str:
    """Say why a backport is held back, empty where it may go in."""
    number, branch = facts.pull.number, facts.pull.base_branch
    if facts.revert and not facts.revert.sha:
        return f"The commit {facts.revert.undoes[0][:12]} is no longer on {branch}."
    if facts.revert:
        return f"#{number} was reverted on {branch} by {facts.revert.sha[:12]}."
    claim = LabelEvent(0, "", "")
    snapshot = Snapshot(
        *(facts.pull, claim, facts.configuration, Standing("", None, None)),
        *((Target(row.branch, row.series),), facts.known),
    )
    verdict = policy.decided_for(snapshot, snapshot.targets[0])
    if verdict.answer is not Answer.YES:
        return " ".join([verdict.why, *facts.known.problems])
    off = _taken_off(facts, row.series)
    return f"{off.actor} took the label “{off.label}” off #{number}." if off else ""


def _taken_off(facts: _Facts, series: str) -> LabelEvent | None:
    """Give the label of a series that a person took off, if none that claims it is on."""
    configuration = facts.configuration

    def claims(label: str) -> bool:
        own = config.label_fits(configuration.label.replace("{series}", series), label)
        return own and configuration.label_matches(label)

    if any(claims(event.label) for event in facts.timeline.labels):
        return None
    return next((event for event in facts.timeline.taken_off if claims(event.label)), None)


async def _settle(repository: Repository, one: Weighed) -> Proposal | None:
    """Hold one backport back, or let it go, and give it as it is then; None where all is well."""
    pull = await github(repository).pull(one.pull)
    if not pull.is_open or not (one.why or claim_text.reason(pull.body)):
        return None
    body = await (_hold_back(repository, pull, one.why) if one.why else _let_go(repository, pull))
    return Proposal(
        pull=pull.number,
        branch=pull.base_branch,
        default_branch=pull.default_branch,
        head_sha=pull.head_sha,
        title=pull.title,
        body=body,
        labels=pull.labels,
        source=marker.source_of(body),
        ours=True,
    )


async def _hold_back(repository: Repository, pull: PullRequest, why: str) -> str:
    """Write down first what it was, so that a second try cannot forget it; give the new text."""
    api = github(repository)
    ready = not pull.draft or claim_text.was_ready(pull.body)
    body = claim_text.held_back(pull.body, why, was_ready=ready)
    if body != pull.body:
        await api.update_pull(pull.number, body=body)
    if not pull.draft:
        await api.set_draft(pull, draft=True)
    remark = Remark(claim_text.WITHDRAWN, claim_text.withdrawn(why))
    await saying.say_once(repository, pull.number, remark)
    return body


async def _let_go(repository: Repository, pull: PullRequest) -> str:
    """Take it all back; what it was is forgotten last. Give the new text."""
    api, ready = github(repository), claim_text.was_ready(pull.body)
    if ready and pull.draft:
        await api.set_draft(pull, draft=False)
    remark = Remark(claim_text.WITHDRAWN, claim_text.recovered(ready=ready))
    await saying.say_once(repository, pull.number, remark)
    body = claim_text.let_go(pull.body)
    await api.update_pull(pull.number, body=body)
    return body


async def _show(repository: Repository, number: int, weighed: tuple[Weighed, ...]) -> None:
    held = {one.pull: bool(one.why) for one in weighed}

    def change(row: Row) -> Row:
        return replace(row, held_back=held.get(row.pull or 0, row.held_back))

    await report.amend(repository, number, lambda old: old.changed(change))
