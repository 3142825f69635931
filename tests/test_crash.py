"""The service dies in the middle, and its next start finishes the work as if nothing had been."""

from __future__ import annotations

import asyncio
import re
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from devkit.github import Fault
from tests.small_case import Case, small_case
from tests.waiting import until

pytestmark = pytest.mark.timeout(600)  # a busy machine needs minutes for the largest

_REPO = "/repos/{owner}/{repo}"
_GIT = "/{owner}/{repo}.git"
API = {
    "POST /app/installations/{installation_id}/access_tokens": 1,
    f"GET {_REPO}/contents/{{path}}": 1,
    f"GET {_REPO}/pulls/{{pull_number}}": 1,
    f"GET {_REPO}/issues/{{issue_number}}/timeline": 1,
    "GET /orgs/{org}/teams/{team_slug}/memberships/{username}": 1,
    f"POST {_REPO}/pulls": 3,
    f"PATCH {_REPO}/issues/{{issue_number}}": 3,
    f"POST {_REPO}/pulls/{{pull_number}}/requested_reviewers": 3,
    f"POST {_REPO}/issues/{{issue_number}}/comments": 4,
    f"POST {_REPO}/check-runs": 3,
    f"PATCH {_REPO}/check-runs/{{check_run_id}}": 6,
    f"GET {_REPO}/issues/comments/{{comment_id}}": 1,
    f"PATCH {_REPO}/issues/comments/{{comment_id}}": 1,
}
"""Every call of the path, and how often it is made."""

GIT = {
    f"GET {_GIT}/info/refs": 2,
    f"POST {_GIT}/git-upload-pack": 2,
    f"POST {_GIT}/git-receive-pack": 1,
}
"""The same for the requests of git: one fetch and one push."""

_AT_ONCE = 3  # services of one test; two tests run side by side
_DEAD = 120.0  # seconds; only where the moment never comes are they needed
_STOPPED = 30.0  # seconds; ten are promised, on a machine that is not busy


@dataclass(frozen=True, slots=True)
class Blow:
    """The moment of a death: at the nth request of a kind, handled by then or not."""

    call: str
    nth: int
    fault: Fault

    def prepare(self, case: Case, then: Callable[[], object]) -> None:
        """Have it strike."""
        method, _, template = self.call.partition(" ")
        template = template.replace("{path}", ".github/stablehand.toml")
        path = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
        case.github.faults.add(self.fault, method=method, path=f"^{path}$", nth=self.nth)
        case.github.faults.when_struck = then


def _blows(call: str) -> list[Blow]:
    """List the moments of one kind.

    What only reads is the same to GitHub handled or not; what writes, before it is handled, is
    the same as the end of what came before it, but for what the service has noted down.
    """
    times = (API | GIT)[call]
    handled = [Blow(call, nth + 1, Fault.DROP_AFTER) for nth in range(times)]
    return handled if call.startswith("GET") else [Blow(call, 1, Fault.DROP_BEFORE), *handled]


async def _killed(folder: Path, blow: Blow, turn: asyncio.Semaphore) -> None:
    async with turn, small_case(folder / f"{blow.fault.name}-{blow.nth}") as case:
        blow.prepare(case, case.service.kill)
        case.label()
        await _raised(case)
        await case.settled()
        case.verify()


async def _raised(case: Case) -> None:
    """Wait for the death of the service and start it again."""
    async with asyncio.timeout(_DEAD):
        assert await case.service.ended() == -signal.SIGKILL
    await case.service.start()


