"""Whether this machine is fit for the service: what was found, and what needs attention."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from pathlib import Path

from uv import find_uv_bin

from bot.adapters.git.run import git_version
from bot.adapters.interpreters import Interpreters
from bot.adapters.job import Strength
from bot.adapters.proc import Command, run
from bot.adapters.sandbox import Sandbox
from bot.core import defaults, issue_form, workflow_file
from bot.core.config import Configuration
from bot.core.errors import UserError
from bot.local import configured
from bot.settings import REQUIRED, Settings, environment

_PYTHONS = ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
_MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - it is only looked at
_LEAST_DISK, _LEAST_MEMORY_DISK = 1 << 30, 1 << 29
_SECONDS = 20


Look = tuple[bool, str]
"""Whether all is well, and what there is; it shows no secret."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `good` is false where somebody should do something."""

    name: str
    good: bool
    detail: str


async def doctor(*, as_json: bool) -> int:
    """Look at everything, print what was found and give 0, or 1 where something needs attention."""
    looks = {
        "git": _git(),
        "sandbox": _sandbox(),
        "interpreters": _interpreters(),
        "uv": _uv(),
        "disk": asyncio.to_thread(_disk),
        "memory disk": asyncio.to_thread(_memory_disk),
        "settings": asyncio.to_thread(_settings),
    }
    findings = [await _found(name, look) for name, look in looks.items()]
    good = all(finding.good for finding in findings)
    if as_json:
        shown = json.dumps({"fit": good, "findings": [asdict(one) for one in findings]}, indent=2)
    else:
        shown = "\n".join(_line(finding) for finding in findings)
    sys.stdout.write(f"{shown}\n")
    return 0 if good else 1


def workflow(path: Path | None) -> str:
    """Give the file for GitHub Actions, of a configuration or else of Django's.

    Raises UserError where it cannot be read or has no tests.
    """
    tests = _configuration(path).tests
    if tests is None:
        raise UserError("the configuration has no `[tests]`, so there is nothing to run")
    return workflow_file.text(tests.plan(""))


def form(path: Path | None) -> str:
    """Give the issue form that asks for an exception, as `workflow` does."""
    return issue_form.text(_configuration(path))


def _configuration(path: Path | None) -> Configuration:
    return configured(path) if path else defaults.django()


async def _found(name: str, look: Awaitable[Look]) -> Finding:
    try:
        good, detail = await look
    except UserError as error:
        good, detail = False, error.message
    except (OSError, TimeoutError) as error:
        good, detail = False, str(error) or type(error).__name__
    return Finding(name, good, detail)


def _line(finding: Finding) -> str:
    mark = "ok " if finding.good else "!! "
    return f"{mark} {finding.name:13} " + finding.detail.replace("\n", f"\n{'':18}")


async def _git() -> Look:
    return True, ".".join(map(str, await git_version()))


async def _sandbox() -> Look:
    mode = await Sandbox(spare=Path(Settings.given().get("stablehand_data", "var"))).probe()
    lines = [mode.name or "none: no tests can be run here", mode.reason]
    return mode.strength is Strength.STRONG, "\n".join(filter(None, lines))


async def _interpreters() -> Look:
    interpreters = Interpreters(environment())
    names = []
    for version in _PYTHONS:
        try:
            names.append((await interpreters.choose((version,))).interpreter.name)
        except UserError:
            continue
    return bool(names), ", ".join(names) or "none was found"


async def _uv() -> Look:
    done = await run(Command((find_uv_bin(), "--version"), {}, timeout=_SECONDS))
    return done.code == 0, done.out.decode(errors="replace").strip() or "it does not start"


def _disk() -> Look:
    folder = Path(Settings.given().get("stablehand_data", "var")).absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    writable = os.access(there, os.W_OK)
    detail = f"{free >> 20} MiB free for {folder}"
    if not writable:
        detail += ", which cannot be written"
    return free >= _LEAST_DISK and writable, detail


def _memory_disk() -> Look:
    free = shutil.disk_usage(_MEMORY_DISK).free if _MEMORY_DISK.exists() else 0
    enough = free >= _LEAST_MEMORY_DISK
    detail = f"{free >> 20} MiB free in {_MEMORY_DISK}"
    return enough, detail if enough else f"{detail}: trees go to the slower disk"


def _settings() -> Look:
    given = [name.upper() for name in Settings.model_fields if name in Settings.given()]
    missing = [name.upper() for name in REQUIRED["serve"] if name.upper() not in given]
    if not missing:
        Settings.load("serve")  # raises UserError where one cannot be used, showing no value
    lines = [f"set: {', '.join(given) or 'none'}"]
    lines += [f"missing: {', '.join(missing)}"] if missing else []
    return not missing, "\n".join(lines)
