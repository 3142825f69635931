"""Every word of votes: the comment that a vote lives in, what is told beside it, and refusals.

A vote's comment is edited in place; reminders, extensions and decisions are comments of their own.
"""

from __future__ import annotations

from datetime import datetime

from bot.core import markdown, marker
from bot.core.vote_record import Outlook, Status, Vote
from bot.core.votes.ballots import Means
from bot.core.votes.poll import Counted, Noted
from bot.core.votes.register import Event, Kind
from bot.core.votes.rule import Outcome, Rule
from bot.core.votes.rules import catalogue
from bot.core.votes.tally import Tally
from bot.core.votes.what_if import moment

REFUSED = "exception-refused"
_MOST_SEEN = 60  # lines of history that are shown; the record holds all
_MEANT = {
    Outcome.OPEN: "open",
    Outcome.ACCEPTED: "accepted",
    Outcome.NO_ACTION: "no action",
    Outcome.VETO: "vetoed",
    Outcome.REJECTED: "rejected",
    Outcome.DECLINED: "not decided",
    Outcome.OVERTURNED: "overturned",
}


def refused(why: str) -> str:
    """Say why a command for exceptions was not followed."""
    return f"{marker.mark(REFUSED)}\nNothing was changed: {why}"


def command_help() -> str:
    """List the commands for exceptions."""
    return (
        f"{marker.mark(REFUSED)}\nThat is no command. There are, each on a line of its own:\n\n"
        "- `/exception request 4.1 4.0` and the text to decide on below it; `of #123` names "
        "another pull request\n"
        "- `/exception decide accept|no-action|reject [4.1 4.0] URL`: post the body's answer; "
        "`@member` before the URL names who gave it\n"
        "- `/exception withdraw`: take one's own request back\n"
        "- `/exception overturn REASON`: take a decision back\n"
        "- `/vote +1 [4.1 4.0]`, and `/vote record @member +1 URL` for a vote cast elsewhere"
    )


def page(vote: Vote, tally: Tally) -> str:
    """Write the comment of a vote as it stands: the question, the count, how to take part."""
    rule = catalogue.find(vote.motion.rule)
    parts = [
        _head(vote, tally),
        *_warnings(vote),
        _question(vote),
        _targets(vote),
        _directives(vote),
        _count(vote, tally),
        _how(vote, rule, tally) if vote.status is Status.OPEN else "",
        _noted(tally.noted),
        _seen(vote),
    ]
    return "\n\n".join(part for part in parts if part)


def _head(vote: Vote, tally: Tally) -> str:
    question = vote.motion.question
    state = _MEANT[tally.outcome]
    if _broken_off(vote, tally):
        state = "withdrawn" if vote.status is Status.WITHDRAWN else _MEANT[Outcome.DECLINED]
    elif vote.status is Status.OPEN:
        state = f"open until {moment(tally.closes_at)}" if tally.closes_at else "open"
    series = ", ".join(vote.motion.series)
    return (
        f"### Exception {markdown.plain(vote.name)} for {series}: {state}\n\n"
        f"Asked by {markdown.plain(question.asked_by)} on {moment(vote.motion.opened_at)}: shall "
        f"{question.commit} of #{vote.pull} go into {series}? What is decided on is this text, "
        "frozen at the opening."
    )


def _broken_off(vote: Vote, tally: Tally) -> bool:
    """Tell whether something else than the votes ended it."""
    counted = vote.status is Status.DECIDED and tally.outcome is not Outcome.OPEN
    return vote.status is not Status.OPEN and not counted


def _question(vote: Vote) -> str:
    text = markdown.block(vote.motion.question.text)
    return f"{text}\n\nSHA-256 of the text: `{vote.motion.text_sha256}`"


def _warnings(vote: Vote) -> list[str]:
    said = list(vote.tampering)
    if vote.edited_text:
        said.append(
            "The request was edited after the opening, and its text has now the hash "
            f"`{vote.edited_text[:12]}`. Votes are on the text below, not on that one; for another "
            "text, withdraw the request and ask again."
        )
    if vote.problem:
        said.append(f"Nothing is decided while the roster cannot be read. {vote.problem}")
    return [f"> ⚠️ {one}" for one in said]


def _targets(vote: Vote) -> str:
    rows = "\n".join(_row(one) for one in vote.outlook)
    out = "".join(f"\n\n{markdown.plain(one)}" for one in vote.left_out)
    return (
        "| target | phase | what the policy says | the pick | next release |\n"
        f"|---|---|---|---|---|\n{rows}{out}"
    )


def _row(one: Outlook) -> str:
    cells = (one.series, one.phase, one.policy, one.pick, one.next_version)
    return f"| {' | '.join(markdown.plain(cell) or '-' for cell in cells)} |"


def _directives(vote: Vote) -> str:
    lines = "\n".join(f"{one.number}. {markdown.plain(one.text)}" for one in vote.motion.directives)
    return f"An acceptance obliges to:\n\n{lines}"


def _count(vote: Vote, tally: Tally) -> str:
    """Show the count: one table where all targets stand alike, else one for each."""
    broken_off = _broken_off(vote, tally)
    said = [] if broken_off else [f"**{tally.sentence}**", tally.change]
    shown: dict[tuple[Counted, ...], list[str]] = {}
    for target in tally.targets:
        shown.setdefault(target.votes, []).append(target.series)
    for votes, series in shown.items():
        if votes:
            title = "" if len(shown) == 1 else f"{', '.join(series)}:\n\n"
            rows = "\n".join(map(_vote, votes))
            said.append(f"{title}| who | vote | when |\n|---|---|---|\n{rows}")
    waiting = sorted({login for target in tally.targets for login in target.outstanding})
    if waiting and tally.closed_at is None and not broken_off:
        said.append(f"Still to vote: {', '.join(waiting)}.")
    said += dict.fromkeys(target.remark for target in tally.targets)
    return "\n\n".join(one for one in said if one)


