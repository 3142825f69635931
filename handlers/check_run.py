"""`check_run`: GitHub's button asks for one more proof of a commit, or one more verdict."""

from __future__ import annotations

import re

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core import marker
from bot.core.commands import Command, GateAsked, ProofAsked
from handlers.payload import repository, take, text_or_empty
from handlers.routes import on

router = Router()

_POLICY = re.compile(rf"{marker.POLICY}\d+:(\d{{1,10}})")


@on(router, "check_run", action="rerequested")
def rerequested(event: Event) -> tuple[Command, ...]:
    """Take it for a request where the check run carries our mark; other Apps' are not ours."""
    ours = text_or_empty(event.data, "check_run.external_id")
    if judged := _POLICY.fullmatch(ours):
        return (GateAsked(repository(event), int(judged.group(1))),)
    if not ours.startswith(marker.PROOF):
        return ()
    sha = take(event.data, "check_run.head_sha", str)
    author = take(event.data, "sender.login", str)
    return (ProofAsked(repository(event), sha, author, event.delivery_id or ""),)
