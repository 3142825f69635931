"""The form of a backport: its title, the subjects of its commits, their source and the ticket.

Each line that does not hold says the exact words that would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from bot.core import markdown
from bot.core.config import Configuration
from bot.core.gate_policy import Line
from bot.core.message import SERIES_PREFIX, subject
from bot.core.model import CommitSummary
from bot.core.phases import FixClass

_SHA = "([0-9a-f]{7,40})"
_PICKED = re.compile(rf"^\(cherry picked from commit {_SHA}\)[ \t\r]*$", re.MULTILINE)
_BRANCH_ONLY = re.compile(r"^[ \t]*branch only:[ \t]*(\S.*)$", re.MULTILINE | re.IGNORECASE)
_HIDDEN = re.compile(r"<!--.*?-->", re.DOTALL)
_SUFFIX = re.compile(r"\s*\(#\d{1,8}\)\s*$")  # that of a squash merge names the pull request
_SHOWN = 20


def sources(message: str, configuration: Configuration) -> tuple[str, ...]:
    """Give the commits that a message says it copies, in order: a copy of a copy names both.

    Read are the configured trailer, with or without its last period, and git's own line.
    """
    before, _, after = configuration.trailer.rstrip(".").partition("{sha}")
    trailer = re.compile(rf"^{_filled(before)}{_SHA}{_filled(after)}\.?[ \t\r]*$", re.MULTILINE)
    found = [*trailer.finditer(message), *_PICKED.finditer(message)]
    return tuple(one.group(1) for one in sorted(found, key=lambda one: one.start()))


def copied(commits: Iterable[CommitSummary], configuration: Configuration) -> tuple[str, ...]:
    """Give what each of the commits copies: the last that it names."""
    named = (sources(commit.message, configuration)[-1:] for commit in commits)
    return tuple(dict.fromkeys(source for one in named for source in one))


def tickets(line: str) -> tuple[str, ...]:
    """Give the tickets that a subject names before its ` -- `, or else the first."""
    bare = _SUFFIX.sub("", line)
    head, dashes, _ = bare.partition(" -- ")
    found = re.findall(r"#(\d{1,8})\b", head if dashes else bare)
    return tuple(dict.fromkeys(found if dashes else found[:1]))


def titled(title: str, prefix: str) -> Line:
    """See that a title begins with the prefix of its series."""
    if title.startswith(prefix):
        return Line("Title", holds=True, said=f"It begins with {markdown.code(prefix)}.")
    return Line(
        "Title",
        holds=False,
        said=f"It must begin with {markdown.code(prefix)}.",
        fixes=(f"Call this pull request {markdown.code(prefixed(title, prefix))}.",),
        headline=f"The title lacks {prefix.strip()}",
    )


def subjects(commits: Sequence[CommitSummary], prefix: str) -> Line:
    """See that the subject of each commit begins with the prefix of the series."""
    wrong = [one for one in commits if not subject(one.message).startswith(prefix)]
    if not wrong:
        said = f"Each subject begins with {markdown.code(prefix)}."
        return Line("Commits", holds=True, said=said)
    return Line(
        "Commits",
        holds=False,
        said=f"Each subject must begin with {markdown.code(prefix)}.",
        fixes=_each(
            wrong,
            lambda one: f"the subject {markdown.code(prefixed(subject(one.message), prefix))}",
        ),
        headline=f"A commit's subject lacks {prefix.strip()}",
    )


def sourced(
    commits: Sequence[CommitSummary],
    configuration: Configuration,
    default_branch: str,
    excused: str,
) -> Line:
    """See that each commit says what it is a copy of; `excused` says why it need not."""
    wrong = [one for one in commits if not sources(one.message, configuration)]
    main = markdown.code(default_branch)
    if not wrong:
        every = ", ".join(f"`{one[:12]}`" for one in copied(commits, configuration))
        return Line("Source", holds=True, said=f"Copied from {every}.")
    if excused:
        return Line("Source", holds=True, said=f"No source is asked for: {excused}")
    trailer = configuration.trailer.replace("{branch}", default_branch)
    words = markdown.code(trailer.replace("{sha}", "SHA"))
    return Line(
        "Source",
        holds=False,
        said="Each commit must say which commit it is a copy of.",
        fixes=(
            *_each(wrong, lambda _: f"the last paragraph {words}, with the commit's full name"),
            f"Or, if {main} has no such commit, a line `Branch only: REASON` in the description.",
        ),
        headline="A commit does not name its source",
    )


def ticketed(title: str, commits: Sequence[CommitSummary], fix_class: FixClass | None) -> Line:
    """See that title and commits name the same ticket; documentation needs none."""
    named = tickets(title)
    of_commits = tuple(dict.fromkeys(n for one in commits for n in tickets(subject(one.message))))
    strange = [number for number in named if number not in of_commits]
    if named and not strange:
        return Line("Ticket", holds=True, said=f"{_numbers(named)}, in title and commits.")
    if not named and not of_commits and fix_class is FixClass.DOCS:
        return Line("Ticket", holds=True, said="Documentation needs none.")
    return _no_ticket(named, of_commits, strange)


def _no_ticket(named: Sequence[str], of_commits: Sequence[str], strange: Sequence[str]) -> Line:
    if strange and of_commits:
        said = f"The title names {_numbers(named)}, the commits {_numbers(of_commits)}."
        step = "Name the same in both."
    elif strange:
        said = f"The title names {_numbers(named)}, no commit does."
        step = f"Begin the commit's subject, after the series, with `Fixed #{named[0]} -- `."
    else:
        number = of_commits[0] if of_commits else "N"
        said = "The title names no ticket."
        step = f"Begin the title, after the series, with `Fixed #{number} -- `."
    return Line("Ticket", holds=False, said=said, fixes=(step,), headline=said.rstrip("."))


def branch_only(body: str) -> str:
    """Give the reason why a pull request copies nothing, empty where its text gives none."""
    found = _BRANCH_ONLY.search(_HIDDEN.sub("", body))
    return markdown.plain(found.group(1)) if found else ""


def prefixed(line: str, prefix: str) -> str:
    """Put the prefix before a line, in the place of another series'."""
    bare = SERIES_PREFIX.sub(b"", line.encode(errors="replace")).decode(errors="replace")
    return prefix + bare


def _filled(part: str) -> str:
    """Give the pattern of a part of the trailer; any branch may be named."""
    return r"\S+?".join(re.escape(piece) for piece in part.split("{branch}"))


def _each(
    commits: Sequence[CommitSummary], wanted: Callable[[CommitSummary], str]
) -> tuple[str, ...]:
    """Say for each commit what it wants, up to a number."""
    steps = [f"Give `{one.sha[:12]}` {wanted(one)}." for one in commits[:_SHOWN]]
    return tuple(steps if len(commits) <= _SHOWN else [*steps, "And so on for the others."])


def _numbers(numbers: Iterable[str]) -> str:
    return ", ".join(numbers)
