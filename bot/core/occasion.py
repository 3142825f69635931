"""What makes two commands the same one, by whatever way each came."""

from __future__ import annotations

import hashlib

from bot.core.commands import Asked, Command, Pushed, Spoke

_ONCE = frozenset({"created", "deleted", "dismissed"})


def name(command: Command) -> str:
    """Name what a command is about, so that it is carried out once; empty where that does no harm.

    A comment is written once and deleted once, a review dismissed once; of edits each has a moment
    and a text. A push is known by its branch and its commits.
    """
    at = command.repository.id
    if isinstance(command, Asked):
        return f"asked:{at}:{command.comment}"
    if isinstance(command, Spoke):
        once = command.action in _ONCE
        return f"spoke:{at}:{command.place}:{command.action if once else _edit(command)}"
    if isinstance(command, Pushed):
        return f"pushed:{at}:{command.branch}:{_digest(*(one.sha for one in command.commits))}"
    return ""


def review_stamp(said: Spoke, state: str) -> str:
    """Write the stamp of a review: GitHub does not tell when one was edited."""
    return f"{said.created_at.isoformat()} {said.action} {state} {len(said.body)}"


def is_stamped(stamp: str, said: Spoke) -> bool:
    """Tell whether a stamp is of a review with this state, and with a text as long as this."""
    return stamp.endswith(f" {said.state} {len(said.body)}")


def _edit(command: Spoke) -> str:
    return f"{command.stamp}:{_digest(command.editor, command.body)}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
