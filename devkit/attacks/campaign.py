"""All attempts as one user in one sandbox, and the tables of what came of them."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.adapters.bubblewrap import candidates
from bot.adapters.job import Strength
from devkit.attacks.inside import ATTEMPTS
from devkit.attacks.victim import SECRET, Outcome

ROOT = Path(__file__).parents[2]
MOST_ADDED = 100 * 1024  # KiB of memory that the service may grow by
WEAK_LETS = frozenset({"names", "numbers", "deleted_files"})
"""What the weak sandbox does not stop."""

_MOST_PROCESSES = 3000  # of the user that stands for an ordinary one, whatever happens
_FIRST_USER, _USERS = 2**29, 2**20
_MINUTES = 5 * 60


@dataclass(frozen=True, slots=True)
class Report:
    """What came of all attempts; `added` is by how much the service grew at most, in KiB."""

    mode: str
    outcomes: tuple[Outcome, ...]
    added: int


class UnfitError(Exception):
    """This campaign cannot be had on this machine; the message says why."""


def users() -> dict[str, int | None]:
    """Give who the service can be here; None means whoever we are."""
    if os.geteuid() != 0:
        return {"user": None}
    return {"root": None, "user": _FIRST_USER + secrets.randbelow(_USERS)}


async def campaign(
    strength: Strength, user: int | None, names: Sequence[str] = tuple(ATTEMPTS)
) -> Report:
    """Let a victim of that user run all attempts; raises UnfitError where it cannot be had."""
    python = await _interpreter(user)
    # Not under /tmp: in jobs that means the sandbox's own.
    folder = Path(tempfile.mkdtemp(prefix="stablehand-victim-", dir="/var/tmp"))
    try:
        if user is not None:
            os.chown(folder, user, user)
        said = await _run(python, (str(folder), strength, *map(str, candidates())), user, names)
    finally:
        shutil.rmtree(folder)
    first, *outcomes, last = (json.loads(line) for line in said.splitlines())
    results = tuple(Outcome(**{**one, "left": tuple(one["left"])}) for one in outcomes)
    return Report(first["mode"], results, last["added"])


async def _run(
    python: str, arguments: tuple[str, ...], user: int | None, names: Sequence[str]
) -> bytes:
    bound = () if user is None else ("prlimit", f"--nproc={_MOST_PROCESSES}", "--")
    process = await asyncio.create_subprocess_exec(
        *(*bound, python, "-m", "devkit.attacks.victim", *arguments),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "STABLEHAND_SECRET": SECRET},
        **_as(user),
    )
    try:
        async with asyncio.timeout(_MINUTES):
            said, wrong = await process.communicate(" ".join(names).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise UnfitError(wrong.decode(errors="replace").strip()[-2000:])
    return said


async def _interpreter(user: int | None) -> str:
    """Give a Python that the user can reach; ours may be in a home that is closed to others."""
    if user is None:
        return sys.executable
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            process = await asyncio.create_subprocess_exec(
                *(python, "-B", "-c", "import devkit.attacks.victim"),
                stdout=DEVNULL,
                stderr=DEVNULL,
                cwd=ROOT,
                **_as(user),
            )
        except OSError:
            continue
        if await process.wait() == 0:
            return python
    raise UnfitError("no Python that an ordinary user can run has what the victim needs")


def _as(user: int | None) -> dict[str, Any]:
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


def table(reports: dict[str, Report]) -> str:
    """Give the table of one sandbox, with a column for each user."""
    lines = [
        f"| attempt | {' | '.join(f'service as {who}' for who in reports)} |",
        f"|---|{'---|' * len(reports)}",
    ]
    for number, name in enumerate(ATTEMPTS):
        told = (ATTEMPTS[name].__doc__ or name).rstrip(".").replace("|", "/")
        cells = (_cell(report.outcomes[number]) for report in reports.values())
        lines.append(f"| {told} | {' | '.join(cells)} |")
    left = (sum(len(one.left) for one in report.outcomes) for report in reports.values())
    added = (f"{report.added / 1024:.0f} MiB" for report in reports.values())
    lines.append(f"| *processes and files left behind* | {' | '.join(map(str, left))} |")
    lines.append(f"| *memory that the service grew by* | {' | '.join(added)} |")
    return "\n".join(lines)


def _cell(outcome: Outcome) -> str:
    return f"**gets through**: {outcome.said}" if outcome.through else f"stopped ({outcome.said})"
