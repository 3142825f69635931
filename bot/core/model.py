"""The facts and results that pass between the layers, all frozen.

Everything here survives a trip through JSON (pydantic's `TypeAdapter` does it), because durable
steps record what they return.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.finding import Finding


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on GitHub, and the installation through which we may act on it."""

    installation: int
    id: int
    owner: str
    name: str

    @property
    def full_name(self) -> str:
        """Give `owner/name`."""
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as GitHub shows it at one moment.

    `merged_by` is empty and `merged_at` None before the merge.
    """

    number: int
    title: str
    body: str
    url: str
    is_open: bool
    merged: bool
    merge_commit_sha: str | None
    created_at: datetime
    commits: int
    comments: int
    labels: tuple[str, ...]
    milestone: int | None
    base_branch: str
    default_branch: str
    head_branch: str
    head_sha: str
    locked: bool
    archived: bool
    draft: bool = False
    node_id: str = ""
    merged_by: str = ""
    merged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewPull:
    """A pull request to be opened; `head` is a branch of the repository itself."""

    title: str
    body: str
    head: str
    base: str
    draft: bool = False


@dataclass(frozen=True, slots=True)
class PullRef:
    """The little that is kept of a pull request which we opened or found."""

    number: int
    url: str
    is_open: bool
    merged: bool
    head_sha: str
    draft: bool = False
    node_id: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """The little that is kept of an issue; a pull request is one too."""

    number: int
    url: str
    is_open: bool
    body: str = ""


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """One `labeled` entry of a pull request's timeline: who set which label."""

    id: int
    label: str
    actor: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a pull request; `by_bot` is true for GitHub Apps and bot accounts."""

    id: int
    author: str
    by_bot: bool
    body: str
    url: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Labels that are on now, with who set each, and the comments in order.

    `comments` is None where this GitHub does not list comments in its timeline. `taken_off` are the
    labels that a person took off, with who did; what a bot does to a label leaves that as it was.
    """

    labels: tuple[LabelEvent, ...]
    comments: tuple[Comment, ...] | None
    taken_off: tuple[LabelEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class CommitSummary:
    """A commit of a pull request, with what survives a rebase: author, author date, message.

    `committer_email` is that of who wrote it down last, empty where that is unknown.
    """

    sha: str
    author_name: str
    author_email: str
    author_date: datetime
    message: str
    committer_email: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """One branch that the fix shall be brought to."""

    branch: str
    series: str


class Outcome(StrEnum):
    """What came of one pick."""

    PICKED = "picked"
    ALREADY_THERE = "already_there"
    CONFLICT = "conflict"
    MISSING = "missing"
    NOTHING_TO_PICK = "nothing_to_pick"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A path that git could not merge, in words: `contents: 1 hunk`, `modify/delete: …`.

    `hunks` are first and last line, from 1, of each conflict in the file with its markers.
    """

    path: str
    reason: str
    hunks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """A path that git could not merge and a named rule could."""

    path: str
    by: str


@dataclass(frozen=True, slots=True)
class Pick:
    """The result of bringing the source commits on to one commit.

    `tree` and `commit` are 40-hex object names and given for `picked`; for `already_there` they
    are those of the commit picked on to; `detail` is one sentence for a person. A conflict has a
    `partial` commit, in which git's markers stand. `findings` are what the gate says of a pick.
    """

    outcome: Outcome
    tree: str | None = None
    commit: str | None = None
    conflicts: tuple[Conflict, ...] = ()
    resolved: tuple[Resolution, ...] = ()
    detail: str = ""
    partial: str | None = None
    findings: tuple[Finding, ...] = ()


GUESSES = frozenset({"adjacent", "imports", "tokens"})
"""The resolvers that are right most of the time, and not always."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Which rules may settle what git cannot merge, and how release notes are written.

    `enabled` holds names of resolvers; `notes` is the name of a style, empty for none.
    """

    enabled: frozenset[str] = frozenset()
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a picked commit is written down.

    The prefix is put before the subject; `trailer` is a template with `{sha}` that becomes the
    last paragraph of each picked commit. The committer's date is that of the source commit, so
    that picking again gives the same object name.
    """

    subject_prefix: str
    trailer: str
    committer_name: str
    committer_email: str


class PushState(StrEnum):
    """What became of one head branch."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    KEPT = "kept"  # an earlier pick of ours stands there; left alone
    FOREIGN = "foreign"  # it holds a commit that we did not make; left alone
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Push:
    """The result of pushing one head branch; `sha` is what stands there now, if anything."""

    state: PushState
    sha: str | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TestPlan:
    """What to run on a tree, as configured for one branch.

    `labels` choose the tests that prove a fix, `regression` the wider set beside them. `python`
    lists interpreter versions in order of preference (`"3.10"`); `substitute` lets another one
    take their place. `test_paths` are the folders (`tests/`) and globs that hold tests. `results`
    is `auto`, `junit` (that file is a must) or `exit` (the exit status alone counts). `timeout` is
    in seconds. `{python}`, `{tree}` and `{labels}` in `command` are filled in; `{tree}` also in
    `env`. `backend` is `sandbox`, or `actions`, where `workflow` is the name of the file and
    `deadline` the seconds within which its result is to come.
    """

    __test__ = False

    command: tuple[str, ...]
    labels: tuple[str, ...]
    python: tuple[str, ...]
    requirements: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    timeout: float
    regression: tuple[str, ...] = ()
    substitute: bool = True
    test_paths: tuple[str, ...] = ()
    results: str = "auto"
    allow_weak: bool = False
    backend: str = "sandbox"
    workflow: str = ""
    deadline: float = 0.0


class Conclusion(StrEnum):
    """How a test run ended, in the words of GitHub's check runs."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"
    TIMED_OUT = "timed_out"


class TestOutcome(StrEnum):
    """What became of one test; a test fails where one of its parts does."""

    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test of a run; `path` and `line` (from 1) are where in the tree it failed, if known."""

    __test__ = False

    id: str
    outcome: TestOutcome
    path: str = ""
    line: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class TestReport:
    """What a test run showed; `seconds` is wall time, counts are None where unknown.

    `output` is all that was kept of the output, `tail` its end. `results` has every test by its id,
    None where the ids are unknown. `completed` is true where
    the command came to its own end. `unsound` is true where the run says nothing about the tests:
    none ran, a result file is missing, or it contradicts itself; it is compared with no other.
    """

    __test__ = False

    conclusion: Conclusion
    title: str
    ran: int | None = None
    failed: int | None = None
    skipped: int | None = None
    seconds: float = 0.0
    interpreter: str = ""
    sandbox: str = ""
    command: str = ""
    tail: str = ""
    notes: tuple[str, ...] = field(default=())
    results: tuple[TestResult, ...] | None = None
    completed: bool = False
    unsound: bool = False
    output: str = ""
