"""What the gate gets and gives: a changed file of a pick, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that a pick changes on its target; `before` is None where the target has none."""

    path: str
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, in words that follow `path:line`; lines count from 1."""

    path: str
    line: int
    message: str
