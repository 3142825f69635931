"""The words about a claim: the verdict on it as a tree, and what becomes of backports after it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.core import markdown, marker
from bot.core.policy import DECISION, RECORD, Announced, Answer, Verdict, refused_targets

REFUSED, PARTLY = "claim-refused", "claim-partly"
WITHDRAWN = "withdrawn"
_HELD, _WAS_READY = marker.mark("held-back"), marker.mark("was-ready")
_REASON = re.compile(rf"^{_HELD}\n(?:{_WAS_READY}\n)?> ⛔ (.+)$", re.MULTILINE)
_SIGNS = {Answer.YES: "✅", Answer.WAIT: "⏳", Answer.NO: "❌"}
_TITLES = {
    "set": "Who set it",
    "who": "Whether they may",
    "merged": "Whether it is merged",
    DECISION: "Whether it is decided",
    RECORD: "Not trusted",
}


def refused(label: str, verdict: Verdict) -> str:
    """Say why a label came off again: what holds, what does not, what to do."""
    head = (
        f"The label {markdown.code(label)} was taken off, and nothing was backported. "
        f"{markdown.plain(verdict.why)}"
    )
    return "\n\n".join([f"{marker.mark(REFUSED)}\n{head}", tree(verdict), *_todo(verdict)])


def refused_command(verdict: Verdict) -> str:
    """Say why a command was not carried out."""
    head = f"Nothing was done. {markdown.plain(verdict.why)}"
    return "\n\n".join([f"{marker.mark(REFUSED)}\n{head}", tree(verdict), *_todo(verdict)])


def partly(verdict: Verdict) -> str:
    """Name the targets that stay out while the others are backported."""
    out = [markdown.code(series) for series in refused_targets(verdict)]
    head = (
        f"{', '.join(out)} {'stays' if len(out) == 1 else 'stay'} out; the others are backported."
    )
    return "\n\n".join([f"{marker.mark(PARTLY)}\n{head}", tree(verdict), *_todo(verdict)])


def unread(label: str, problem: str) -> str:
    """Say that a label came off because it could not be checked in time."""
    return (
        f"{marker.mark(REFUSED)}\nThe label {markdown.code(label)} was taken off, and nothing was "
        f"backported: it could not be checked. {markdown.plain(problem)}\n\n"
        "What cannot be checked is not let through. Set the label again, and it is checked anew."
    )


def tree(verdict: Verdict, depth: int = 0) -> str:
    """Show the parts of a verdict as a nested list, each with its answer and why."""
    return "\n".join(line for part in verdict.parts for line in _lines(part, depth))


def basis(records: tuple[Announced, ...]) -> str:
    """Name the decisions by which backports are made; empty for none."""
    return ", ".join(
        f"[exception {markdown.plain(one.decision.name)}]({one.url}), accepted on "
        f"{one.decision.recorded_at:%Y-%m-%d}"
        for one in records
    )


def withdrawn(why: str) -> str:
    """Say on a backport that it must not go in now."""
    return (
        f"{marker.mark(WITHDRAWN)}\nThis backport must not be merged now, and is a draft: "
        f"{markdown.plain(why)}"
    )


def recovered(*, ready: bool) -> str:
    """Take the place of `withdrawn` once the exception stands again."""
    state = "is ready for review again" if ready else "is a draft as before"
    return (
        f"{marker.mark(WITHDRAWN)}\nThe exception for this backport stands again; the pull request "
        f"{state}."
    )


def held_back(body: str, why: str, *, was_ready: bool) -> str:
    """Write into a backport's text that it is held back, and whether it was ready before."""
    marks = [_HELD, _WAS_READY] if was_ready else [_HELD]
    return marker.replace_section(
        body, WITHDRAWN, "\n".join([*marks, f"> ⛔ {markdown.plain(why)}"])
    )


def let_go(body: str) -> str:
    """Take back what `held_back` wrote; a text without it stays as it is."""
    if not reason(body):
        return body
    return marker.replace_section(body, WITHDRAWN, "The exception stands again.")


def reason(body: str) -> str:
    """Give why a backport is held back by what its text says, empty where it is not."""
    found = _REASON.search(body)
    return found.group(1) if found else ""


def was_ready(body: str) -> bool:
    """Tell whether a backport that is held back was ready for review before."""
    return bool(reason(body)) and _WAS_READY in body


def _lines(verdict: Verdict, depth: int) -> Iterator[str]:
    title = _TITLES.get(verdict.rule)
    named = f"{title}:" if title else f"{markdown.code(verdict.rule)}:"
    link = f" ([record]({verdict.url}))" if verdict.url else ""
    sign = _SIGNS[verdict.answer]
    yield f"{'  ' * depth}- {sign} {named} {markdown.plain(verdict.why)}{link}"
    for part in verdict.parts:
        yield from _lines(part, depth + 1)


def _todo(verdict: Verdict) -> list[str]:
    """List what a person can do, each thing once."""
    steps = dict.fromkeys(_steps(verdict))
    return ["**What to do**\n\n" + "\n".join(f"- {one}" for one in steps)] if steps else []


def _steps(verdict: Verdict) -> Iterator[str]:
    if verdict.todo:
        yield verdict.todo
    for part in verdict.parts:
        yield from _steps(part)
