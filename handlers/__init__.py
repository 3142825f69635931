"""One module per webhook event: a payload becomes commands to the engine, and nothing else."""

from __future__ import annotations

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core.commands import Command
from handlers import (
    check_run,
    check_suite,
    create,
    delete,
    issue_comment,
    issues,
    pull_request,
    pull_request_review,
    push,
    workflow_run,
)
from handlers.routes import fetch

_EVENTS = (
    check_run,
    check_suite,
    create,
    delete,
    issue_comment,
    issues,
    pull_request,
    pull_request_review,
    push,
    workflow_run,
)
_ROUTER = Router(*(module.router for module in _EVENTS))
EVENTS = frozenset(module.__name__.rpartition(".")[2] for module in _EVENTS)
"""The names of the events that are handled."""


def translate(event: Event) -> tuple[Command, ...]:
    """Give what an event asks for, which is often nothing; raises Malformed.

    The event's `data` is an object whose `action`, if it has one, is text.
    """
    return tuple(command for handler in fetch(_ROUTER, event) for command in handler(event))
