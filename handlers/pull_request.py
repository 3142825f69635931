"""`pull_request`: labels are claims, an end may be a landing, a new head may bring settings."""

from __future__ import annotations

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core import marker
from bot.core.commands import (
    BackportChanged,
    BackportClosed,
    Claim,
    Command,
    ConfigurationProposed,
)
from handlers.payload import by_bot, repository, take, text_or_empty
from handlers.routes import on

router = Router()


@on(router, "pull_request", action="labeled")
def labeled(event: Event) -> tuple[Command, ...]:
    """Take a label for a claim, but not on a backport: who may set which the engine finds out."""
    if _source(event) is not None:
        return ()
    label = take(event.data, "label.name", str)
    return (Claim(repository(event), take(event.data, "number", int), label),)


@on(router, "pull_request", action="closed")
def closed(event: Event) -> tuple[Command, ...]:
    """Tell the end of a backport from that of a labelled source, merged here or by hand."""
    number = take(event.data, "number", int)
    source = _source(event)
    if source is not None:
        merged = take(event.data, "pull_request.merged", bool)
        return (BackportClosed(repository(event), number, source, merged),)
    if not take(event.data, "pull_request.labels", list):
        return ()
    return (Claim(repository(event), number, None),)


@on(router, "pull_request", action="opened")
@on(router, "pull_request", action="reopened")
@on(router, "pull_request", action="synchronize")
def new_head(event: Event) -> tuple[Command, ...]:
    """Follow a backport; others may bring a configuration, and labelled ones are forecast."""
    if by_bot(event):
        return ()
    number = take(event.data, "number", int)
    head = take(event.data, "pull_request.head.sha", str)
    source = _source(event)
    if source is not None:
        return (BackportChanged(repository(event), number, source, head),)
    proposed = ConfigurationProposed(repository(event), number, head)
    if take(event.data, "pull_request.labels", list):
        return (proposed, Claim(repository(event), number, None))
    return (proposed,)


def _source(event: Event) -> int | None:
    """Give the source of a backport pull request, None for any other, whatever its text quotes."""
    source = marker.source_of(text_or_empty(event.data, "pull_request.body"))
    return None if source is None or _at_default_branch(event) else source


def _at_default_branch(event: Event) -> bool:
    """Tell whether a pull request goes where no backport goes, whatever its text quotes."""
    base = take(event.data, "pull_request.base.ref", str)
    return base == take(event.data, "repository.default_branch", str)
