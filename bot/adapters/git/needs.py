"""Which contents git reads for a question: known beforehand, or from its failure to answer it."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from bot.adapters.git.attributes import files_above
from bot.adapters.git.objects import Objects
from bot.adapters.git.run import Call, Failure
from bot.adapters.git.trees import SUBMODULE, Entry, changes, find_all

NAME = re.compile(rb"\b[0-9a-f]{40}\b")
RAW = re.compile(rb":([0-7]{6}) ([0-7]{6}) ([0-9a-f]{40}) ([0-9a-f]{40}) ")
LISTED = ("--raw", "--no-abbrev", "--no-renames")
READ_FOR = {"--patch", "--find-renames"}  # options of a diff for which it reads contents
ABSENT = "0" * 40
VERBS = {"blame", "diff", "diff-tree", "merge-tree"}
LISTING = 300.0  # seconds


def picking(objects: Objects, commits: Iterable[str], onto: str) -> set[str]:
    """Give what merging some commits reads, as long as no path has another name on the target."""
    target, needed = objects.commit(onto), set[str]()
    for sha in commits:
        changed = _changed(objects, _parent(objects, sha), sha)
        if target is not None:
            beside = find_all(objects, target.tree, _and_attributes(changed))
            needed |= set(
                _files([*beside.values(), *(e for both in changed.values() for e in both)])
            )
    return needed


async def unmet(objects: Objects, failures: Collection[Failure]) -> set[str]:
    """Give what may be absent of all that calls read that failed, and what they complained of."""
    needed: set[str] = set()
    for failure in tuple(failures):
        named = objects.absent(name.decode() for name in NAME.findall(failure.complaint))
        if not named:  # it did not fail for want of contents, if it failed at all
            continue
        needed |= set(named)
        words = [os.fsdecode(arg) for arg in failure.args]
        verb = next((word for word in words if word in VERBS), "")
        if verb == "merge-tree":
            needed |= _merging(objects, words)
        elif verb:
            args = _blamed(words) if verb == "blame" else _compared(words, verb)
            needed |= await _listed(objects, args, failure.call)
    return needed


def _merging(objects: Objects, words: list[str]) -> set[str]:
    """Give what a merge reads; if that is here, what its search for renames may read."""
    onto, source = words[-2:]
    needed = picking(objects, [source], onto)
    if objects.absent(needed):
        return needed
    moved = _changed(objects, _parent(objects, source), onto).values()
    return set(_files(one for both in moved if None in both for one in both))


def _compared(words: list[str], verb: str) -> list[str]:
    at = words.index(verb) + 1
    return [*words[:at], *LISTED, *(word for word in words[at:] if word not in READ_FOR)]


def _blamed(words: list[str]) -> list[str]:
    """Ask for every version of the file that is blamed."""
    end = words.index("--")
    revisions = [word for word in words[1:end] if not word.startswith("-")]
    return ["log", "--format=", "-m", "--full-history", *LISTED, *revisions, *words[end:]]


async def _listed(objects: Objects, args: list[str], call: Call) -> set[str]:
    lenient = replace(call, accept=tuple(range(256)), timeout=LISTING)
    listed = await objects.git(*map(os.fsencode, args), call=lenient)
    found: set[str] = set()
    for *modes, old, new in RAW.findall(listed.out):
        sides = zip(modes, (old.decode(), new.decode()), strict=True)
        found |= {sha for mode, sha in sides if mode != SUBMODULE and sha != ABSENT}
    return found


def _and_attributes(paths: Collection[bytes]) -> set[bytes]:
    return {*paths, *(file for path in paths for file in files_above(path))}


def _parent(objects: Objects, sha: str) -> str | None:
    commit = objects.commit(sha)
    return commit.parents[0] if commit and commit.parents else None


def _changed(
    objects: Objects, old: str | None, new: str
) -> dict[bytes, tuple[Entry | None, Entry | None]]:
    before, after = objects.commit(old) if old else None, objects.commit(new)
    return changes(objects, before.tree if before else None, after.tree) if after else {}


def _files(entries: Iterable[Entry | None]) -> Iterator[str]:
    return (one.sha for one in entries if one and not one.is_folder and one.mode != SUBMODULE)
