"""The check run of a proof: queued, in progress, with rows while it takes long, completed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from bot.core import check, marker
from bot.core.errors import Transient, UserError
from bot.core.proof import Proof, StageRow
from bot.engine import durable
from bot.engine.errand import Errand
from bot.engine.proving import on_lines
from bot.engine.world import github
from bot.ports import Check

# Between two looks at a proof under way, in seconds. A clean backport has all its results before,
# so that it costs no request; the longest proof costs five.
_PAUSE = 30.0
_PATIENCE = 10.0  # seconds that tests wait for GitHub to take a row


async def queue(errand: Errand, fresh: bool) -> int:  # noqa: FBT001 - steps pass by position
    """Create the check run, and give its id; only a `fresh` commit can have none of ours yet."""
    api, state = github(errand.repository), queued(errand)
    if not (fresh and durable.first_time()):
        found = await api.find_check(state.head_sha, state.name, state.external_id)
        if found is not None:
            return found
    return await api.create_check(state)


def queued(errand: Errand) -> Check:
    """Give the check run's first state; its external id finds it again."""
    return Check(
        name=check.name(errand.series),
        head_sha=errand.sha,
        external_id=f"{marker.PROOF}{errand.key}",
        status="queued",
        title="Waiting for a free place",
        summary="The tests start as soon as a worker is free.",
    )


def begun(errand: Errand) -> Check:
    """Give the state in which tests run and none has ended."""
    return replace(
        queued(errand),
        status="in_progress",
        title="The tests are running",
        summary="The result follows.",
    )


def ended(errand: Errand, proof: Proof) -> Check:
    """Give the last state."""
    return replace(
        queued(errand),
        status="completed",
        conclusion=proof.conclusion.value,
        title=proof.title,
        summary=check.summary(proof),
        text=check.text(proof),
        annotations=on_lines(proof),
        details=proof.log,
    )


class Progress:
    """Shows the rows of a proof under way, now and then; it may fail, and nothing is lost."""

    def __init__(self, errand: Errand, check_id: int, log: str, *, pause: float = _PAUSE) -> None:
        self._errand, self._check_id, self._log = errand, check_id, log
        self._pause = pause
        self._shown = time.monotonic()

    async def tell(self, rows: Sequence[StageRow]) -> None:
        """Show what has come so far, if nothing was shown for long enough."""
        if time.monotonic() - self._shown < self._pause:
            return
        api = github(self._errand.repository)
        state = replace(begun(self._errand), summary=check.progress(rows), details=self._log)
        with suppress(UserError, Transient, TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await api.update_check(self._check_id, state)
        self._shown = time.monotonic()
