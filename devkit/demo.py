"""`make demo`: a council lets a merged fix in, and all that follows until it is released.

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
from devkit import django
from devkit.demo_acts import ACTS, Act
from devkit.demo_changes import changes
from devkit.demo_end import TOLD, untrue
from devkit.demo_scene import Scene
from devkit.demo_stage import Stage, running_stage
from devkit.demo_verdict import OPENED, RESOLVED, SOURCE, backports, is_checklist, said
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
        view.step(f"The service at {stage.service.url}: python -m bot serve, by a moved clock")
        view.step(f"Pull request #{stage.case.pull.number}, merged: {stage.case.pull.title}")
        began = time.monotonic()
        wrong = await _follow(stage, view)
        scene, seconds = stage.look(), time.monotonic() - began
        _sum_up(scene, view)
        view.costs(scene, seconds)
        if not wrong:
            wrong = (*untrue(stage), *await _ask_as_releaser(stage, view))
        view.verdict(wrong, stage.troubles() if wrong else ())
        if wishes.keep:
            view.part("Still running, until Ctrl-C")
            view.verbatim(stage.addresses(OPENED[0]))
            await _told_to_stop()
            view.step(_STOPPING)
    return 1 if wrong else 0


async def _follow(stage: Stage, view: View) -> tuple[str, ...]:
    """Play all days, and tell what is not as it must be at the end of one; that is the last."""
    view.part("What happens")
    began = time.monotonic()
    with view.waiting("Waiting for what happens next"):
        for act in ACTS:
            view.act(act.title)
            wrong = await _play_act(stage, view, act, began)
            if wrong:
                return wrong
    return ()


async def _play_act(stage: Stage, view: View, act: Act, began: float) -> tuple[str, ...]:
    """Play one day, tell what happens until it is over, and tell what is not as it must be."""
    seen, last = stage.look(), time.monotonic()
    playing = asyncio.create_task(act.play(stage))
    while not playing.done() or not _over(stage, act, seen, time.monotonic() - last):
        await asyncio.sleep(_GLANCE)
        before, seen = seen, stage.look()
        for happening in changes(before, seen, stage.github.app.login):
            last = time.monotonic()
            view.happening(last - began, happening)
    await playing
    ended = () if stage.alive else ("The service ended by itself.",)
    return (*act.differences(seen), *ended)


def _over(stage: Stage, act: Act, scene: Scene, silence: float) -> bool:
    """Tell whether nothing more is to be expected after so many seconds of silence."""
    if silence < QUIET:
        return False
    if silence > LONGEST or not stage.alive:
        return True
    return not stage.busy and (silence > SILENT or not act.differences(scene))


def _sum_up(scene: Scene, view: View) -> None:
    """Show what the bot said in the end, the checklist last."""
    opened = [pull.number for branch in OPENED for pull in backports(scene, branch)]
    view.comments([one for number in opened for one in said(scene, number)])
    for pull in (pull for branch in RESOLVED for pull in backports(scene, branch)):
        view.description(pull)
    view.comments(sorted(said(scene, SOURCE), key=is_checklist))
    view.part("Outcome")
    view.targets(scene)


async def _ask_as_releaser(stage: Stage, view: View) -> tuple[str, ...]:
    """Show what a releaser is told, and tell what is not as it must be in it."""
    arguments = ("release", "4.1.6", "--repository", stage.case.repository.full_name)
    code, answer = await stage.service.ask(*arguments)
    view.part(f"python -m bot {' '.join(arguments)}")
    view.verbatim(answer)
    good = code == 0 and TOLD in answer
    return () if good else (f"`release` ends with {code} and does not say: {TOLD}",)


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
