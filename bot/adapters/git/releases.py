"""Release tags, and the steps towards a release that a branch shows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from bot.adapters.git.objects import Objects
from bot.adapters.git.run import Call, Git
from bot.core import release_steps
from bot.core.notes.django_version import series_of
from bot.core.release_order import Version, belongs, spelled, version
from bot.core.release_steps import FileStep
from bot.core.shipping import Release, Step, StepDone

TAGS = "refs/tags/"
FORMAT = "%(refname) %(objecttype) %(objectname) %(*objecttype) %(*objectname) %(creatordate:unix)"
MOST = 2000  # commits that are looked through for the steps of a release
PLACES = (
    "docs/releases",
    release_steps.MAN_PAGES,
    *(f":(glob){name}" for name in ("*/*.py", "src/*/*.py", "*.toml", "setup.*", "VERSION")),
)
ABSENT = b"0" * 40
_FILE = rb"(?:0{6}|1[02]\d{4})"  # neither a folder nor a submodule
_RAW = re.compile(rb":%s %s ([0-9a-f]{40}) ([0-9a-f]{40}) [A-Z]\d*\0([^\0]+)\0" % (_FILE, _FILE))


async def releases(objects: Objects, commit: str) -> tuple[Release, ...]:
    """Give the release tags that hold a commit, the first by version first; none if it is unknown.

    A tag that was moved or deleted is where the last fetch saw it.
    """
    if objects.commit(commit) is None:
        return ()
    return await _tags(objects.git, f"--contains={commit}")


async def tags(git: Git, series: str) -> tuple[Release, ...]:
    """Give the release tags of a series (`4.1`, `4.1.x`), the first by version first."""
    return tuple(one for one in await _tags(git) if belongs(one.version, series))


async def steps(objects: Objects, branch: str, wanted: str) -> tuple[StepDone, ...]:
    """Give the steps of a version's release, in their usual order.

    Looked at is what the branch got since the release before it, in whatever order it came. Where
    the branch is gone, its last release shows what it had.
    """
    goal = version(wanted)
    if goal is None:
        return ()
    every = [(version(one.version), one) for one in await _tags(objects.git)]
    own = [(key, one) for key, one in every if belongs(one.version, series_of(wanted))]
    tagged = next((one for key, one in every if key == goal), None)
    earlier = [one for key, one in own if key and key < goal]
    earlier = earlier or [one for key, one in every if key and key < goal]
    tip = await _tip(objects.git, branch) or (own[-1][1].sha if own else "")
    done = [StepDone(Step.TAGGED, tagged.sha)] if tagged else []
    if tip:
        span = (tip, *(f"^{one.sha}" for one in earlier[-1:]))
        done += release_steps.seen(await _history(objects, wanted, span), wanted)
    order = list(Step)
    return tuple(sorted(done, key=lambda one: order.index(one.step)))


async def _tip(git: Git, branch: str) -> str:
    """Give where a branch stands, empty where it is gone."""
    call = Call(accept=(0, 1, 128))
    return await git.line("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}", call=call)


async def _tags(git: Git, *options: str) -> tuple[Release, ...]:
    listed = await git("for-each-ref", f"--format={FORMAT}", *options, TAGS)
    lines = listed.out.decode(errors="replace").splitlines()
    found = [(key, release) for line in lines for key, release in _release(line)]
    return tuple(release for _, release in sorted(found, key=lambda one: (one[0], one[1].tag)))


def _release(line: str) -> Iterator[tuple[Version, Release]]:
    """Read one tag, if it names a commit and is a version."""
    ref, kind, sha, inner_kind, inner, at = line.split(" ")
    tag, commit = ref.removeprefix(TAGS), inner if kind == "tag" else sha
    key = version(tag)
    if key is not None and "commit" in {kind, inner_kind} and at:
        yield key, Release(tag, spelled(tag), commit, datetime.fromtimestamp(int(at), UTC))


async def _history(objects: Objects, wanted: str, span: tuple[str, ...]) -> list[FileStep]:
    """Give every change to a file that may show a step, oldest first."""
    # What a repository began with is no step, though it may hold everything.
    options = ("--topo-order", "--min-parents=1", "--no-renames", "--raw", "--no-abbrev")
    bound = ("-z", "--format=%x01%H", f"--max-count={MOST}")
    listed = await objects.git("log", *options, *bound, *span, "--", *PLACES)
    found: list[FileStep] = []
    for chunk in reversed(listed.out.split(b"\x01")[1:]):
        for old, new, name in _RAW.findall(chunk):
            path = os.fsdecode(name)
            if release_steps.tells(path, wanted):
                sides = _content(objects, old), _content(objects, new)
                found.append(FileStep(chunk[:40].decode(), path, *sides))
    return found


def _content(objects: Objects, blob: bytes) -> bytes | None:
    return None if blob == ABSENT else objects.data(blob.decode())
