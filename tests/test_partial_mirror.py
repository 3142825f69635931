from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.adapters.git.mirror import GitMirror, GitMirrors
from bot.core import defaults
from bot.core.model import CommitSummary, Outcome
from tests import partially_mirrored
from tests.git_server import TOKEN, GitServer
from tests.git_toys import RECIPE, Toy
from tests.mirrored import HEAD, REPOSITORY
from tests.partially_mirrored import VERSION, emptied, fetches, held, home

# The fixtures that others build on, here with a project of more than one file.
toy = partially_mirrored.project
noted = partially_mirrored.noted
mirrors = partially_mirrored.partial_mirrors

PULL_AUTHORED = 1667906399
RULES = defaults.django().rules()

Operation = Callable[[GitMirror, Toy, Path], Awaitable[object]]


async def export(mirror: GitMirror, toy: Toy, folder: Path) -> object:
    """Write a tree, and give what it holds."""
    await mirror.export(toy.shas["stable/3.2.x"], emptied(folder))
    return held(folder)


async def advise(mirror: GitMirror, toy: Toy, _: Path) -> object:
    """Ask what a conflict lacks, and who knows its lines."""
    shas = toy.shas
    conflicts = (await mirror.pick([shas["fix"]], shas["stable/4.0.x"], RECIPE)).conflicts
    found = await mirror.advise(shas["fix"], shas["stable/4.0.x"], conflicts, shas["far"])
    assert [one.sha for one in found.prerequisites] == [shas["pre"]]
    assert found.prerequisites[0].picks
    assert found.owners
    return found


async def landed(mirror: GitMirror, toy: Toy, _: Path) -> object:
    """Look for what somebody merged by hand."""
    at = datetime.fromtimestamp(PULL_AUTHORED, UTC)
    summary = CommitSummary(toy.shas["pull"], "Nobody", "n@x.test", at, "As proposed")
    found = await mirror.landed("main", [summary], ())
    assert found == ((toy.shas["fix"],),)
    return found


def picking(branch: str, outcome: Outcome, *names: str) -> Operation:
    """Pick with rules and gate."""

    async def pick(mirror: GitMirror, toy: Toy, _: Path) -> object:
        shas = [toy.shas[name] for name in names or ("fix",)]
        made = await mirror.pick(shas, toy.shas[branch], RECIPE, RULES)
        assert made.outcome is outcome
        return made

    return pick


# Each operation, and how many fetches it costs on a mirror that holds the history alone.
OPERATIONS: dict[str, tuple[Operation, int]] = {
    # What the merge reads, and for the gate the module that the fix imports.
    "clean": (picking("stable/4.1.x", Outcome.PICKED), 2),
    "series": (picking("stable/4.1.x", Outcome.PICKED, "fix", "far"), 2),
    "conflict": (picking("stable/4.0.x", Outcome.CONFLICT), 1),
    # What the merge reads, and what the search for the file's new name does.
    "renamed": (picking("stable/3.2.x", Outcome.PICKED, "far"), 2),
    "renamed, in conflict": (picking("stable/3.2.x", Outcome.CONFLICT), 2),
    "export": (export, 1),
    "advise": (advise, 2),
    "landed": (landed, 1),
    "read": (lambda mirror, toy, _: mirror.read(toy.shas["far"], os.fsdecode(VERSION)), 1),
    "read nothing": (lambda mirror, toy, _: mirror.read(toy.shas["far"], "pkg/none.py"), 0),
    "read a submodule": (lambda mirror, toy, _: mirror.read(toy.shas["far"], "vendored"), 0),
    "compare": (
        lambda mirror, toy, _: mirror.compare(
            [toy.shas["fix"]], toy.shas["base"], toy.shas["stable/4.1.x"]
        ),
        2,
    ),
    "diff": (
        lambda mirror, toy, _: mirror.diff(
            toy.shas["base"], toy.shas["stable/3.2.x"], ["pkg/a.py", "pkg/moved.py"]
        ),
        1,
    ),
    "difference": (
        lambda mirror, toy, _: mirror.difference(toy.shas["base"], toy.shas["stable/3.2.x"]),
        1,
    ),
    "check": (lambda mirror, toy, _: mirror.check(toy.shas["base"], toy.shas["far"]), 2),
    "unresolved": (lambda mirror, toy, _: mirror.unresolved(toy.shas["base"], toy.shas["far"]), 1),
}


@pytest.mark.parametrize("name", OPERATIONS)
async def test_it_answers_as_a_whole_one(
    mirrors: GitMirrors, server: GitServer, toy: Toy, tmp_path: Path, name: str
) -> None:
    """Each operation gives the same, commits and trees too; asked again it fetches nothing more."""
    operation, cost = OPERATIONS[name]
    async with GitMirrors(home(tmp_path / "whole", server, [])).open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}*"])
        expected = await operation(mirror, toy, tmp_path / "a")
    async with mirrors.open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}*"])
        before = fetches(server)
        assert await operation(mirror, toy, tmp_path / "b") == expected
        assert fetches(server) - before == cost
        assert await operation(mirror, toy, tmp_path / "c") == expected
        assert fetches(server) - before == cost


async def test_a_pick_fetches_what_it_needs_and_nothing_else(
    mirrors: GitMirrors, toy: Toy, noted: list[str]
) -> None:
    """What stands in the mirror then is what the merge and the gate read; a note counts it."""
    async with mirrors.open(REPOSITORY) as mirror:
        await mirror.fetch(TOKEN, [f"{HEAD}*"])
        await mirror.pick([toy.shas["fix"]], toy.shas["stable/4.1.x"], RECIPE)
        listed = toy.line("rev-list", "--objects", "--all", "--no-object-names")
        blobs = {sha for sha in listed.split() if is_blob(toy, sha)}
        here = blobs - set(mirror.objects.absent(blobs))
    versions = {
        toy.line("rev-parse", f"{name}:pkg/a.py") for name in ("pre", "fix", "stable/4.1.x")
    }
    also = (".gitattributes", "pkg/__init__.py", "pkg/util.py")
    others = {toy.line("rev-parse", f"fix:{path}") for path in also}
    assert here == versions | others
    assert noted == ["contents fetched 4", "contents fetched 2"]


def is_blob(toy: Toy, sha: str) -> bool:
    """Tell a file from a tree."""
    return toy.line("cat-file", "-t", sha) == "blob"
