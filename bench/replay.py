"""Picking again what people have backported, to see how often the machine agrees with them."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.git.local import open_local
from bot.core.config import Configuration
from bot.core.model import Outcome
from devkit.history import git

_SOURCE = re.compile(r"^Backport of ([0-9a-f]{7,40}) from \w+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pair:
    """A backport that a person committed: its source, what it went on to, the tree it made."""

    source: str
    onto: str
    tree: str


@dataclass(slots=True)
class Replayed:
    """What came of it: how often each outcome, how many trees equal, and seconds for each pick."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    equal: int = 0
    seconds: list[float] = field(default_factory=list)


def pairs(clone: Path, most: int) -> list[Pair]:
    """Find the newest backports of a clone, on any branch or tag, whose source is there too."""
    form = "--format=%x01%T%x00%P%x00%B"
    log = git(
        clone, "log", "--all", "--no-merges", "--grep=^Backport of [0-9a-f]\\{7,40\\} from", form
    )
    found = []
    for entry in log.split("\x01")[1:]:
        tree, onto, message = entry.split("\0")
        sources = _SOURCE.findall(message)
        if len(sources) == 1 and (source := _one_parent(clone, sources[0])):
            found.append(Pair(source, onto, tree))
        if len(found) == most:
            break
    return found


async def replay(clone: Path, found: list[Pair], configuration: Configuration) -> Replayed:
    """Pick each source on to what the person's backport went on to, and compare the trees."""
    recipe, replayed = configuration.recipe_for("x", "main"), Replayed()
    async with open_local(clone) as repository:
        for pair in found:
            began = time.perf_counter()
            pick = await repository.pick((pair.source,), pair.onto, recipe)
            replayed.seconds.append(time.perf_counter() - began)
            replayed.outcomes[pick.outcome] += 1
            replayed.equal += pick.outcome is Outcome.PICKED and pick.tree == pair.tree
    return replayed


def _one_parent(clone: Path, sha: str) -> str | None:
    """Give a commit's full name; None where it is not there or has not just one parent."""
    shown = git(clone, "log", "--no-walk", "--ignore-missing", "--format=%H %P", sha).split()
    return shown[0] if len(shown) == 2 else None  # noqa: PLR2004 - itself and its parent
