"""`make demo`: a council lets a merged fix in, and all that follows, on real Django trees.

`KEEP=1` leaves everything running at the end; `DJANGO=/path/to/clone` takes a real clone. The exit
code is 0 only where the outcome is what it must be (`devkit.demo_verdict`).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bot.core.errors import UserError
from devkit import django, scenario
from devkit.demo_changes import changes
from devkit.demo_scene import Scene
from devkit.demo_stage import Stage, running_stage
from devkit.demo_verdict import (
    OPENED,
    RESOLVED,
    SOURCE,
    answered,
    backports,
    differences,
    said,
)
from devkit.demo_view import View
from devkit.django import DjangoRepository

LONGEST = 900.0  # seconds: a fresh machine may have to fetch interpreters first
QUIET = 0.5  # seconds after which a good outcome counts; something said twice would show by then
SILENT = 5.0  # seconds after which any other outcome counts
INTERRUPTED = 130
_STOPPING = "Stopping the service and removing all data"
_GLANCE = 0.03  # seconds between two looks
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What whoever starts the demo wants: a clone to take, and to leave it running."""

    clone: Path | None
    keep: bool


def main() -> int:
    """Play the demo and give the exit code."""
    view = View()
    clone = os.environ.get("DJANGO")
    keep = os.environ.get("KEEP", "") not in {"", "0"}
    wishes = Wishes(Path(clone).expanduser() if clone else None, keep)
    for number in _SIGNALS:
        signal.signal(number, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="stablehand-demo-") as folder:
            return _demo(Path(folder), wishes, view)
    except UserError as error:
        view.failed(error.message)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        view.failed("Interrupted")
        return INTERRUPTED


def _demo(folder: Path, wishes: Wishes, view: View) -> int:
    view.part("Preparing")
    with view.waiting("Getting the Django trees"):
        source = _source(folder / "django.git", wishes, view)
    view.step(f"Django, with the fix of ticket 34063 on main as {source.fix_sha[:10]}")
    return asyncio.run(_play(source, folder, wishes, view))


def _source(into: Path, wishes: Wishes, view: View) -> DjangoRepository:
    if wishes.clone:
        return django.from_clone(wishes.clone, into)
    return django.build(django.CACHE, into, view.step)


async def _play(source: DjangoRepository, folder: Path, wishes: Wishes, view: View) -> int:
    _stop_when_told(view)
    async with running_stage(source, folder) as stage:
        view.step(f"The local GitHub at {stage.github.url}")
        view.step(f"The service at {stage.service.url}: python -m bot serve")
        view.step(f"Pull request #{stage.case.pull.number}, merged: {stage.case.pull.title}")
        seconds = await _follow(stage, view)
        scene = stage.look()
        wrong = differences(scene)
        if not stage.alive:
            wrong = (*wrong, "The service ended by itself.")
        _sum_up(scene, seconds, view)
        view.verdict(wrong, stage.troubles() if wrong else ())
        if wishes.keep:
            view.part("Still running, until Ctrl-C")
            newest = backports(scene, OPENED[0])
            view.verbatim(stage.addresses(newest[0].head if newest else "main"))
            await _told_to_stop()
            view.step(_STOPPING)
    return 1 if wrong else 0


async def _follow(stage: Stage, view: View) -> float:
    """Ask and answer, tell what happens until it is over, and give the seconds that it took."""
    view.part("What happens")
    seen, began = stage.look(), time.monotonic()
    case, last, asked = stage.case, began, False
    scenario.ask(stage.github, case)
    with view.waiting("Waiting for what happens next"):
        while not _over(stage, seen, time.monotonic() - last) and last - began < LONGEST:
            await asyncio.sleep(_GLANCE)
            before, seen = seen, stage.look()
            if not asked and scenario.is_asked(case):
                asked = True
                scenario.answer(stage.github, case)
            for happening in changes(before, seen, stage.github.app.login):
                last = time.monotonic()
                view.happening(last - began, happening)
    return last - began


def _over(stage: Stage, scene: Scene, silence: float) -> bool:
    """Tell whether nothing more is to be expected after so many seconds of silence."""
    if silence < QUIET:
        return False
    settled = silence > SILENT and answered(scene)
    return settled or silence > LONGEST or not stage.alive or not differences(scene)


def _sum_up(scene: Scene, seconds: float, view: View) -> None:
    opened = [pull.number for branch in OPENED for pull in backports(scene, branch)]
    view.comments([one for number in (SOURCE, *opened) for one in said(scene, number)])
    for pull in (pull for branch in RESOLVED for pull in backports(scene, branch)):
        view.description(pull)
    view.part("Outcome")
    view.targets(scene)
    view.costs(scene, seconds)


def _stop_when_told(view: View) -> None:
    """Let the first signal end the demo in order; the others must not disturb that."""
    task = asyncio.current_task()

    def stop() -> None:
        if task and not task.cancelling():
            view.step(_STOPPING)
            task.cancel()

    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop)


async def _told_to_stop() -> None:
    told = asyncio.Event()
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()


if __name__ == "__main__":
    sys.exit(main())
