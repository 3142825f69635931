"""Phases of series, and which classes of fix the policy lets into each without an exception.

A table holds the dates and the policy's own words. The default is Django's on 2022-12-30, from its
download page and from "Supported versions" in docs/internals/release-process.txt. Where only a
month is announced, the phase is taken to last to its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_LINE = re.compile(r"^[ \t]*fix class:[ \t]*(\S.*)$", re.MULTILINE | re.IGNORECASE)
_HIDDEN = re.compile(r"<!--.*?-->", re.DOTALL)


class Phase(StrEnum):
    """How far a series is in its life."""

    DEVELOPMENT = "development"
    MAINSTREAM = "mainstream"
    EXTENDED = "security and data loss"
    ENDED = "end of life"


class FixClass(StrEnum):
    """What a fix mends, as the policy tells fixes apart."""

    SECURITY = "security"
    DATA_LOSS = "data-loss"
    CRASH = "crash"
    NEW_FEATURE = "major-new-feature"
    OLD_FEATURE = "major-old-feature"
    REGRESSION = "regression"
    DOCS = "docs"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Life:
    """The life of a series; each day is the last one of its phase, None for not yet ended."""

    series: str
    mainstream_until: date | None = None
    extended_until: date | None = None
    in_development: bool = False

    def phase(self, on: date) -> Phase:
        """Give the phase on a day."""
        if self.in_development:
            return Phase.DEVELOPMENT
        if self.mainstream_until is None or on <= self.mainstream_until:
            return Phase.MAINSTREAM
        if self.extended_until is None or on <= self.extended_until:
            return Phase.EXTENDED
        return Phase.ENDED


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence of the policy: in this phase, fixes of these classes go in."""

    phase: Phase
    classes: frozenset[FixClass]
    text: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The lives of all series, the clauses, and where both are written; `as_of` dates the lives."""

    lives: tuple[Life, ...]
    clauses: tuple[Clause, ...]
    source: str
    as_of: date

    def phase(self, series: str, on: date) -> Phase | None:
        """Give the phase of a series on a day, None for a series that is not in the table."""
        return next((life.phase(on) for life in self.lives if life.series == series), None)

    def changes(self, series: str, since: date, until: date) -> bool:
        """Tell whether a series has another phase on the second day than on the first."""
        return self.phase(series, since) is not self.phase(series, until)

    def allowed(self, phase: Phase) -> tuple[FixClass, ...]:
        """Give the classes of fix that may go into a series in a phase."""
        every = {one for clause in self.clauses if clause.phase is phase for one in clause.classes}
        return tuple(one for one in FixClass if one in every)


@dataclass(frozen=True, slots=True)
class PolicyVerdict:
    """Whether the policy lets a fix into a series; `rule` is quoted from it, `why` one sentence."""

    series: str
    allowed: bool
    phase: Phase | None
    fix_class: FixClass | None
    why: str
    rule: str


@dataclass(frozen=True, slots=True)
class ClassReading:
    """The class that labels and text name; `problem` is one sentence where they disagree."""

    fix_class: FixClass | None
    problem: str = ""


def judge(policy: Policy, series: str, fix_class: FixClass | None, on: date) -> PolicyVerdict:
    """Say whether the policy lets a class of fix into a series on a day; the unknown may not."""
    phase = policy.phase(series, on)
    if phase is None:
        why = f"The table of phases does not know {series}; a maintainer has to add it."
        return PolicyVerdict(
            series, allowed=False, phase=None, fix_class=fix_class, why=why, rule=""
        )
    clauses = [clause for clause in policy.clauses if clause.phase is phase]
    fitting = [clause for clause in clauses if fix_class in clause.classes]
    return PolicyVerdict(
        series,
        allowed=bool(fitting),
        phase=phase,
        fix_class=fix_class,
        why=_why(policy, series, phase, fix_class),
        rule=" ".join(clause.text for clause in fitting or clauses),
    )


def read_class(labels: Iterable[str], body: str, prefix: str = "fix: ") -> ClassReading:
    """Read the class of a fix from labels (`fix: data loss`) and lines of a text.

    Such a line is `Fix class: data loss`; case, spaces and hyphens are alike. Labels that begin
    with the prefix and name no class are somebody else's.
    """
    named = [label[len(prefix) :] for label in labels if label.lower().startswith(prefix.lower())]
    lines = _LINE.findall(_HIDDEN.sub("", body))
    unknown = [line for line in lines if _named(line) is None]
    found = {one for one in map(_named, [*named, *lines]) if one}
    if unknown:
        every = ", ".join(FixClass)
        return ClassReading(None, f"`{unknown[0].strip()}` is no class of fix; there are {every}.")
    if len(found) > 1:
        every = " and ".join(sorted(found))
        return ClassReading(None, f"Labels and text name different classes: {every}.")
    return ClassReading(found.pop() if found else None)


def _named(text: str) -> FixClass | None:
    plain = re.sub(r"[\s_-]+", "-", text.strip().rstrip(".").lower())
    return next((one for one in FixClass if one == plain), None)


def _why(policy: Policy, series: str, phase: Phase, fix_class: FixClass | None) -> str:
    allowed = policy.allowed(phase)
    only = f"{', '.join(allowed)} only" if allowed else "no fixes at all"
    if fix_class in allowed:
        return f"{series} is in the phase {phase}, which takes fixes of the class {fix_class}."
    if fix_class is None:
        return f"{series} is in the phase {phase}, which takes {only}; the fix names no class."
    return f"{series} is in the phase {phase}, which takes {only}; this fix is {fix_class}."
