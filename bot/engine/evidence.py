"""The decisions on a pull request, each compared with the comment that announced it.

The register is the copy, the comment on GitHub the original: a record that is not in both, and the
same in both, is named and not trusted.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.core import vote_record
from bot.core.errors import UserError
from bot.core.model import Comment, PullRequest, Repository
from bot.core.policy import Announced, Evidence
from bot.core.vote_record import Recorded, Status
from bot.engine import register
from bot.engine.world import github, world

_MARK = f"<!-- stablehand:{vote_record.DECISION}="


async def known(
    repository: Repository, pull: PullRequest, said: Sequence[Comment] | None
) -> Evidence:
    """Read what is recorded of a pull request; `said` are its comments as far as they are known."""
    try:
        recorded = await _recorded(repository, pull)
        votes = await _voted_on(repository, pull)
    except UserError as error:
        return Evidence(problems=(error.message,))
    records, problems = [], list(_forged(said or (), {one.comment for one in recorded}))
    for one in recorded:
        comment = await _comment(repository, one, said or ())
        problem = _doubt(one, comment)
        problems += [problem] if problem else []
        if comment and not problem:
            records.append(Announced(one.decision, one.comment_url, one.author))
        elif one.decision.overturns:  # what takes something back is believed even so
            records.append(Announced(one.decision, one.comment_url, ""))
    return Evidence(tuple(records), tuple(problems), votes)


async def _recorded(repository: Repository, pull: PullRequest) -> tuple[Recorded, ...]:
    """Give the decisions on the merged commit, and those on motions at the pull request."""
    found = await register.decisions_at(repository.id, pull.number)
    if pull.merge_commit_sha:
        found += await register.decisions_for(repository.id, pull.merge_commit_sha)
    return tuple({one.decision.digest: one for one in found}.values())


async def _voted_on(repository: Repository, pull: PullRequest) -> tuple[tuple[str, str], ...]:
    """Give each series for which the merged commit is voted on now, with where."""
    if not pull.merge_commit_sha:
        return ()
    found = await register.motions_of(repository.id, pull.merge_commit_sha)
    votes = [vote for vote in found if vote.status is Status.OPEN]
    return tuple((series, vote.comment_url) for vote in votes for series in vote.motion.series)


async def _comment(
    repository: Repository, one: Recorded, said: Sequence[Comment]
) -> Comment | None:
    """Give the comment that announced a decision, None where it is gone."""
    here = next((comment for comment in said if comment.id == one.comment), None)
    return here or await github(repository).comment(one.comment)


def _doubt(one: Recorded, comment: Comment | None) -> str:
    """Say why a decision cannot be trusted, empty where it can."""
    name = f"The decision {one.decision.name}"
    if comment is None:
        return f"{name} is in the register, but the comment that announced it was deleted."
    try:
        announced = vote_record.read_decision(comment.body, world().sign)
    except UserError as error:
        return f"{name} was tampered with at {comment.url}: {error.message}"
    if announced is None or announced.digest != one.decision.digest or not comment.by_bot:
        return f"{name} was tampered with: {comment.url} says something else than the register."
    return ""


def _forged(said: Sequence[Comment], recorded: set[int]) -> list[str]:
    """Name the comments that look like a decision and are none that was recorded."""
    return [
        f"A comment by {comment.author} looks like a decision, but none was recorded there: "
        f"{comment.url}."
        for comment in said
        if _MARK in comment.body and comment.id not in recorded
    ]
