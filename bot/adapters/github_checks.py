"""Check runs: created, found again by our own id, and brought to a new state."""

from __future__ import annotations

from bot.adapters import github_payloads as payloads
from bot.adapters.github_session import InstallationSession
from bot.ports import Annotation, Check


async def create(session: InstallationSession, runs: str, check: Check) -> int:
    """Create a check run at the address of a repository's `runs` and give its id."""
    first, *rest = payloads.check_run(check, check.annotations)
    raw = await session.post(runs, {**first, "head_sha": check.head_sha})
    check_id = int(raw["id"])
    for state in rest:
        await session.patch(f"{runs}/{check_id}", state)
    return check_id


async def find(session: InstallationSession, runs: str, external_id: str) -> int | None:
    """Give the id of the newest check run of a list that carries our `external_id`."""
    found = await session.pages(runs, items="check_runs")
    return max((run["id"] for run in found if run.get("external_id") == external_id), default=None)


async def update(session: InstallationSession, run: str, check: Check) -> None:
    """Bring the check run at an address to a new state.

    Annotations that it has already are not added again.
    """
    there = await _annotations(session, run) if check.annotations else frozenset()
    fresh = [annotation for annotation in check.annotations if annotation not in there]
    for state in payloads.check_run(check, fresh):
        await session.patch(run, state)


async def _annotations(session: InstallationSession, run: str) -> frozenset[Annotation]:
    raw = await session.pages(f"{run}/annotations?per_page=100")
    return frozenset(map(payloads.annotation, raw))