def _vote(vote: Counted) -> str:
    by = f", recorded by {vote.recorded_by}" if vote.recorded_by else ""
    return f"| {vote.voter} | [`{vote.choice}`]({vote.url}){by} | {moment(vote.at)} |"


def _how(vote: Vote, rule: Rule, tally: Tally) -> str:
    """Say who decides, by which rule, and what to write."""
    voters = ", ".join(f"@{login}" for login in vote.electorate)
    ref = rule.ref
    options = "".join(f", {name} = {value}" for name, value in ref.options)
    by = f"the rule `{ref.id}`, version {ref.version}{options} ({rule.about.source})"
    until = f" Votes count until {moment(tally.closes_at)}." if tally.closes_at else ""
    return (
        f"By {by}: it passes when {rule.about.passes}. {_ways(rule)}{until} A changed vote counts "
        f"from the moment it is seen. Who decides, as of the opening: {voters}."
    )


def _ways(rule: Rule) -> str:
    means = rule.form.means
    if Means.ANSWER in means:
        return (
            "One of them posts the answer of all: `/exception decide accept URL`, `reject` or "
            "`no-action` instead of `accept`, series before the URL for some targets only."
        )
    ways = []
    if Means.COMMENT in means:
        choices = ", ".join(f"`{one}`" for one in sorted(rule.form.choices))
        ways.append(
            f"write a comment whose first line is one of {choices}, or `/vote +1 4.1` for one "
            "target"
        )
    if Means.REVIEW in means:
        ways.append("approve the pull request in a review, or request changes")
    if Means.RECORD in means:
        ways.append("a vote cast elsewhere is entered by `/vote record @member +1 URL`")
    text = "; ".join(ways)
    return f"To vote: {text}."


def _noted(noted: tuple[Noted, ...]) -> str:
    lines = [
        f"- {markdown.plain(one.voter)}"
        f"{f', `{one.choice}`' if one.choice else ''}: {one.why} ([{moment(one.at)}]({one.url}))"
        for one in noted
    ]
    return "Noted, not counted:\n\n" + "\n".join(lines) if lines else ""


def _seen(vote: Vote) -> str:
    """Show the history, folded: everything that was seen of votes and of the roster."""
    lines = [(event.seen.at, _happened(event)) for event in vote.seen.events]
    lines += [
        (change.at, f"{change.login} {'joined' if change.joined else 'left'} the roster")
        for change in vote.seen.changes
    ]
    if not lines:
        return ""
    shown = "\n".join(f"- {moment(at)}: {text}" for at, text in sorted(lines)[-_MOST_SEEN:])
    return f"<details><summary>Everything that was seen</summary>\n\n{shown}\n\n</details>"


def _happened(event: Event) -> str:
    seen = event.seen
    said = ", ".join(f"`{ballot.choice}` of {ballot.voter}" for ballot in event.ballots)
    what = {
        Kind.CAST: f"{said or 'no vote'} by [{seen.author}]({seen.url})",
        Kind.EDITED: f"[{seen.author}]({seen.url}) changed it to {said or 'no vote'}",
        Kind.DELETED: f"the vote of {seen.author} was deleted",
    }[seen.kind]
    return f"{what}{', by another hand' if seen.by_another else ''}"


def reminder(vote: Vote, tally: Tally) -> str:
    """Remind those who have not voted of the end."""
    waiting = sorted({login for target in tally.targets for login in target.outstanding})
    names = ", ".join(f"@{login}" for login in waiting)
    return (
        f"{marker.mark(reminder_kind(tally.closes_at))}\nThe vote on the exception "
        f"{markdown.plain(vote.name)} ends at {moment_or_never(tally.closes_at)}. {tally.sentence} "
        f"{tally.change} Still to vote: {names}. [The question]({vote.comment_url})"
    )


def reminder_kind(end: datetime | None) -> str:
    """Name the reminder of one end, so that it is said once."""
    return f"vote-reminder-{end:%Y%m%dT%H%M}" if end else "vote-reminder"


def prolonged(vote: Vote, tally: Tally) -> str:
    """Say that a vote goes on, and why."""
    return (
        f"{marker.mark(prolonged_kind(tally.closes_at))}\nThe vote on the exception "
        f"{markdown.plain(vote.name)} goes on until {moment_or_never(tally.closes_at)}. "
        f"{tally.sentence} {tally.change} [The question]({vote.comment_url})"
    )


def prolonged_kind(end: datetime | None) -> str:
    """Name the notice of one extension, so that it is said once."""
    return f"vote-prolonged-{end:%Y%m%dT%H%M}" if end else "vote-prolonged"


def moment_or_never(at: datetime | None) -> str:
    """Write a moment that may not be known."""
    return moment(at) if at else "no fixed time"


def restored(by: str, at: datetime) -> str:
    """Say in a vote's comment that somebody changed it."""
    return (
        f"{moment(at)}: {markdown.plain(by)} changed or deleted this comment; it was written anew "
        "from the register, and no vote was changed."
    )
