"""What one target still lacks before a release may go out with it, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.core import markdown, verdict
from bot.core.checklist import Checklist, Row
from bot.core.checklist_lines import version_of
from bot.core.counts import quantity
from bot.core.model import Outcome
from bot.core.noted import Share, Stand

_DONE = "✅"
_PROOF_STOPS_NOBODY = (_DONE, "⚠️", f"⚪ {verdict.NOT_APPLICABLE}")


class Need(StrEnum):
    """What a target needs, in the order in which it comes."""

    PICK = "pick"
    PULL = "pull request"
    PROOF = "proof"
    NOTE = "note"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is not there yet, and in plain words why."""

    need: Need
    why: str


def missing(row: Row, shares: Sequence[Share] = ()) -> tuple[Missing, ...]:
    """Give what a target lacks; `shares` are the branches that lack its note too.

    Of one that was released only those are left.
    """
    elsewhere = tuple(map(_share, shares))
    if row.shipped:
        return elsewhere
    if row.merged or row.outcome is Outcome.ALREADY_THERE:
        return (*_note(row), *elsewhere)
    return (*_pick(row), *_pull(row), *_proof(row), *_note(row), *_merge(row), *elsewhere)


def lacking(checklist: Checklist, row: Row) -> tuple[Share, ...]:
    """Give the other branches that shall have a target's note and do not."""
    return tuple(share for share in checklist.shares if version_of(row) in share.lacking)


def turn(row: Row, claimed_by: str, shares: Sequence[Share] = ()) -> str:
    """Say in one sentence who has the next move, empty where nobody has."""
    merger = f"{claimed_by} or another merger" if claimed_by[-5:] != "[bot]" else "A merger"
    lacks = {one.need for one in missing(row)}
    if Need.PICK in lacks:
        return _to_pick(row, merger)
    if Need.PULL in lacks:
        return f"{merger} has it tried again: `/backport retry` in a comment."
    if Need.MERGE in lacks:
        return _to_merge(row, merger, proven=Need.PROOF not in lacks)
    if Need.NOTE in lacks:
        by = row.landing.by if row.landing and row.landing.by else merger
        return f"{by} writes the release note."
    if shares:
        pulls = [f"#{share.pull}" for share in shares if share.pull]
        return f"{merger} merges {' and '.join(pulls)}." if pulls else f"{merger} brings the note."
    return "" if row.shipped else "A releaser makes the release."


def _to_pick(row: Row, merger: str) -> str:
    if row.outcome is Outcome.MISSING:
        return f"{merger} makes the branch {row.branch}, or drops it as a target."
    if row.pull:
        return f"{merger} finishes the draft #{row.pull}."
    return f"{merger} picks it by hand; the checklist has the commands."


def _to_merge(row: Row, merger: str, *, proven: bool) -> str:
    if row.held_back:
        return f"Nobody merges #{row.pull} for now; it says why."
    if row.closed or row.landing:
        return f"{merger} says whether it shall still go in."
    if not proven and row.tests.startswith("❌"):
        return f"{merger} looks into the failed proof of #{row.pull}."
    if not proven:
        return f"{merger} waits for the proof of #{row.pull}, or runs its tests."
    return f"{merger} reviews and merges #{row.pull}."


def _pick(row: Row) -> Iterator[Missing]:
    if row.outcome is Outcome.CONFLICT:
        files = quantity(len(row.conflicts), "file") if row.conflicts else "it"
        verb = "are" if len(row.conflicts) > 1 else "is"
        yield Missing(Need.PICK, f"{files} {verb} in conflict")
    elif row.outcome is Outcome.MISSING:
        yield Missing(Need.PICK, "there is no such branch")
    elif row.outcome is Outcome.NOTHING_TO_PICK:
        yield Missing(Need.PICK, "there is nothing to pick")


def _pull(row: Row) -> Iterator[Missing]:
    if row.pull is None:
        yield Missing(Need.PULL, "none is open")


def _proof(row: Row) -> Iterator[Missing]:
    """Tell what keeps a proof from counting; where no tests are configured, none is asked for."""
    if row.tests and not row.tests.startswith(_PROOF_STOPS_NOBODY):
        yield Missing(Need.PROOF, markdown.shown(row.tests))


def _note(row: Row) -> Iterator[Missing]:
    noted = row.noted
    if noted is None:
        if row.note and not row.note.startswith(_DONE):
            yield Missing(Need.NOTE, markdown.shown(row.note))
    elif noted.stand is Stand.STUCK:
        yield Missing(Need.NOTE, f"as things are it cannot be written into {noted.path}")
    elif noted.stand is Stand.OFFERED:
        yield Missing(Need.NOTE, f"it is not in {noted.path}")


def _share(share: Share) -> Missing:
    brings = f"; #{share.pull} brings it" if share.pull else ""
    return Missing(Need.NOTE, f"{share.branch} does not have it{brings}")


def _merge(row: Row) -> Iterator[Missing]:
    if row.landing:
        yield Missing(Need.MERGE, f"it was taken back by {row.landing.reverted_by[:12]}")
    elif row.closed:
        yield Missing(Need.MERGE, "its pull request was closed without a merge")
    elif row.held_back:
        yield Missing(Need.MERGE, "it is held back")
    elif row.steps:
        yield Missing(Need.MERGE, "it is not in the branch, and the release has begun")
    else:
        yield Missing(Need.MERGE, "it is not in the branch")
