"""All rules by their names: finding the one that a motion names, in force on its day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.core.errors import UserError
from bot.core.votes.rule import Rule, RuleRef
from bot.core.votes.rules import dep10, docs_legacy, labels, majority, reviews, spokesperson

Factory = Callable[[Mapping[str, str]], Rule]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A rule and its settings: `choices` take one of some words, `numbers` lie between two."""

    make: Factory
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def problem(self, options: Mapping[str, str]) -> str:
        """Say what is wrong with settings, empty for nothing."""
        for name, value in options.items():
            if name in self.choices:
                if value not in self.choices[name]:
                    return f"`{name}` is one of {', '.join(self.choices[name])}, not `{value}`"
            elif name in self.numbers:
                least, most = self.numbers[name]
                if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
                    return f"`{name}` is a number from {least} to {most}, not `{value}`"
            else:
                return f"it has no setting `{name}`"
        return ""


_ENTRIES = (
    _Entry(dep10.ordinary, choices=dep10.OPTIONS),
    _Entry(dep10.governance, choices=dep10.OPTIONS),
    _Entry(docs_legacy.rule),
    _Entry(spokesperson.rule),
    _Entry(majority.of_seats, numbers={"days": (1, 365)}),
    _Entry(majority.of_spoken),
    _Entry(reviews.approvals, numbers={"n": (1, 99)}),
    _Entry(reviews.conda),
    *(_Entry(make) for make in labels.FACTORIES),
)
_CATALOGUE = {entry.make({}).ref.id: entry for entry in _ENTRIES}
IDS = tuple(_CATALOGUE)
"""The names of all rules."""


def find(ref: RuleRef) -> Rule:
    """Make the rule that a motion names.

    Raises `UserError` where there is no such rule or version, or a setting is wrong.
    """
    rule = make(ref.id, dict(ref.options))
    if rule.ref.version != ref.version:
        raise UserError(
            f"The rule `{ref.id}` is known in the version `{rule.ref.version}`, not in "
            f"`{ref.version}`; the operator has to run a release of this bot that knows it."
        )
    return rule


def in_force(name: str, on: date, options: Mapping[str, str] | None = None) -> Rule:
    """Make a rule for a motion that is opened on a day.

    Raises `UserError` where there is none, it is not in force, or a setting is wrong.
    """
    rule = make(name, options or {})
    about = rule.about
    if (about.since and on < about.since) or (about.until and on >= about.until):
        since = f" from {about.since}" if about.since else ""
        until = f" before {about.until}" if about.until else ""
        raise UserError(
            f"The rule `{name}` holds{since}{until}, not on {on}; a maintainer has to name another "
            "one in the configuration."
        )
    return rule


def make(name: str, options: Mapping[str, str]) -> Rule:
    """Make a rule whatever its dates are; raises `UserError` for a wrong name or setting."""
    if name not in _CATALOGUE:
        raise UserError(f"There is no rule `{name}`; known are {', '.join(IDS)}.")
    entry = _CATALOGUE[name]
    if problem := entry.problem(options):
        raise UserError(f"The rule `{name}` cannot be set up: {problem}.")
    return entry.make(options)


def table() -> tuple[tuple[str, ...], ...]:
    """Give a row of words for each rule, under the names in `HEADINGS`."""
    rules = [entry.make({}) for entry in _ENTRIES]
    return tuple(_row(rule) for rule in rules)


HEADINGS = (
    "rule",
    "in force",
    "ballots",
    "passes when",
    "closes when",
    "period",
    "else",
    "may be asked again",
    "who asks",
    "where",
    "source",
)


def _row(rule: Rule) -> tuple[str, ...]:
    about, timing = rule.about, rule.timing
    period = f"{timing.period.days} days" if timing.period else "none"
    if timing.extension:
        period = f"{period}, then {timing.extension.days} more, repeating"
    since = f"from {about.since}" if about.since else ""
    until = f"before {about.until}" if about.until else ""
    dates = " ".join(part for part in (since, until) if part) or "now"
    ways = ", ".join(sorted(rule.form.means))
    cells = (about.passes, about.close, period, about.fails, about.again)
    return (rule.ref.id, dates, ways, *cells, about.asks, about.venue, about.source)
