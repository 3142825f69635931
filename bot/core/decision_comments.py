"""Every word of decisions: one comment for each, which is never edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core import markdown, marker
from bot.core.decision import Decision, Vote
from bot.core.vote_record import Outlook
from bot.core.votes.rule import Outcome, Waiting
from bot.core.votes.what_if import moment

_TITLES = {
    Outcome.ACCEPTED: "Accepted",
    Outcome.NO_ACTION: "No action",
    Outcome.VETO: "Not accepted (veto)",
    Outcome.REJECTED: "Not accepted",
    Outcome.DECLINED: "Not decided",
    Outcome.OVERTURNED: "Overturned",
}
_THANKS = (
    "Thanks to whoever asked, and to all who took the time to weigh it. This says nothing against "
    "the fix itself, which stays on the default branch and comes with its next release."
)


def announcement(
    decision: Decision, outlook: Mapping[str, tuple[str, str]], waiting: Waiting | None
) -> str:
    """Tell what was decided, and why.

    `outlook` gives for each series the next version when it was asked, and now.
    """
    accepted = decision.outcome is Outcome.ACCEPTED
    parts = [
        f"### {_TITLES[decision.outcome]}: exception {markdown.plain(decision.name)}",
        _asked(decision),
        _scope(decision, outlook),
        _votes(decision.votes),
        _recorded(decision),
        _obliges() if accepted else "",
        f"{_THANKS} {waiting.said}" if waiting and not accepted else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _asked(decision: Decision) -> str:
    return (
        f"{decision.sentence} It was asked [here]({decision.motion_url}) on "
        f"{moment(decision.opened_at)}, on the text with the SHA-256 `{decision.text_sha256}`, for "
        f"{decision.commit}."
    )


def _scope(decision: Decision, outlook: Mapping[str, tuple[str, str]]) -> str:
    """List the targets; which release comes next matters only where the fix goes in."""
    rows = [(one.series, f"{one.outcome}", f"{one.score:+d}") for one in decision.scope]
    head: tuple[str, ...] = ("target", "outcome", "score")
    if decision.outcome is not Outcome.ACCEPTED:
        return _table(head, rows)
    known = [_version(*outlook.get(one.series, ("", ""))) for one in decision.scope]
    shown = [(*row, version) for row, version in zip(rows, known, strict=True)]
    return _table((*head, "next release"), shown)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    first, *rest = (f"| {' | '.join(line)} |" for line in (head, *rows))
    return "\n".join([first, f"|{'---|' * len(head)}", *rest])


def _version(asked: str, now: str) -> str:
    if not now:
        return asked or "-"
    return f"{now} ({asked} when it was asked)" if asked and asked != now else now


def _votes(votes: tuple[Vote, ...]) -> str:
    if not votes:
        return ""
    rows = "\n".join(_vote(vote) for vote in votes)
    return f"| who | vote | on |\n|---|---|---|\n{rows}"


def _vote(vote: Vote) -> str:
    by = f", recorded by {vote.recorded_by}" if vote.recorded_by else ""
    return f"| {vote.voter} | [`{vote.choice}`]({vote.url}){by} | {', '.join(vote.series)} |"


def _recorded(decision: Decision) -> str:
    rule = decision.rule
    elsewhere = f", said [here]({decision.url})" if decision.url else ""
    said = (
        f"Recorded by {markdown.plain(decision.recorded_by)} on {moment(decision.recorded_at)}"
        f"{elsewhere}, by the rule `{rule.id}` in its version {rule.version}. Its digest is "
        f"`{decision.digest}`."
    )
    reason = f" The reason given: {markdown.plain(decision.reason)}" if decision.reason else ""
    taken = (
        f" It takes back the decision `{decision.overturns[:12]}`." if decision.overturns else ""
    )
    return said + taken + reason


def _obliges() -> str:
    return (
        "So the policy is no reason to refuse these backports: mergers merge them when they are "
        "right, and releasers release them."
    )


def next_versions(
    asked: tuple[Outlook, ...], now: tuple[Outlook, ...]
) -> dict[str, tuple[str, str]]:
    """Set the next version of each series beside that of the opening."""
    known = {one.series: one.next_version for one in now}
    return {one.series: (one.next_version, known.get(one.series, "")) for one in asked}


def file_pull_title(decision: Decision) -> str:
    """Name the pull request that files a decision."""
    return f"Recorded the decision on exception {decision.name}."


def file_pull_body(decision: Decision, url: str) -> str:
    """Say what a pull request that files a decision holds."""
    return (
        f"{decision.sentence}\n\nThe decision stands at {url}; its digest is "
        f"`{decision.digest}`. This file is a copy for the project's own register."
    )


def tampered_kind(comment: int) -> str:
    """Name the notice about one comment, so that it is said once."""
    return f"decision-tampered-{comment}"


def tampered(url: str, by: str, *, gone: bool) -> str:
    """Say that somebody laid hands on the comment of a decision, and what became of it."""
    who, mark = markdown.plain(by), marker.mark(tampered_kind(int(url.rpartition("-")[2])))
    if gone:
        return (
            f"{mark}\n{who} deleted [the comment of a decision]({url}). What nobody can read lets "
            "nothing in: ask again, or overturn it."
        )
    return (
        f"{mark}\n{who} changed [the comment of a decision]({url}). It was written anew from the "
        "register; the decision is the same as before."
    )
