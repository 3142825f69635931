"""The words of reminders: one comment for all that is due, person by person."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core import marker
from bot.core.reminders import Plan, Turn

_ANYBODY = {
    Turn.ASKER: "Whoever asked for it",
    Turn.MERGER: "A merger",
    Turn.RELEASER: "A releaser",
    Turn.COUNCIL: "The council",
}


def kind(number: int) -> str:
    """Name one reminder, so that it is said once."""
    return f"reminder-{number}"


def reminder(plan: Plan, names: Mapping[Turn, str]) -> str:
    """Write the comment; `names` are the mentions of people, empty where nobody is known."""
    groups: dict[str, list[str]] = {}
    for one in plan.due:
        who = names.get(one.turn) or _ANYBODY[one.turn]
        groups.setdefault(who, []).append(f"- {one.said}")
    parts = [f"{who}, this waits for you:\n\n" + "\n".join(said) for who, said in groups.items()]
    text = "\n\n".join(parts)
    return (
        f"{marker.mark(kind(plan.number))}\n{text}\n\nThe next reminder comes in a week at the "
        "soonest; `/backport snooze 2w` keeps it away for two."
    )
