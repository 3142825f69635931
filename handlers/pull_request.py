"""`pull_request`: labels are claims, an end is a hint, a new head may bring settings.

Whatever happens to one that goes to another branch than the default one, the policy judges it.
"""

from __future__ import annotations

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core import marker
from bot.core.commands import (
    BackportChanged,
    Claim,
    Command,
    ConfigurationProposed,
    Gated,
    Touched,
    Unclaimed,
)
from bot.core.gate_verdict import Proposal
from handlers.payload import by_bot, has, repository, take, text_or_empty
from handlers.routes import on

router = Router()


@on(router, "pull_request", action="labeled")
def labeled(event: Event) -> tuple[Command, ...]:
    """Take a label for a claim, but not on a backport: who may set which the engine finds out."""
    if _source(event) is not None:
        return ()
    label = take(event.data, "label.name", str)
    return (Claim(repository(event), take(event.data, "number", int), label),)


@on(router, "pull_request", action="unlabeled")
def unlabeled(event: Event) -> tuple[Command, ...]:
    """Take a label that a person took off for a claim taken back; ours follow a refusal."""
    if by_bot(event) or _source(event) is not None:
        return ()
    merged = take(event.data, "pull_request.merged", bool)
    commit = text_or_empty(event.data, "pull_request.merge_commit_sha") if merged else ""
    return (Unclaimed(repository(event), take(event.data, "number", int), commit),)


@on(router, "pull_request", action="closed")
def closed(event: Event) -> tuple[Command, ...]:
    """Take the end of a labelled pull request for a claim: it was merged, here or by hand."""
    if _source(event) is not None or not take(event.data, "pull_request.labels", list):
        return ()
    return (Claim(repository(event), take(event.data, "number", int), None),)


@on(router, "pull_request", action="closed")
@on(router, "pull_request", action="reopened")
def touched(event: Event) -> tuple[Command, ...]:
    """Tell that a pull request ended or goes on which a checklist may watch: one that a bot made.

    A person may have opened a backport too, where it names its source.
    """
    bots = text_or_empty(event.data, "pull_request.user.type") == "Bot"
    if not bots and _source(event) is None:
        return ()
    return (Touched(repository(event), take(event.data, "number", int)),)


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


@on(router, "pull_request", action="opened")
@on(router, "pull_request", action="reopened")
@on(router, "pull_request", action="synchronize")
@on(router, "pull_request", action="edited")
@on(router, "pull_request", action="labeled")
@on(router, "pull_request", action="unlabeled")
def gated(event: Event) -> tuple[Command, ...]:
    """Have an open pull request judged, a bot's like anybody's; one turned to main loses its mark.

    What we do to a backport of our own, but for pushes, is judged where we do it. A payload that
    does not say where it goes claims all the same, and is judged by the next that does.
    """
    if not has(event.data, "pull_request.base") or not has(event.data, "repository.default_branch"):
        return ()
    at, turned = repository(event), has(event.data, "changes.base")
    away = not _at_default_branch(event) or turned
    if not away or take(event.data, "pull_request.state", str) != "open" or _own_doing(event):
        return ()
    return (Gated(at, _proposal(event)),)


def _proposal(event: Event) -> Proposal:
    source = _source(event)
    labels = take(event.data, "pull_request.labels", list)
    return Proposal(
        pull=take(event.data, "number", int),
        branch=take(event.data, "pull_request.base.ref", str),
        default_branch=take(event.data, "repository.default_branch", str),
        head_sha=take(event.data, "pull_request.head.sha", str),
        title=text_or_empty(event.data, "pull_request.title"),
        body=text_or_empty(event.data, "pull_request.body"),
        labels=tuple(take(label, "name", str) for label in labels),
        source=source,
        ours=source is not None and text_or_empty(event.data, "pull_request.user.type") == "Bot",
    )


def _own_doing(event: Event) -> bool:
    """Tell whether the bot that opened a backport did this to it, and brought no commit."""
    author, sender = (_login(event, path) for path in ("pull_request.user", "sender"))
    own = by_bot(event) and _source(event) is not None and author == sender
    return own and take(event.data, "action", str) != "synchronize"


def _login(event: Event, path: str) -> str:
    return text_or_empty(event.data, f"{path}.login")


def _source(event: Event) -> int | None:
    """Give the source of a backport pull request, None for any other, whatever its text quotes."""
    source = marker.source_of(text_or_empty(event.data, "pull_request.body"))
    return None if source is None or _at_default_branch(event) else source


def _at_default_branch(event: Event) -> bool:
    """Tell whether a pull request goes where no backport goes, whatever its text quotes."""
    base = take(event.data, "pull_request.base.ref", str)
    return base == take(event.data, "repository.default_branch", str)
