"""What is left of an exception once it is merged: lines filled by evidence, or ticked by a person.

Each line has a key, so that it is known again in other words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.core.checklist import Checklist, Row
from bot.core.model import Outcome
from bot.core.shipping import Step

POLICY = "policy"
"""The key of the line that is the council's; all others are the releasers'."""

_UNSAFE = re.compile(r"[^\w.+]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, without its full stop; `evidence` shows as Markdown that it is done.

    `by` is who ticked it, empty for nobody.
    """

    key: str
    text: str
    evidence: str = ""
    by: str = ""

    @property
    def done(self) -> bool:
        """Tell whether nothing is left to do."""
        return bool(self.evidence or self.by)


@dataclass(frozen=True, slots=True)
class Release:
    """The release of one version from one branch: its lines, or in Markdown what it waits for."""

    version: str
    branch: str
    lines: tuple[Line, ...] = ()
    waits: str = ""


def releases(checklist: Checklist) -> tuple[Release, ...]:
    """Give the releases that this exception needs, in the order of its targets."""
    return tuple(
        Release(version, row.branch, waits=_waits(row, version))
        if row.merged is None
        else Release(version, row.branch, _steps(checklist, row, version))
        for row in checklist.rows
        if (version := version_of(row)) and row.outcome is not Outcome.ALREADY_THERE
    )


def version_of(row: Row) -> str:
    """Give the version that the fix is or will be shipped in; empty for an unknown one."""
    return row.shipped.version if row.shipped else row.version or ""


def council(checklist: Checklist) -> Line:
    """Give the line of the follow-up."""
    text = "Decide whether the backport policy changes after this exception"
    talk = checklist.follow_up
    if talk is None or _ticked_by(checklist, POLICY):
        return _line(checklist, POLICY, text)
    if talk.closed:
        settled = f"settled in {talk.url}" if talk.url else "not asked for in this project"
        return _line(checklist, POLICY, text, settled)
    if talk.url:
        return _line(checklist, POLICY, f"{text}; it is talked over in {talk.url}")
    ready = "post the text that is ready below, and say where by `/backport follow-up URL`"
    return _line(checklist, POLICY, f"{text}: {ready}")


def all_lines(checklist: Checklist) -> tuple[Line, ...]:
    """Give every line of a checklist; a forecast has none."""
    if checklist.forecast:
        return ()
    lines = [line for release in releases(checklist) for line in release.lines]
    return (*lines, council(checklist))


def _waits(row: Row, version: str) -> str:
    """Say why a release has no lines yet, and whether it may come too early."""
    if row.landing:
        return f"The fix was taken back by {row.landing.reverted_by}, so nothing waits for it."
    if row.closed:
        return f"#{row.pull} was closed, so nothing waits for it."
    waits = f"Waits for #{row.pull} to be merged." if row.pull else "Waits for a backport."
    if not row.steps:
        return waits
    begun = ", ".join(f"{_SEEN[one.step]} by {one.sha}" for one in row.steps)
    return f"⚠️ {version} is on its way without the fix: {begun}. {waits}"


def _steps(checklist: Checklist, row: Row, version: str) -> tuple[Line, ...]:
    """Give the steps of a release in their usual order.

    Once it is out, only those are asked for that come after the tag and show nowhere.
    """
    lines = []
    for name, text in _STEPS:
        key = f"{_UNSAFE.sub('_', version)}:{name}"
        line = _line(checklist, key, text(version), _evidence(row, name))
        if line.done or not row.shipped or name in _AFTERWARDS:
            lines.append(line)
    return tuple(lines)


def _evidence(row: Row, name: str) -> str:
    sha = next((one.sha for one in row.steps if one.step.value == name), "")
    if name == Step.TAGGED.value and row.shipped:
        return f"{row.shipped.at:%Y-%m-%d}, {row.shipped.sha}"
    return sha


def _line(checklist: Checklist, key: str, text: str, evidence: str = "") -> Line:
    return Line(key, text, evidence, _ticked_by(checklist, key))


def _ticked_by(checklist: Checklist, key: str) -> str:
    return next((tick.by for tick in checklist.ticks if tick.key == key), "")


_AFTERWARDS = ("uploaded", "announced")
_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("blockers", lambda v: f"Make sure that nothing blocks {v}"),
    ("proofread", lambda v: f"Read over the notes of {v}"),
    (Step.DATED.value, lambda _: "Set the date in the notes"),
    (Step.MAN_PAGE.value, lambda _: "Bring the man page up to date"),
    (Step.BUMPED.value, lambda v: f"Bump the version to {v}"),
    (Step.TAGGED.value, lambda v: f"Tag {v}"),
    (Step.POST_BUMPED.value, lambda v: f"Bump the version past {v}"),
    ("uploaded", lambda v: f"Upload {v} to the package index"),
    (Step.STUBBED.value, lambda v: f"Begin the notes of the version after {v}"),
    ("announced", lambda v: f"Announce {v}"),
)
_SEEN = {
    Step.DATED: "notes dated",
    Step.MAN_PAGE: "man page made",
    Step.BUMPED: "version made final",
    Step.TAGGED: "tagged",
    Step.POST_BUMPED: "next version begun",
    Step.STUBBED: "next notes begun",
}
