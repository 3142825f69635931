"""Every word of the follow-up: the issue on the policy, or the text that a person posts."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby

from bot.core import markdown, marker
from bot.core.aftermath import Aftermath, Precedents
from bot.core.checklist import Row
from bot.core.counts import quantity
from bot.core.model import Outcome
from bot.core.phases import PolicyVerdict
from bot.core.votes.rule import Outcome as Decided

KIND = "follow-up"
_QUESTION = (
    "A fix went into branches where the backport policy did not allow it. That was one exception, "
    "and it changed no rule. Shall the policy change, so that the next fix like it needs no "
    "exception? Or shall it stay as it is? Both are good answers; this is where to give one."
)


def issue_mark(source_url: str) -> str:
    """Give the hidden text by which the issue on an exception is found again."""
    return f"<!-- stablehand:follow-up-of={source_url} -->"


def title(after: Aftermath) -> str:
    """Name the issue."""
    return f"Revisit the backport policy after exception {after.name}"


def body(after: Aftermath) -> str:
    """Write the issue: the exception, the policy, what it took, and how often it is so."""
    parts = [
        issue_mark(after.source.url),
        _QUESTION,
        _exception(after),
        _policy(after),
        _effort(after),
        _often(after.precedents),
    ]
    return "\n\n".join(part for part in parts if part)


def watched(after: Aftermath) -> str:
    """Write the issue's text, with what happens when it is closed."""
    return (
        f"{body(after)}\n\nClose this issue when it is decided; the checklist on "
        f"[#{after.source.number}]({after.source.url}) waits for that."
    )


def ready(after: Aftermath, why: str = "") -> str:
    """Give a person the text to post; `why` says what kept us from opening an issue."""
    lead = f"{why} So a person has to open it" if why else "It is for a person to open"
    text = body(after).partition("\n\n")[2]
    return (
        f"{marker.mark(KIND)}\n### The policy after this exception\n\n{_so_far(after.rows)} What "
        "is left is the question whether the backport policy shall change. "
        f"{lead}, where the project talks such things over: post the text below there, and then "
        "say here where it stands:\n\n`/backport follow-up URL`\n\nThe checklist keeps it until "
        "it is decided.\n\n<details><summary>The text to post: "
        f"{markdown.plain(title(after))}</summary>\n\n{markdown.block(text, 'md')}\n\n</details>"
    )


def _so_far(rows: tuple[Row, ...]) -> str:
    if all(row.shipped for row in rows):
        return "The fix is released from every branch that it was let into."
    return "All backports are merged."


def _exception(after: Aftermath) -> str:
    source = after.source
    link = f"[{markdown.plain(source.title)}]({source.url})"
    question = after.votes[-1].motion.question if after.votes else None
    asked = (
        f"\n\nThis is [what was asked]({question.url}):\n\n{markdown.block(question.text)}"
        if question
        else ""
    )
    rows = "\n".join(_came_to(row, source.url) for row in after.rows)
    return (
        f"### The exception\n\n{link} came to these branches:\n\n"
        f"| branch | backport | merged | released in |\n|---|---|---|---|\n{rows}{asked}"
    )


def _came_to(row: Row, source_url: str) -> str:
    base = source_url.rpartition("/pull/")[0]
    at = _day(row.landing.at) if row.landing and row.landing.at else ""
    pull = f"[#{row.pull}]({base}/pull/{row.pull})" if row.pull else "by hand"
    shipped = f"{row.shipped.version}, {_day(row.shipped.at)}" if row.shipped else "not yet"
    sha = row.merged or ""
    commit = f"[{sha[:10]}]({base}/commit/{sha}){', ' if at else ''}{at}"
    return f"| {markdown.code(row.branch)} | {pull} | {commit} | {shipped} |"


def _policy(after: Aftermath) -> str:
    if not after.verdicts:
        return ""
    said = "\n\n".join(
        f"Of {_listed([one.series for one in same])}"
        f"{f', in the phase “{phase}”' if phase else ''}:\n\n{_quoted(rule)}"
        for (phase, rule), group in groupby(after.verdicts, _phase_and_rule)
        if (same := list(group))
    )
    return (
        f"### What the policy said\n\nThis is [the policy]({after.policy}) as it was on "
        f"{after.on}.\n\n{said}"
    )


def _phase_and_rule(verdict: PolicyVerdict) -> tuple[str, str]:
    return str(verdict.phase or ""), verdict.rule


def _quoted(rule: str) -> str:
    return f"> {markdown.plain(rule)}" if rule else "It says nothing of this phase."


def _effort(after: Aftermath) -> str:
    points = [*_dates(after), _targets(after), *_tests(after.rows)]
    return "### What it took\n\n" + "\n".join(f"- {point}" for point in points)


def _dates(after: Aftermath) -> list[str]:
    """Say when it was asked, decided and merged, and the days between."""
    first = after.votes[-1].motion if after.votes else None
    decision = next((one for one in after.decisions if one.outcome is Decided.ACCEPTED), None)
    points = []
    if first:
        points.append(f"Asked for on {_day(first.opened_at)}.")
    if decision:
        since = _days(first.opened_at, decision.closed_at) if first else ""
        how = decision.sentence.removeprefix("Accepted: ")
        points.append(f"Accepted on {_day(decision.closed_at)}{since}: {how}")
    if merged := after.merged_at:
        since = _days(decision.closed_at, merged) if decision else ""
        points.append(f"Merged everywhere on {_day(merged)}{since}.")
    return points


def _targets(after: Aftermath) -> str:
    conflicts = [row for row in after.checklist.rows if row.outcome is Outcome.CONFLICT]
    hard = f", of which git could not pick {len(conflicts)}" if conflicts else ""
    return f"{quantity(len(after.rows), 'target')}{hard}."


def _tests(rows: tuple[Row, ...]) -> list[str]:
    return [f"Tests on {markdown.code(row.branch)}: {row.tests}" for row in rows if row.tests]


def _often(known: Precedents) -> str:
    if not known.asked:
        return ""
    outcomes = (
        (known.granted, "granted"),
        (known.refused, "not granted"),
        (known.overturned, "granted and taken back"),
        (known.withdrawn, "withdrawn"),
        (known.open, "still open"),
    )
    came = ", ".join(f"{number} {what}" for number, what in outcomes if number)
    since = f" since {known.since}" if known.since else ""
    return (
        "### How often it is so\n\nExceptions asked for in this repository"
        f"{since}, this one among them: {known.asked}. Of these: {came}."
    )


def _listed(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _day(at: datetime) -> date:
    return at.date()


def _days(start: datetime, end: datetime) -> str:
    number = (end - start).days
    return f", {quantity(number, 'day')} later" if number > 0 else ""
