"""What a resolver gets and gives: one path that git could not merge, and how a rule settles it."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """One path in conflict; None stands for a file that is not there. All bytes as stored."""

    path: str
    base: bytes | None  # the source commit's parent
    ours: bytes | None  # the target
    theirs: bytes | None  # the source commit


@dataclass(frozen=True, slots=True)
class Settled:
    """The content that a rule gives a path; None deletes it. `by` is the rule's name."""

    path: str
    content: bytes | None
    by: str


class Resolver(Protocol):
    """One rule that settles conflicts."""

    name: str
    """As people read it: "release-notes", "formatter", "adjacent", "imports" or "tokens"."""

    def resolve(self, conflict: ThreeWay) -> Awaitable[Settled | None]:
        """Settle a path, or None where this rule cannot vouch for it."""
