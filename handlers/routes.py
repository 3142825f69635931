"""Registering a translation for an event: like gidgethub's own, for functions that never wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

from gidgethub.routing import Router
from gidgethub.sansio import Event

from bot.core.commands import Command

Handler: TypeAlias = Callable[[Event], tuple[Command, ...]]


def on(router: Router, event: str, action: str | None = None) -> Callable[[Handler], Handler]:
    """Register the decorated function for an event, or for one action of it."""
    detail = {} if action is None else {"action": action}

    def register(handler: Handler) -> Handler:
        router.add(cast("Any", handler), event, **detail)
        return handler

    return register


def fetch(router: Router, event: Event) -> list[Handler]:
    """Give the functions registered for an event, always in the same order."""
    found = cast("frozenset[Handler]", router.fetch(event))
    return sorted(found, key=lambda handler: (handler.__module__, handler.__qualname__))
