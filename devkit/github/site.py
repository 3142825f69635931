"""The parts of the local GitHub that a request can reach, and the record of what was asked."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from devkit.github.actions import Actions
from devkit.github.activity import Activity
from devkit.github.contract import Contract
from devkit.github.faults import Faults
from devkit.github.issues import Issues
from devkit.github.pushes import Pushes
from devkit.github.state import Json
from devkit.github.views import Views
from devkit.github.webhooks import Webhooks
from devkit.github.world import World

AN_HOUR = 3600


class ApiCall(NamedTuple):
    """One REST request; `path` is GitHub's template, `status` 499 when it was dropped unhandled."""

    method: str
    path: str
    status: int


@dataclass(slots=True)
class RateLimit:
    """The primary rate limit; conditional requests that change nothing are free."""

    limit: int = 5000
    used: int = 0
    reset: int = field(default_factory=lambda: int(time.time()) + AN_HOUR)

    def shown(self) -> Json:
        """Show it as JSON."""
        remaining = max(0, self.limit - self.used)
        return {
            "limit": self.limit,
            "used": self.used,
            "remaining": remaining,
            "reset": self.reset,
        }

    def headers(self) -> dict[str, str]:
        """Show it as the headers of every answer."""
        rate = {f"X-RateLimit-{key.title()}": str(value) for key, value in self.shown().items()}
        return {**rate, "X-RateLimit-Resource": "core"}


@dataclass(slots=True)
class Record:
    """What was asked, and what was wrong with it."""

    calls: list[ApiCall] = field(default_factory=list)
    git_operations: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    wrong_answers: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that serves a request."""

    world: World
    views: Views
    webhooks: Webhooks
    activity: Activity
    actions: Actions
    issues: Issues
    pushes: Pushes
    contract: Contract
    faults: Faults
    limit: RateLimit
    record: Record
