"""Follow Django's backports to their releases: `python -m bench.ships --repository PATH`.

For every backport of the stable branches 3.0 to 5.0 the mirror is asked how it landed and which
releases hold it: once with the history as it is, once with every word taken out that names a
source. Nothing is written to the clone.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CalledProcessError

from bench.replay.history_git import ask
from bench.replay_ships.judge import Recognised, odd_steps, recognise, strangers
from bench.replay_ships.places import Place, hidden, place
from bench.replay_ships.truth import Branch, branch, commits, release_tags
from bot.core.landing import Way
from bot.core.release_order import belongs
from bot.core.shipping import Step

HEADS = ("backports", "by mention", "missed", "wrong", "reverted", "releases", "as git", "seconds")
HIDDEN_HEADS = ("backports", "by patch", "by ticket", "missed", "wrong", "others", "taken")
SERIES = ("3.0", "3.1", "3.2", "4.0", "4.1", "4.2", "5.0")


@dataclass(slots=True)
class Findings:
    """What was found on one branch; `shipped` holds (tag, ours, git's) for each release."""

    branch: Branch
    known: list[Recognised] = field(default_factory=list)
    unnamed: list[Recognised] = field(default_factory=list)
    strange: list[Recognised] = field(default_factory=list)
    absent: int = 0
    strangers: int = 0
    shipped: list[tuple[str, frozenset[str], frozenset[str]]] = field(default_factory=list)
    steps: Counter[Step] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    seconds: float = 0.0


def main() -> None:
    """Judge all, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.ships")
    parser.add_argument("--repository", type=Path, required=True, help="with the whole history")
    parser.add_argument("--series", nargs="+", choices=SERIES, default=SERIES)
    arguments = parser.parse_args()
    try:
        branches = [branch(arguments.repository, series) for series in arguments.series]
        with place(arguments.repository, branches) as made:
            found = [asyncio.run(_judged(arguments.repository, made, one)) for one in branches]
    except (CalledProcessError, ValueError) as error:
        sys.exit(f"The history could not be read: {error}")
    sys.stdout.writelines(f"{line}\n" for line in _report(found))


async def _judged(clone: Path, made: Place, branch: Branch) -> Findings:
    found, begun = Findings(branch), time.monotonic()
    for source in branch.copying():
        if not await made.mirror.has(source):
            found.absent += 1
            continue
        found.known.append(await recognise(made, branch, branch.name, source))
        found.unnamed.append(await recognise(made, branch, hidden(branch), source))
    later = list(strangers(branch, list(commits(clone, f"{branch.fork}..main"))))
    found.strangers = len(later)
    for commit in later:
        taken = await recognise(made, branch, hidden(branch), commit.sha)
        if taken.way:
            found.strange.append(taken)
    await _ship(clone, made, found)
    found.seconds = time.monotonic() - begun
    return found


async def _ship(clone: Path, made: Place, found: Findings) -> None:
    """Set the releases that the mirror names beside `git tag --contains`, release by release."""
    series, order = found.branch.series, release_tags(clone)
    own = [tag for tag in order if belongs(tag, series)]
    ours: dict[str, set[str]] = {}
    theirs: dict[str, set[str]] = {}
    for commit in (one for one in found.branch.commits if one.copies):
        named = [one.tag for one in await made.mirror.releases(commit.sha)]
        holding = set(ask(clone, "tag", "--contains", commit.sha).split())
        ours.setdefault(named[0] if named else "none", set()).add(commit.sha)
        first = [tag for tag in order if tag in holding][:1]
        theirs.setdefault(first[0] if first else "none", set()).add(commit.sha)
        if set(named) != holding.intersection(order):
            found.odd.append(f"{commit.sha[:10]}: releases {named}, git {sorted(holding)}")
    for tag in [*own, *(ours.keys() | theirs.keys()) - set(own)]:
        sides = frozenset(ours.get(tag, ())), frozenset(theirs.get(tag, ()))
        found.shipped.append((tag, *sides))
        seen, odd = await odd_steps(made, found.branch, tag)
        found.steps.update(seen)
        found.odd += [f"{tag} {line}" for line in odd]


def _report(found: Sequence[Findings]) -> Iterator[str]:
    yield f"| series | {' | '.join(HEADS)} |"
    yield f"|---|{'---:|' * len(HEADS)}"
    for one in found:
        yield _row(one)
    yield f"\n| series | {' | '.join(HIDDEN_HEADS)} |"
    yield f"|---|{'---:|' * len(HIDDEN_HEADS)}"
    for one in found:
        yield _hidden_row(one)
    yield f"\nNot in this clone: {sum(one.absent for one in found)} sources.\n"
    yield "| step | releases |"
    yield "|---|---:|"
    steps = sum((one.steps for one in found), Counter[Step]())
    yield from (f"| {step} | {steps[step]} |" for step in Step)
    yield "\n| source | series | what | why |"
    yield "|---|---|---|---|"
    for one in found:
        yield from _differences(one)


def _row(one: Findings) -> str:
    ways = Counter(each.way for each in one.known)
    wrong = sum(each.is_wrong for each in one.known)
    reverted = sum(bool(each.why) for each in one.known)
    same = sum(ours == theirs for _, ours, theirs in one.shipped)
    cells = (len(one.known), ways[Way.MENTION], ways[None], wrong, reverted)
    shown = (*cells, len(one.shipped), same, f"{one.seconds:.0f}")
    return f"| {one.branch.series} | {' | '.join(map(str, shown))} |"


def _hidden_row(one: Findings) -> str:
    ways = Counter(each.way for each in one.unnamed)
    wrong = sum(each.is_wrong for each in one.unnamed)
    cells = (ways[Way.PATCH], ways[Way.TICKET], ways[None], wrong, one.strangers, len(one.strange))
    return f"| {one.branch.series} | {len(one.unnamed)} | {' | '.join(map(str, cells))} |"


def _differences(one: Findings) -> Iterator[str]:
    for name, some in (("as it is", one.known), ("hidden", one.unnamed), ("others", one.strange)):
        for each in some:
            if each.way is None or each.is_wrong or (each.why and name == "as it is"):
                found = f"{each.way} {each.found[:10]}" if each.way else "missed"
                truth = ", ".join(sha[:10] for sha in each.truth) or "none"
                why = f"{truth} {each.why}".strip()
                yield f"| {each.source[:10]} | {each.series} | {name}: {found} | {why} |"
    for tag, ours, theirs in one.shipped:
        if ours != theirs:
            yield f"| {tag} | {one.branch.series} | shipped | {sorted(ours ^ theirs)} |"
    yield from (f"| | {one.branch.series} | odd | {line} |" for line in one.odd)


if __name__ == "__main__":
    main()