@pytest.mark.parametrize("call", [*API, *GIT])
async def test_killed_at_a_request(tmp_path: Path, call: str) -> None:
    """Killed before GitHub does what is asked or after, the next start does everything once."""
    turn = asyncio.Semaphore(_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for blow in _blows(call):
            group.create_task(_killed(tmp_path, blow, turn), name=str(blow))


async def test_every_request_is_a_moment_to_die(tmp_path: Path) -> None:
    """The path makes just the requests at which the service is killed, each as often."""
    async with small_case(tmp_path) as case:
        case.label()
        await case.settled()
        case.verify()
        calls = case.github.count()
        calls.pop("GET /app/hook/deliveries", None)  # the periodic repair, on a slow machine
        assert calls == Counter(API)
        assert case.github.git_operations == {"fetch": 1, "push": 1}


async def test_killed_again_and_again(tmp_path: Path) -> None:
    """However often it is killed, also while it takes up its work again, all is done once."""
    calls = (
        f"POST {_GIT}/git-receive-pack",
        f"POST {_REPO}/pulls",
        f"POST {_REPO}/check-runs",
        f"POST {_REPO}/pulls",
        f"POST {_REPO}/issues/{{issue_number}}/comments",
        f"PATCH {_REPO}/check-runs/{{check_run_id}}",
    )
    async with small_case(tmp_path) as case:
        for call in calls:
            Blow(call, 1, Fault.DROP_AFTER).prepare(case, case.service.kill)
        case.label()
        for _ in calls:
            await _raised(case)
        await case.settled()
        case.verify()


async def test_killed_between_the_answer_and_the_work(tmp_path: Path) -> None:
    """What was answered with 202 is done, though the service dies before it begins."""
    async with small_case(tmp_path) as case:
        case.label()
        await case.github.webhooks.idle()
        case.service.kill()
        assert case.github.webhooks.deliveries[-1].status_code == 202
        await _raised(case)
        await case.settled()
        case.verify()


async def test_killed_while_tests_run(tmp_path: Path) -> None:
    """No process of the sandbox outlives the service, and the tests run again to their end."""
    async with small_case(tmp_path, seconds=3) as case:
        case.label()
        await until(lambda: "/venv/bin/python" in _programs_with(case.module))
        case.service.kill()
        await case.service.ended()
        await until(lambda: "/venv/bin/python" not in _programs_with(case.module))
        await case.service.start()
        await case.settled()
        case.verify()
        assert not _programs_with(case.module)


@pytest.mark.parametrize("runs", [0, 1, 2])
async def test_killed_in_each_run_of_a_proof(tmp_path: Path, runs: int) -> None:
    """Whichever run of a proof it dies in, nothing of it is left, and it is made again, once."""
    async with small_case(tmp_path, seconds=3) as case:
        case.label()
        await until(lambda: _runs_kept(case) == [runs] and _is_testing(case))
        case.service.kill()
        await _raised(case)
        await case.settled()
        case.verify()
        assert _left_by(case) == []
        assert _runs_kept(case) == [runs, 3]


def _runs_kept(case: Case) -> list[int]:
    """Count the runs in the logs of the proofs for 4.1.x, the shortest first."""
    logs = [log.read_text() for log in (case.service.data / "logs").glob("*.txt")]
    kept = [re.findall(r"^===== (?:base|red|green): ", log, re.MULTILINE) for log in logs]
    return sorted(len(runs) for runs, log in zip(kept, logs, strict=True) if "stable/4.1.x" in log)


def _left_by(case: Case) -> list[str]:
    """Give what is left of the case's proofs on this machine: processes, trees, mounts."""
    trees = Path("/dev/shm").glob(f"stablehand-*/*/{case.module}.py")  # noqa: S108 - where trees are
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    mounted = [line for line in mounts if str(case.service.data) in line]
    return [*_programs_with(case.module), *map(str, trees), *mounted]


def _is_testing(case: Case) -> bool:
    return "/venv/bin/python" in _programs_with(case.module)


async def test_killed_while_a_sandbox_is_set_up(tmp_path: Path) -> None:
    """What a half-made sandbox leaves behind is ended at the next start."""
    async with small_case(tmp_path) as case:
        case.label()
        await until(lambda: bool(_programs_with(case.module)))
        case.service.kill()
        await _raised(case)
        await case.settled()
        case.verify()
        assert not _programs_with(case.module)


@pytest.mark.parametrize(
    "blow",
    [
        Blow(f"POST {_GIT}/git-receive-pack", 1, Fault.DROP_AFTER),
        Blow(f"POST {_REPO}/pulls", 2, Fault.DROP_AFTER),
        Blow(f"PATCH {_REPO}/issues/{{issue_number}}", 1, Fault.HANG),
        Blow(f"PATCH {_REPO}/check-runs/{{check_run_id}}", 1, Fault.DROP_BEFORE),
    ],
    ids=["pushing", "opening", "waiting for GitHub", "testing"],
)
async def test_told_to_stop_in_the_middle(tmp_path: Path, blow: Blow) -> None:
    """Told to stop, even while GitHub hangs, it ends in time, and the next start goes on."""
    async with small_case(tmp_path) as case:
        struck = asyncio.Event()
        blow.prepare(case, struck.set)
        case.label()
        await struck.wait()
        async with asyncio.timeout(_STOPPED):
            assert await case.service.stop(signal.SIGTERM) == 0
        await case.service.start()
        await case.settled()
        case.verify()


async def test_told_to_stop_while_tests_run(tmp_path: Path) -> None:
    """Told to stop, it stops the tests in time, and the next start runs them to their end."""
    async with small_case(tmp_path, seconds=6) as case:
        case.label()
        await until(lambda: bool(_programs_with(case.module)))
        async with asyncio.timeout(_STOPPED):
            assert await case.service.stop(signal.SIGTERM) == 0
        assert not _programs_with(case.module)
        await case.service.start()
        await case.settled()
        case.verify()


def _programs_with(word: str) -> list[str]:
    """Give the programs running on this machine whose command line holds a word."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
            if word in command:
                found.append(command.partition("\0")[0])
    return found
