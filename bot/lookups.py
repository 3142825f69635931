"""The commands that look things up or restore them: `explain`, `release`, `replay`, `rebuild`.

Exit codes: 0 good; 1 not allowed, not trusted or not ready; 2 input that cannot be used.
"""

from __future__ import annotations

import io
import json
import re
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot import main
from bot import replay as stored
from bot.core import explanation_text, release_text, release_view, simulation
from bot.core.commands import Claim, Command
from bot.core.counts import quantity
from bot.core.errors import UserError
from bot.core.explanation import Explanation, explain
from bot.core.model import Repository
from bot.core.printable import one_line
from bot.core.release_view import Releases, ReleaseView, VersionList
from bot.engine import exception, explaining, rebuilding, releasing
from bot.engine.exception import Examined
from bot.engine.rebuilding import Rebuilt
from bot.engine.world import world
from bot.settings import REQUIRED, Settings

_PLACE = re.compile(r"([\w-]{1,39})/([\w.-]{1,100})#(\d{1,9})", re.ASCII)
_REPOSITORY = re.compile(r"([\w-]{1,39})/([\w.-]{1,100})", re.ASCII)
_PAGE = TypeAdapter(Explanation)
_VERSION = TypeAdapter(ReleaseView)
_VERSIONS = TypeAdapter(VersionList)


async def run(asked: Namespace) -> int:
    """Run one of the commands and give the exit code."""
    if asked.command == "replay":
        return await _replay(asked.payload, asked.event, as_json=asked.json)
    if asked.command == "rebuild":
        return await _rebuild(asked)
    if asked.command == "release":
        return await _release(asked)
    return await _explain(asked)


async def _explain(asked: Namespace) -> int:
    place = _PLACE.fullmatch(asked.place)
    if place is None:
        raise UserError(f"`{asked.place}` should be OWNER/REPO#NUMBER")
    supposed = simulation.read(asked.at, asked.vote, asked.rule)
    async with main.looking(Settings.load("work")):
        found = await world().app.find(place[1], place[2])
        if found is None:
            raise UserError(f"the App is not installed on {place[1]}/{place[2]}")
        facts = await explaining.read(found.repository, int(place[3]))
        answer = explain(facts, supposed, world().clock())
    if asked.json:
        _print(json.dumps(_PAGE.dump_python(answer, mode="json"), indent=2))
    else:
        _print(*explanation_text.lines(answer))
    return 0 if answer.allowed else 1


async def _release(asked: Namespace) -> int:
    try:
        version = release_view.named(asked.version) if asked.version else None
    except ValueError as error:
        raise UserError(str(error)) from error
    place = _REPOSITORY.fullmatch(asked.repository)
    if place is None:
        raise UserError(f"`{asked.repository}` should be OWNER/REPO")
    settings = Settings.load("work")
    async with main.looking(settings):
        (repository,) = await _named([place])
        known = await releasing.read(repository, settings.github_url, version)
        if version is None:
            return _versions(known, as_json=asked.json)
        view = release_view.view(known, version, world().clock())
    if asked.json:
        _print(json.dumps(_VERSION.dump_python(view, mode="json"), indent=2))
    else:
        _print(*release_text.lines(view))
    return 0 if view.ready else 1


def _versions(known: Releases, *, as_json: bool) -> int:
    found = release_view.versions(known)
    if as_json:
        _print(json.dumps(_VERSIONS.dump_python(found, mode="json"), indent=2))
    else:
        _print(*release_text.version_lines(found))
    return 0


async def _replay(path: Path, event: str | None, *, as_json: bool) -> int:
    replayed = main.replayed(stored.read(path), event)
    given = Settings.given()
    able = all(name in given for name in REQUIRED["work"])
    examined = await _examinations(replayed.commands) if able else []
    if as_json:
        _print(json.dumps({**replayed.as_json, "examined": examined if able else None}, indent=2))
        return 0
    _print(*map(one_line, replayed.lines()))
    if not able:
        _print("without the App's settings nothing more can be said")
    for one in examined:
        _print(*(one_line(line) for line in one["said"].splitlines() if line))
    return 0


async def _examinations(commands: tuple[Command, ...]) -> list[dict[str, Any]]:
    """Say what an examination of each claim would come to now; nothing is written."""
    claims = [command for command in commands if isinstance(command, Claim)]
    if not claims:
        return []
    async with main.looking(Settings.load("work")):
        found = [
            await exception.examine(claim.repository, claim.pull, claim.label) for claim in claims
        ]
    return [_examined(claim, one) for claim, one in zip(claims, found, strict=True)]


def _examined(claim: Claim, found: Examined) -> dict[str, Any]:
    remarks = [f"would say: {remark.body}" for remark in found.remarks]
    labels = [f"would take off the label {label}" for label in found.take_off]
    job = found.job
    if job:
        what = "forecast" if job.order.forecast else "backport"
        labels.append(f"would {what} #{job.pull.number} for the label {job.label}")
    said = "\n".join([*labels, *remarks]) or "the examination would find nothing to do"
    return {"pull": claim.pull, "take_off": list(found.take_off), "job": bool(job), "said": said}


async def _rebuild(asked: Namespace) -> int:
    names = asked.repositories
    places = [_REPOSITORY.fullmatch(name) for name in names]
    for name, place in zip(names, places, strict=True):
        if place is None:
            raise UserError(f"`{name}` should be OWNER/REPO")
    async with main.looking(Settings.load("work")):
        repositories = await _named([place for place in places if place])
        done = [await _restored(one, mend=asked.mend) for one in repositories]
    if asked.json:
        _print(json.dumps([asdict(one) for one in done], indent=2))
    else:
        _print(*(one_line(line) for one in done for line in _rebuilt(one)))
    return 1 if any(one.problems for one in done) else 0


async def _restored(repository: Repository, *, mend: bool) -> Rebuilt:
    found = await rebuilding.rebuild(repository)
    if mend and found.problems:
        await rebuilding.mend(repository, found)
        found = await rebuilding.rebuild(repository)
    return found


async def _named(places: list[re.Match[str]]) -> tuple[Repository, ...]:
    """Find the repositories that were named, or all where none was."""
    app = world().app
    found = []
    for place in places:
        installed = await app.find(place[1], place[2])
        if installed is None:
            raise UserError(f"the App is not installed on {place[0]}")
        found.append(installed.repository)
    return tuple(found) or await app.repositories()


def _rebuilt(one: Rebuilt) -> list[str]:
    pulls = ", ".join(f"#{backport.pull} ({backport.series})" for backport in one.backports)
    head = (
        f"{one.repository}: {quantity(one.votes, 'vote')} with {quantity(one.ballots, 'ballot')}, "
        f"{quantity(one.decisions, 'decision')}; {one.restored} restored; "
        f"backports: {pulls or 'none'}"
    )
    return [head, *(f"not trusted: {problem.url} {problem.why}" for problem in one.problems)]


def _print(*lines: str) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may know ASCII alone
    sys.stdout.write("".join(f"{line}\n" for line in lines))
