"""Whether a fix may go into a series: the policy allows it, or a decision does; else it may not.

What cannot be known is a no. Of a copy only its own word says what it is a copy of, so the line
names the commit, and whoever reviews compares.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.core import markdown, phases
from bot.core.config import Configuration
from bot.core.decision import Decision
from bot.core.phases import ClassReading, FixClass, Policy


@dataclass(frozen=True, slots=True)
class Standard:
    """By what is judged, and on which day."""

    configuration: Configuration
    day: date

    @property
    def policy(self) -> Policy | None:
        """Give the policy with its phases, None where the configuration has none."""
        return self.configuration.policy_table()

    @property
    def by_decision(self) -> bool:
        """Tell whether an exception takes a decision, and not a label alone."""
        return self.configuration.exception is not None

    @property
    def prefix(self) -> str:
        """Give how the labels begin that name a class of fix."""
        table = self.configuration.policy
        return table.label_prefix if table else "fix: "


@dataclass(frozen=True, slots=True)
class Fix:
    """What is known of a fix that shall go into a branch.

    `sources` are the commits (7 to 40 hex digits) that it says it copies, of which `whole` demands
    that each is decided on. `number` is the source pull request, where it is known. `claim` says
    which label let it in, `withdrawn` in one sentence why that or a decision holds no longer.
    """

    branch: str
    series: str
    reading: ClassReading
    sources: tuple[str, ...]
    number: int | None = None
    whole: bool = True
    claim: str = ""
    withdrawn: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a verdict: what was looked at, whether it holds, and what to do if not.

    `said` is a sentence or two in Markdown, `quote` the words of the rule, `fixes` are steps.
    """

    name: str
    holds: bool
    said: str
    quote: str = ""
    fixes: tuple[str, ...] = ()
    headline: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A decision that is in force, and where it was announced."""

    decision: Decision
    url: str


def admitted(fix: Fix, standard: Standard, decisions: Iterable[Known]) -> Line:
    """Judge a fix by the policy, then by the decisions that are in force."""
    if fix.withdrawn:
        said = f"{fix.withdrawn} Until that changes, this must not be merged."
        return _line(said, holds=False, headline=f"Not allowed in {fix.series} any more")
    ruled = _by_policy(fix, standard)
    if ruled.holds:
        return ruled
    return _by_decision(fix, tuple(decisions)) or _by_label(fix, standard) or ruled


def _by_policy(fix: Fix, standard: Standard) -> Line:
    policy = standard.policy
    if policy is None:
        said = (
            "The configuration has no table of phases, so that no class of fix can be judged: only "
            f"an accepted exception lets a fix into {_plain(fix.series)}."
        )
        return _refused(fix, standard, said)
    verdict = phases.judge(policy, fix.series, fix.reading.fix_class, standard.day)
    source = f"[Policy]({policy.source})" if policy.source else ""
    quote = " ".join(part for part in (verdict.rule, source) if part) if verdict.rule else ""
    if verdict.allowed:
        headline = f"{fix.series} takes fixes of the class {fix.reading.fix_class}"
        return _line(_plain(verdict.why), holds=True, quote=quote, headline=headline)
    why = " ".join(part for part in (fix.reading.problem, verdict.why) if part)
    return _refused(fix, standard, markdown.plain(why), quote)


def _by_decision(fix: Fix, decisions: tuple[Known, ...]) -> Line | None:
    """Find a decision for each source; our own backports may bring commits that come before."""
    found = {source: _deciding(source, fix.series, decisions) for source in fix.sources}
    good = [one for one in found.values() if one]
    if not good or (fix.whole and len(good) < len(found)):
        return None
    one, url = good[0].decision, good[0].url
    number = markdown.plain(one.name)
    beside = [f"`{source[:12]}`" for source, decision in found.items() if decision is None]
    also = (
        f" It brings {', '.join(beside)} as well, on which nothing was decided." if beside else ""
    )
    said = (
        f"[Exception no. {number}]({url}), recorded on {one.recorded_at:%Y-%m-%d}, lets "
        f"`{one.commit[:12]}` into {_plain(fix.series)}.{also}"
    )
    return _line(said, holds=True, headline=f"Exception no. {one.name} lets it in")


def _deciding(source: str, series: str, decisions: tuple[Known, ...]) -> Known | None:
    fitting = (one for one in decisions if one.decision.commit.startswith(source))
    return next((one for one in fitting if one.decision.allows(one.decision.commit, series)), None)


def _by_label(fix: Fix, standard: Standard) -> Line | None:
    if standard.by_decision or not fix.claim:
        return None
    said = f"Exception: {fix.claim}. In this project that label is the decision."
    return _line(said, holds=True, headline="A label lets it in")


def _refused(fix: Fix, standard: Standard, said: str, quote: str = "") -> Line:
    """Say what can be done: name the class, or ask for an exception."""
    steps = [_asking(fix, standard)]
    if standard.policy is not None and fix.reading.fix_class is None:
        steps.insert(0, _naming(standard))
    headline = f"The policy does not let it into {fix.series}"
    return _line(said, holds=False, quote=quote, fixes=tuple(steps), headline=headline)


def _naming(standard: Standard) -> str:
    every = ", ".join(f"`{one}`" for one in FixClass)
    label = markdown.code(f"{standard.prefix}data-loss")
    return (
        f"Name the class of the fix, by a label such as {label} or a line "
        f"`Fix class: data-loss` in the description. Classes are {every}."
    )


def _asking(fix: Fix, standard: Standard) -> str:
    where = f"#{fix.number}" if fix.number else "the pull request that brought the fix to main"
    if not standard.by_decision:
        label = markdown.code(standard.configuration.label.replace("{series}", fix.series))
        return f"Or have somebody who may set the label {label} on {where}."
    command = markdown.code(f"/exception request {fix.series}")
    return (
        f"To ask for an exception, write {command} in a comment on {where}, with your reasons "
        "below it. Once that is accepted, this check turns green by itself."
    )


def _line(
    said: str, *, holds: bool, headline: str, quote: str = "", fixes: tuple[str, ...] = ()
) -> Line:
    return Line("Policy", holds, said, quote, fixes, headline)


def _plain(text: str) -> str:
    return markdown.plain(text)
