"""Commits of ours that write release notes on a branch of ours, where git can still merge them.

A further commit is enough as long as the target's notes are as they were where our branch forked
from it. Where they are not, git would merge them to something wrong or not at all; then the branch
is made anew on the target's tip, as long as nobody else committed to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.core.model import Outcome, Push, PushState, Repository
from bot.engine import last_seen, noting
from bot.engine.note_looking import Bench
from bot.engine.noting import Draft
from bot.engine.world import github

_HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Ours:
    """A branch of ours: its `head`, the same without our notes, and the `tip` that it goes to.

    `series` is that of the target where `base` brings a fix, empty where the notes are all.
    """

    head: str
    base: str
    tip: str
    series: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A head with notes: the commit, the one below our notes, and what was written.

    `onto` is where the branch forked from its target.
    """

    sha: str
    on: str
    onto: str
    draft: Draft


async def make(
    bench: Bench, ours: Ours, versions: Sequence[str], messages: tuple[str, str]
) -> Made | None:
    """Make the commit that a branch shall end in; None where no way leads there without a person.

    `messages` are that of a first commit with notes, and that of a further one. Where the branch is
    as it shall be, its own head is given.
    """
    mirror = bench.mirror
    draft = await noting.compose(bench.what, noting.reads(mirror, ours.base), versions)
    if await _went_on(bench, ours, draft):
        renewed = await _on_tip(bench, ours)
        if renewed is None:
            return None
        ours = replace(ours, base=renewed, head=renewed)
        draft = await noting.compose(bench.what, noting.reads(mirror, renewed), versions)
    if not draft.files:
        return None
    files: dict[str, bytes | None] = {
        path: await mirror.read(ours.base, path) for path in await _written_before(bench, ours)
    }
    message = messages[ours.head != ours.base]
    sha = await mirror.write(ours.head, files | dict(draft.files), message, bench.what.at)
    onto = await mirror.merge_base(ours.base, ours.tip) or ours.tip
    return Made(sha, ours.base, onto, draft)


async def push(
    bench: Bench, repository: Repository, heads: Mapping[str, str], expected: Mapping[str, str]
) -> Mapping[str, Push]:
    """Push heads (branch → commit) over what we expect to stand there, and nothing else.

    A branch that moved meanwhile is left for the next look.
    """
    token = await github(repository).token()
    refs = await bench.mirror.fetch(token, [_HEADS + name for name in heads])
    still = {
        name: sha
        for name, sha in heads.items()
        if refs.get(_HEADS + name, "") in {expected.get(name, ""), sha}
    }
    for name, sha in still.items():
        await last_seen.put(repository.id, last_seen.note(sha), name)
    return await bench.mirror.push(token, still, list(still)) if still else {}


def stands(push: Push | None) -> bool:
    """Tell whether a branch now stands where it was pushed to."""
    return push is not None and push.state in {PushState.CREATED, PushState.UNCHANGED}


async def _went_on(bench: Bench, ours: Ours, draft: Draft) -> bool:
    """Tell whether the target changed a file of the notes since our branch forked from it."""
    mirror = bench.mirror
    fork = await mirror.merge_base(ours.base, ours.tip)
    if fork is None or fork == ours.tip:
        return False
    for path in draft.files:
        if await mirror.read(fork, path) != await mirror.read(ours.tip, path):
            return True
    return not draft.files


async def _on_tip(bench: Bench, ours: Ours) -> str | None:
    """Bring what a branch holds without our notes to the target's tip.

    None where it conflicts, and where it is more than a plain pick, which nobody can make again.
    """
    if not ours.series:
        return ours.tip
    configuration = bench.what.configuration
    recipe, rules = configuration.recipe_for(ours.series, bench.what.branch), configuration.rules()
    fork = await bench.mirror.merge_base(ours.base, ours.tip) or ours.tip
    before = await bench.mirror.pick(bench.sources, fork, recipe, rules)
    if before.commit != ours.base:
        return None
    pick = await bench.mirror.pick(bench.sources, ours.tip, recipe, rules)
    return pick.commit if pick.outcome is Outcome.PICKED else None


async def _written_before(bench: Bench, ours: Ours) -> list[str]:
    """List the files that our notes changed so far."""
    if ours.head == ours.base:
        return []
    return [one.path for one in await bench.mirror.difference(ours.base, ours.head)]
