"""What helps a person with a conflict: commits that the target may lack, people who know."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core import markdown
from bot.core.prerequisites import Prerequisite, sentence


@dataclass(frozen=True, slots=True)
class Advice:
    """Candidates, the likeliest first, and names of people."""

    prerequisites: tuple[Prerequisite, ...] = ()
    owners: tuple[str, ...] = ()


NO_ADVICE = Advice()


def text(advice: Advice, series: str) -> str:
    """Write it for people; empty where there is none."""
    lines = []
    if said := sentence(advice.prerequisites):
        lines.append(f"- {said[:1].upper()}{said[1:]}.")
    lines += [
        f"- To pick it with that commit first: `/backport with {one.sha[:12]} to {series}`."
        for one in advice.prerequisites[:1]
        if one.picks
    ]
    if advice.owners:
        names = ", ".join(markdown.plain(name) for name in advice.owners)
        lines.append(f"- These lines were last written by {names}.")
    return "\n".join(lines)
