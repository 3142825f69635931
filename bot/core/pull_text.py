"""Title and body of a backport pull request."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core import markdown, marker
from bot.core.config import Configuration
from bot.core.model import Target


@dataclass(frozen=True, slots=True)
class Source:
    """What a backport pull request says of where it comes from.

    `subject` is the first line of the source commit, or the pull request's title where there are
    several commits. `decision` names in Markdown what was decided, empty where nothing has to be.
    """

    number: int
    subject: str
    commits: tuple[str, ...]
    label: str
    actor: str
    decision: str = ""


def title(source: Source, target: Target, configuration: Configuration) -> str:
    """Put the series before the subject: `[4.1.x] Fixed #34063 -- …`, in full length."""
    prefix = configuration.recipe_for(target.series, "").subject_prefix
    return source.subject if source.subject.startswith(prefix) else prefix + source.subject


def body(source: Source, target: Target, configuration: Configuration) -> str:
    """Name source, decision and ticket, and carry the mark by which the bot finds its own."""
    label, actor = markdown.code(source.label), markdown.plain(source.actor)
    commits = ", ".join(source.commits)
    by_label = f"the label {label}, set on #{source.number} by {actor}"
    decision = f"{source.decision}; {by_label}" if source.decision else by_label
    paragraphs = [
        f"Backport of #{source.number} to {markdown.code(target.branch)}: {commits}.",
        f"Decision: {decision}.",
    ]
    if ticket := ticket_link(source.subject, configuration):
        paragraphs.append(f"Ticket: {ticket}")
    return "\n\n".join([*paragraphs, marker.source(source.number)])


def ticket_link(subject: str, configuration: Configuration) -> str:
    """Link the ticket that a subject such as `Fixed #34063 -- …` names; empty if none."""
    found = re.match(r"[^-\n]*?#(\d{1,8})\b", subject)
    if not found or not configuration.ticket_url:
        return ""
    url = configuration.ticket_url.replace("{ticket}", found.group(1))
    return f"[#{found.group(1)}]({url})"
