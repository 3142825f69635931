"""Branches that moved: what came to targets of which no webhook told is judged like any push."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.core import gate_scope
from bot.core.commands import Pushed
from bot.core.model import Repository
from bot.engine import hand_pushes, last_seen
from bot.engine.world import github, world

_HEADS = "refs/heads/"
_NOBODY = frozenset({"", "web-flow"})  # GitHub's own name for who commits by its buttons


@dataclass(frozen=True, slots=True)
class Moved:
    """The pushes that were found; `tips` are all branches as they are now, empty if none moved."""

    pushes: tuple[Pushed, ...]
    tips: str


async def look(repository: Repository) -> Moved:
    """Compare every tip with the one seen last; a branch that is new holds what others have.

    One request where nothing moved.
    """
    tips = await world().app.changes(repository).branches()
    text = json.dumps(tips, sort_keys=True)
    before = await last_seen.get(repository.id, last_seen.TIPS)
    if text == before:
        return Moved((), "")
    seen: Mapping[str, str] = json.loads(before or "{}")
    moved = {name: sha for name, sha in tips.items() if seen.get(name, sha) != sha}
    return Moved(await _pushes(repository, seen, moved), text)


async def remember(repository: Repository, tips: str) -> None:
    """Keep the tips, once all that came to them is on its way to be judged."""
    await last_seen.put(repository.id, last_seen.TIPS, tips)


async def _pushes(
    repository: Repository, seen: Mapping[str, str], moved: Mapping[str, str]
) -> tuple[Pushed, ...]:
    """Write the pushes to targets; one fetch, where any was not judged when it came."""
    standard = await hand_pushes.standard(repository) if moved else None
    if standard is None:
        return ()
    news = {
        name: sha
        for name, sha in moved.items()
        if gate_scope.is_target(standard.configuration, name)
        and sha not in await hand_pushes.known(repository, name)
    }
    if not news:
        return ()
    async with world().mirrors.open(repository) as mirror:
        await mirror.fetch(await github(repository).token(), [_HEADS + name for name in news])
        found = {name: await mirror.pushed(seen[name], sha) for name, sha in news.items()}
    made = [
        Pushed(repository, name, await _by(repository, news[name]), commits)
        for name, commits in found.items()
        if commits
    ]
    return tuple(one for one in made if not one.by.endswith("[bot]"))


async def _by(repository: Repository, tip: str) -> str:
    """Name who committed the last commit: who pushed it GitHub tells in webhooks alone."""
    login = await github(repository).committer(tip)
    return "somebody" if login in _NOBODY else login
