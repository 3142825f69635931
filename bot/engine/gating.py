"""The check run “Backport policy” on each pull request to a target branch.

A run takes three requests at most: the configuration, the commits of a head that is new, and the
check run. What cannot be read is no reason to let anything in: the check fails, or is missing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.core import (
    claim_text,
    commands,
    gate_form,
    gate_scope,
    gate_text,
    gate_verdict,
    markdown,
    marker,
    pull_text,
)
from bot.core import decision as decisions
from bot.core.commands import GateAsked, Gated
from bot.core.config import BOT_EMAIL, BOT_NAME
from bot.core.errors import UserError
from bot.core.gate_policy import Known, Standard
from bot.core.gate_scope import Broken
from bot.core.gate_verdict import Evidence, Proposal
from bot.core.model import CommitSummary, Repository
from bot.core.pull_text import Source
from bot.engine import durable, gate_book, last_seen, register
from bot.engine.durable import Json
from bot.engine.exception import Job
from bot.engine.gate_book import Entry
from bot.engine.opening import Opened
from bot.engine.world import github, world
from bot.ports import Check


@dataclass(frozen=True, slots=True)
class _Said:
    """What a check run shows: its conclusion, title and summary."""

    conclusion: str
    title: str
    summary: str

    @property
    def whole(self) -> str:
        """Give all of it as one text, by which two are compared."""
        return f"{self.conclusion}\n{self.title}\n{self.summary}"


async def carry_out(command: Gated) -> None:
    """Judge a pull request that was opened or changed."""
    await durable.step("gate", _gate, command, returns=None)


async def asked(command: GateAsked) -> None:
    """Judge a pull request once more, as it was known last; its own events tell what changed."""
    known: Entry | None = await durable.step(
        "known", gate_book.find, command.repository.id, command.pull, returns=Entry | None
    )
    if known:
        await carry_out(Gated(command.repository, known.proposal))


async def renew(repository: Repository, commit: str, source: int = 0) -> None:
    """Judge the pull requests again that copy a commit on which a decision was taken.

    `commit` is its full name; `source` adds our own backports of a pull request. Not to be called
    inside a step: each is judged by a workflow of its own, after what happens to it now.
    """
    again: Renewal = await durable.step(
        "gates to renew", _waiting, repository, commit, source, returns=Renewal
    )
    await judge_again(repository, again.proposals, again.nonce)


async def judge_again(repository: Repository, proposals: Iterable[Proposal], occasion: str) -> None:
    """Have pull requests judged by workflows of their own, once for each occasion."""
    for proposal in proposals:
        await durable.spawn(
            gate,
            f"gate:{repository.id}:{proposal.pull}:{occasion}",
            {"command": commands.dump([Gated(repository, proposal)])},
            queue="branches",
            partition=f"{repository.id}:{proposal.pull}",
        )


@dataclass(frozen=True, slots=True)
class Renewal:
    """Pull requests that are to be judged again, and what tells this time from another."""

    nonce: str
    proposals: tuple[Proposal, ...]


@durable.workflow("gate")
async def gate(job: Json) -> None:
    """Judge one pull request again."""
    (command,) = commands.load(job["command"])
    if isinstance(command, Gated):
        await carry_out(command)


async def first(job: Job, opened: Opened, source: Source) -> None:
    """Judge a backport that we just opened by what is known already, which takes one request."""
    standard = gate_scope.of(job.configuration, world().clock().date())
    if standard is None:
        return
    proposal = Proposal(
        pull=opened.number,
        branch=opened.target.branch,
        default_branch=job.pull.default_branch,
        head_sha=opened.head_sha,
        title=pull_text.title(source, opened.target, job.configuration),
        body=pull_text.body(source, opened.target, job.configuration),
        labels=tuple(one for one in job.pull.labels if not job.configuration.label_matches(one)),
        source=job.pull.number,
        ours=True,
    )
    claim = f"the label {markdown.code(job.label)}, set on #{job.pull.number} by {job.actor}"
    commits = await _made(job, proposal, source)
    await _judge(job.repository, proposal, Evidence(commits, claim=claim), standard)


async def _made(job: Job, proposal: Proposal, source: Source) -> tuple[CommitSummary, ...]:
    """Give the one commit as our recipe has just written it; several are read."""
    if len(source.commits) > 1:
        return await github(job.repository).pull_commits(proposal.pull)
    recipe = job.configuration.recipe(proposal.branch, job.pull.base_branch)
    trailer = recipe.trailer.replace("{sha}", source.commits[0])
    message, at = f"{proposal.title}\n\n{trailer}", job.pull.created_at
    return (CommitSummary(proposal.head_sha, BOT_NAME, BOT_EMAIL, at, message),)


async def _gate(command: Gated) -> None:
    repository, proposal = command.repository, command.proposal
    standard = await _standard(repository, proposal.branch)
    if standard is None:
        return
    known = await gate_book.find(repository.id, proposal.pull)
    same_head = known is not None and known.proposal.head_sha == proposal.head_sha
    if isinstance(standard, Broken):
        said = _Said("failure", "The configuration is broken", gate_text.broken(standard.problems))
        await _show(repository, proposal, said, known)
    elif gate_scope.is_target(standard.configuration, proposal.branch):
        before = known.evidence if known else Evidence(())
        commits = before.commits if same_head else ()
        commits = commits or await github(repository).pull_commits(proposal.pull)
        await _judge(repository, proposal, replace(before, commits=commits), standard)
    elif same_head:
        said = _Said("neutral", "No target branch", gate_text.no_target(proposal.branch))
        await _show(repository, proposal, said, known)


async def _standard(repository: Repository, branch: str) -> Standard | Broken | None:
    """Read by what is judged; a file that cannot be used speaks of the branches that it names."""
    text: str | None = ""
    found: Standard | Broken | None
    try:
        text = await github(repository).configuration()
        found = gate_scope.standard(text, repository.full_name, world().clock().date())
    except UserError as error:
        found = Broken((error.message,))
    if isinstance(found, Broken) and not gate_scope.may_be_target(text or "", branch):
        return None
    return found


async def _judge(
    repository: Repository, proposal: Proposal, evidence: Evidence, standard: Standard
) -> None:
    """Judge by the decisions in the register, show the verdict and keep what is known.

    Commits of ours that write release notes belong to a fix that was judged, and need no source.
    """
    known = await gate_book.find(repository.id, proposal.pull)
    withdrawn = claim_text.reason(proposal.body) if proposal.ours else ""
    evidence = replace(evidence, withdrawn=withdrawn)
    fixes = await _fixes(repository, evidence.commits)
    sources = gate_form.copied(fixes, standard.configuration)
    if fixes or not evidence.commits:
        said = await _verdict(repository, proposal, replace(evidence, commits=fixes), standard)
    else:
        said = _Said("success", gate_text.NOTES, gate_text.notes_alone())
    check = await _show(repository, proposal, said, known)
    passed = said.conclusion == "success"
    entry = Entry(repository, proposal, evidence, sources, passed, check, said.whole)
    await gate_book.put(entry)


async def _fixes(
    repository: Repository, commits: tuple[CommitSummary, ...]
) -> tuple[CommitSummary, ...]:
    """Leave out the commits that we made for release notes, which we know by their names alone."""
    places = [last_seen.note(one.sha) for one in commits]
    notes = await last_seen.known(repository.id, places)
    return tuple(one for one in commits if last_seen.note(one.sha) not in notes)


async def _verdict(
    repository: Repository, proposal: Proposal, evidence: Evidence, standard: Standard
) -> _Said:
    """Word the verdict; a register that cannot be trusted lets nothing in."""
    sources = gate_form.copied(evidence.commits, standard.configuration)
    try:
        holding = await in_force(repository, sources)
    except UserError as error:
        return _Said("failure", "The register cannot be trusted", error.message)
    verdict = gate_verdict.judge(proposal, replace(evidence, decisions=holding), standard)
    conclusion = "success" if verdict.passed else "failure"
    return _Said(conclusion, gate_text.title(verdict), gate_text.summary(verdict, standard))


async def in_force(repository: Repository, sources: Iterable[str]) -> tuple[Known, ...]:
    """Give the decisions that hold on some commits; raises UserError for a record that is none."""
    found = [one for sha in sources for one in await register.decisions_like(repository.id, sha)]
    known = {one.decision.digest: one for one in found}
    holding = {one.digest for one in decisions.in_force(one.decision for one in found)}
    return tuple(
        Known(one.decision, one.comment_url) for key, one in known.items() if key in holding
    )


async def _show(
    repository: Repository, proposal: Proposal, said: _Said, known: Entry | None
) -> int:
    """Create the check run, or bring the one that stands on this head up to date; give its id."""
    api = github(repository)
    standing = known if known and known.proposal.head_sha == proposal.head_sha else None
    if standing and standing.shown == said.whole:
        return standing.check
    state = Check(
        name=gate_text.NAME,
        head_sha=proposal.head_sha,
        external_id=f"{marker.POLICY}{repository.id}:{proposal.pull}",
        status="completed",
        conclusion=said.conclusion,
        title=said.title,
        summary=said.summary,
    )
    check = standing.check if standing else None
    if check is None and not durable.first_time():
        check = await api.find_check(state.head_sha, state.name, state.external_id)
    if check is None:
        return await api.create_check(state)
    await api.update_check(check, state)
    return check


async def _waiting(repository: Repository, commit: str, source: int) -> Renewal:
    entries = await gate_book.of_repository(repository.id)
    waiting = (one.proposal for one in entries if one.waits_for(commit, source))
    return Renewal(uuid.uuid4().hex, tuple(waiting))
