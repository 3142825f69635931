"""Commits that somebody pushed to a target branch by hand, and which of them nothing allows.

A commit is allowed as a backport pull request is: by its class of fix and the phase, or by a
decision. What touches nothing but the files of a release is the releasers' own business.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.core import gate_form, markdown, marker, phases, split
from bot.core.gate_policy import Fix, Known, Line, Standard, admitted
from bot.core.message import subject
from bot.core.phases import ClassReading, FixClass

MOST = 500
"""So many commits of a branch, the newest, are looked at and remembered."""
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class PushedCommit:
    """A commit as a push tells of it; `paths` are all files that it touches."""

    sha: str
    message: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Strange:
    """A commit that nothing allows, what it copies (empty for nothing), and the verdict on it."""

    commit: PushedCommit
    source: str
    line: Line


def strange(
    commits: Iterable[PushedCommit],
    branch: str,
    standard: Standard,
    decisions: Sequence[Known],
    labels: Sequence[str] = (),
) -> tuple[Strange, ...]:
    """Find the commits that nothing allows; `labels` are those of the source pull request."""
    judged = ((one, _source(one, standard)) for one in commits if not _of_release(one, standard))
    found = (
        Strange(
            one, source, admitted(_fix(one, source, branch, standard, labels), standard, decisions)
        )
        for one, source in judged
    )
    return tuple(one for one in found if not one.line.holds)


def sources(commits: Iterable[PushedCommit], standard: Standard) -> tuple[str, ...]:
    """Give what the commits say they copy."""
    named = (_source(one, standard) for one in commits)
    return tuple(dict.fromkeys(source for source in named if source))


def note(found: Sequence[Strange], branch: str, team: str, by: str) -> str:
    """Write the note to the team."""
    listed = "\n".join(f"- {_said(one)}" for one in found[:_SHOWN])
    more = f"\n- … and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    quote = next((f"> {one.line.quote}\n\n" for one in found if one.line.quote), "")
    steps = dict.fromkeys(step for one in found for step in one.line.fixes)
    todo = "\n".join(f"- {step}" for step in [*steps, "Or revert it, if it should not be there."])
    commits = "a commit" if len(found) == 1 else f"{len(found)} commits"
    return (
        f"{marker.mark(kind(found))}\n@{team}: {markdown.plain(by)} pushed {commits} to "
        f"{markdown.code(branch)} by hand, which neither the policy nor an exception lets in "
        f"there:\n\n{listed}{more}\n\n{quote}{todo}"
    )


def kind(found: Sequence[Strange]) -> str:
    """Give the mark by which the note on a push is found again."""
    return f"hand-push={found[-1].commit.sha}"


def _said(one: Strange) -> str:
    return f"{one.commit.sha} {markdown.code(subject(one.commit.message))}: {one.line.said}"


def _source(commit: PushedCommit, standard: Standard) -> str:
    return next(iter(gate_form.sources(commit.message, standard.configuration)[-1:]), "")


def _fix(
    commit: PushedCommit, source: str, branch: str, standard: Standard, labels: Sequence[str]
) -> Fix:
    return Fix(
        branch=branch,
        series=standard.configuration.series(branch),
        reading=_reading(commit, standard, labels),
        sources=(source,) if source else (),
    )


def _reading(commit: PushedCommit, standard: Standard, labels: Sequence[str]) -> ClassReading:
    """Read the class; what touches documentation alone is documentation, if it says nothing."""
    reading = phases.read_class(labels, commit.message, standard.prefix)
    if reading == ClassReading(None) and commit.paths and all(map(split.is_docs, commit.paths)):
        return ClassReading(FixClass.DOCS)
    return reading


def _of_release(commit: PushedCommit, standard: Standard) -> bool:
    table = standard.configuration.policy
    patterns = table.release_paths if table else ()
    return bool(commit.paths) and all(split.matches(patterns, path) for path in commit.paths)
