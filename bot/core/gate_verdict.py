"""The verdict of the policy gate on one pull request: a line on the policy, four on the form."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core import gate_form, phases
from bot.core.gate_policy import Fix, Known, Line, Standard, admitted
from bot.core.model import CommitSummary
from bot.core.phases import FixClass


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pull request to a branch, as GitHub shows it at one moment.

    `source` is the pull request that it backports, where it is one of `ours`.
    """

    pull: int
    branch: str
    default_branch: str
    head_sha: str
    title: str
    body: str
    labels: tuple[str, ...]
    source: int | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What else is known of it: its commits, and the decisions that are in force.

    `labels` are those of the source pull request. `claim` says which label let one of ours in,
    `withdrawn` in one sentence why it holds no longer.
    """

    commits: tuple[CommitSummary, ...]
    decisions: tuple[Known, ...] = ()
    labels: tuple[str, ...] = ()
    claim: str = ""
    withdrawn: str = ""


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """All lines of one verdict, the one on the policy first; each must hold."""

    lines: tuple[Line, ...]

    @property
    def passed(self) -> bool:
        """Tell whether every line holds."""
        return all(line.holds for line in self.lines)

    @property
    def headline(self) -> str:
        """Give the verdict in some words, of the first line that fails, if any does."""
        failing = [line for line in self.lines if not line.holds]
        return (failing or list(self.lines))[0].headline


def judge(proposal: Proposal, evidence: Evidence, standard: Standard) -> GateVerdict:
    """Judge a pull request to a target branch."""
    configuration, commits = standard.configuration, evidence.commits
    series = configuration.series(proposal.branch)
    prefix = configuration.recipe_for(series, proposal.default_branch).subject_prefix
    fix = fix_of(proposal, evidence, standard)
    fix_class = fix.reading.fix_class
    lines = [
        admitted(fix, standard, evidence.decisions),
        gate_form.titled(proposal.title, prefix),
        gate_form.subjects(commits, prefix),
        gate_form.sourced(
            commits, configuration, proposal.default_branch, _excused(proposal, fix_class)
        ),
    ]
    if configuration.ticket_url:
        lines.append(gate_form.ticketed(proposal.title, commits, fix_class))
    return GateVerdict(tuple(lines))


def fix_of(proposal: Proposal, evidence: Evidence, standard: Standard) -> Fix:
    """Give what is known of the fix that a pull request brings."""
    labels = (*proposal.labels, *evidence.labels)
    texts = [proposal.body, *(commit.message for commit in evidence.commits)]
    return Fix(
        branch=proposal.branch,
        series=standard.configuration.series(proposal.branch),
        reading=phases.read_class(labels, "\n\n".join(texts), standard.prefix),
        sources=gate_form.copied(evidence.commits, standard.configuration),
        number=proposal.source,
        whole=not proposal.ours,
        claim=evidence.claim,
        withdrawn=evidence.withdrawn,
    )


def _excused(proposal: Proposal, fix_class: FixClass | None) -> str:
    """Say why a commit need not be a copy, empty where it must."""
    if fix_class is FixClass.SECURITY:
        return "a security fix is committed to each branch at once."
    return gate_form.branch_only(proposal.body)
