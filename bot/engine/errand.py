"""What is to be proved: one head commit of one backport, against the branch that it goes to."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.model import Repository, TestPlan


@dataclass(frozen=True, slots=True)
class Errand:
    """One proof to be made.

    `onto` is a commit of the target branch: where the head commit forked from it, the branch is
    taken as it stood. `drift` says how the backport differs from main in size. `asked` names the
    request for one more proof of the same commit; it is empty for the first.
    """

    repository: Repository
    branch: str
    series: str
    head_branch: str
    sha: str
    onto: str
    plan: TestPlan
    drift: str = ""
    asked: str = ""

    @property
    def workflow_id(self) -> str:
        """Name the proof, so that it is made once."""
        return f"test:{self.key}"

    @property
    def key(self) -> str:
        """Tell this proof from all others."""
        parts = (str(self.repository.id), self.branch, self.sha, self.asked)
        return ":".join(part for part in parts if part)
