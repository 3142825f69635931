"""A run of a GitHub Actions workflow: which one is ours, and what it shows about a backport."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.model import Conclusion
from bot.core.proof import Proof, Stage, StageRow

EVENT = "workflow_dispatch"
SANDBOX = "GitHub Actions"
LONGEST_PAUSE = 300.0  # seconds between two looks while no webhook comes
LONGEST_ABSENCE = 600.0  # seconds after which a run that nobody has seen will not come

_NONCE = re.compile(r"\[(test:(\d+):\S+)\]$")
_GREEN_ONLY = (
    "GitHub Actions ran the tests on the backport alone, not without the fix: this shows that they "
    "pass, not that they find the bug"
)
_ENDS = {
    "success": (Conclusion.SUCCESS, "The tests passed on GitHub Actions", ""),
    "failure": (Conclusion.FAILURE, "The tests failed on GitHub Actions", ""),
    "timed_out": (Conclusion.TIMED_OUT, "GitHub Actions stopped the tests: out of time", ""),
    "startup_failure": (
        Conclusion.FAILURE,
        "The run on GitHub Actions could not start",
        "GitHub cannot use the workflow file. A committer must mend it",
    ),
    "action_required": (
        Conclusion.NEUTRAL,
        "The run on GitHub Actions waits for approval",
        "A maintainer must approve the run on GitHub, and then ask for the tests again",
    ),
    "cancelled": (
        Conclusion.NEUTRAL,
        "The run on GitHub Actions was cancelled",
        "Ask for the tests again where that was a mistake",
    ),
}
_UNSTARTED = frozenset({"queued", "requested", "pending", "waiting"})


@dataclass(frozen=True, slots=True)
class Run:
    """A run as GitHub shows it now.

    `status` and `conclusion` are in GitHub's words, the latter empty until `status` is
    `completed`. A run that somebody started again keeps its id and counts its attempts from 1.
    `by_app` is true where an App or a bot started it. `seconds` is what the newest attempt took.
    """

    id: int
    title: str
    by_app: bool
    attempt: int
    status: str
    conclusion: str
    url: str
    seconds: float

    @property
    def ended(self) -> bool:
        """Tell whether its newest attempt has ended."""
        return self.status == "completed"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a run that was asked for, in seconds."""

    deadline: float

    @property
    def pause(self) -> float:
        """Give the time between two looks while no webhook comes."""
        return min(LONGEST_PAUSE, self.deadline / 10)

    def over(self, run: Run | None, waited: float) -> bool:
        """Tell whether no more can be expected; one that was not seen is given up earlier."""
        absence = min(LONGEST_ABSENCE, self.deadline / 2)
        return waited >= (self.deadline if run else absence)


def title(nonce: str) -> str:
    """Give the title of the run that answers to a nonce, as the workflow file makes it."""
    return f"Stablehand [{nonce}]"


def nonce_of(run_title: str, repository_id: int) -> str | None:
    """Read the nonce from the title of a run; None where it is not one of this repository's."""
    found = _NONCE.search(run_title)
    return found[1] if found and int(found[2]) == repository_id else None


def answering(runs: Iterable[Run], nonce: str) -> tuple[Run, ...]:
    """Give the runs that an App started for a nonce, the first one first.

    What a person starts by hand may name any commit and carry any nonce, so it does not count.
    """
    ours = (run for run in runs if run.by_app and run.title.endswith(f"[{nonce}]"))
    return tuple(sorted(ours, key=lambda run: run.id))


def not_run(why: str) -> Proof:
    """Say that no run could be asked for."""
    return Proof(Conclusion.NEUTRAL, "Tests not run", notes=(why,), sandbox=SANDBOX)


def proof(runs: tuple[Run, ...], workflow: str, deadline: float) -> Proof:
    """Say what the runs show that answered before the deadline (seconds); the first one counts."""
    if not runs:
        return _absent(workflow)
    run = runs[0]
    conclusion, words, why = _ended(run) if run.ended else _late(run, deadline)
    return Proof(
        conclusion,
        words,
        rows=(StageRow(Stage.GREEN, words, seconds=run.seconds),),
        notes=tuple(note for note in (why, *_doubles(runs), _GREEN_ONLY) if note),
        sandbox=SANDBOX,
        log=run.url,
    )


def _absent(workflow: str) -> Proof:
    """Say that nothing came, which must not be taken for a success."""
    why = (
        f"GitHub took the order to run `{workflow}`, but no run appeared. A maintainer must look "
        "whether Actions are switched on and whether the file's `run-name` still holds the nonce"
    )
    return Proof(Conclusion.TIMED_OUT, "No CI appeared", notes=(why,), sandbox=SANDBOX)


def _ended(run: Run) -> tuple[Conclusion, str, str]:
    """Give the conclusion of a run that ended, the sentence, and who must act."""
    unknown = f"GitHub calls its end `{run.conclusion or 'unknown'}`"
    nothing = (Conclusion.NEUTRAL, "The run on GitHub Actions shows nothing", unknown)
    return _ENDS.get(run.conclusion, nothing)


def _late(run: Run, deadline: float) -> tuple[Conclusion, str, str]:
    """Say how far a run was when the deadline came."""
    if run.status in _UNSTARTED:
        why = (
            f"it was `{run.status}` for {deadline:.0f} s, which is `tests.deadline`. Whoever keeps "
            "the runners must look, or approve it"
        )
        return Conclusion.TIMED_OUT, "The run on GitHub Actions never started", why
    why = f"`tests.deadline` is {deadline:.0f} s; the run goes on without us"
    return Conclusion.TIMED_OUT, "The run on GitHub Actions did not end in time", why


def _doubles(runs: tuple[Run, ...]) -> list[str]:
    """Say which one counts where there were several runs, or attempts of one."""
    notes = []
    if len(runs) > 1:
        notes.append(f"GitHub started {len(runs)} runs for this; the first one counts")
    if runs[0].attempt > 1:
        notes.append(f"the run was started again; attempt {runs[0].attempt} counts")
    return notes
