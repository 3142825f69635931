"""What makes two commands the same one, by whatever way each came."""

from __future__ import annotations

import hashlib

from bot.core.commands import Asked, Command, Spoke


def name(command: Command) -> str:
    """Name what a command is about, so that it is carried out once; empty where that does no harm.

    A comment is written once and deleted once; of its edits each has a moment and a text.
    """
    at = command.repository.id
    if isinstance(command, Asked):
        return f"asked:{at}:{command.comment}"
    if isinstance(command, Spoke):
        once = command.action in {"created", "deleted"}
        return f"spoke:{at}:{command.place}:{command.action if once else _edit(command)}"
    return ""


def _edit(command: Spoke) -> str:
    digest = hashlib.sha256(f"{command.editor}\n{command.body}".encode()).hexdigest()
    return f"{command.stamp}:{digest[:16]}"
