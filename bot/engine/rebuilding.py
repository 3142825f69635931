"""The register made again from GitHub alone: every record that our own comments hold.

A record is trusted where its signature holds and it stands where it says that it stands. What the
database knows otherwise is kept and reported: one of the two was changed, and a person must look.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.core import checklist, schedule, vote_record
from bot.core.decision import Decision
from bot.core.model import Comment, Repository
from bot.core.vote_record import Recorded, Vote
from bot.core.votes import seal
from bot.engine import cases, motions, register, tampering
from bot.engine.cases import Case
from bot.engine.world import github, world


@dataclass(frozen=True, slots=True)
class Problem:
    """A comment that is not trusted, or a record whose comment is gone, and why."""

    url: str
    why: str


@dataclass(frozen=True, slots=True)
class Backport:
    """A backport pull request that a checklist names."""

    source: int
    series: str
    pull: int
    merged: bool


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What GitHub holds of one repository; `restored` of the records were not known before."""

    repository: str
    votes: int
    ballots: int
    decisions: int
    restored: int
    backports: tuple[Backport, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Found:
    """What the comments hold, by key and by digest."""

    votes: dict[str, Vote] = field(default_factory=dict)
    decisions: dict[str, Recorded] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


async def rebuild(repository: Repository) -> Rebuilt:
    """Read all comments of ours and put into the register what is missing there."""
    comments = await github(repository).comments_of(await world().app.login())
    found = read(repository, comments)
    known = await register.everything(repository.id)
    restored = await _put_votes(found, known[0]) + await _put_decisions(found, known[1])
    restored += await _put_cases(found, repository)
    found.problems += _gone(found, *known)
    return Rebuilt(
        repository=repository.full_name,
        votes=len(found.votes),
        ballots=sum(len(vote.seen.events) for vote in found.votes.values()),
        decisions=len(found.decisions),
        restored=restored,
        backports=tuple(one for case in found.cases for one in _backports(case)),
        problems=tuple(found.problems),
    )


async def mend(repository: Repository, rebuilt: Rebuilt) -> None:
    """Write anew, from the database, the comments in which a record was found to be wrong.

    This also signs records again after the App got another private key. What is gone stays gone.
    """
    bad = {problem.url for problem in rebuilt.problems}
    votes, recorded = await register.everything(repository.id)
    texts = [(vote.comment, motions.page(vote)) for vote in votes if vote.comment_url in bad]
    texts += [
        (one.comment, await tampering.body(one)) for one in recorded if one.comment_url in bad
    ]
    for comment, text in texts:
        if await github(repository).comment(comment):
            await github(repository).edit_comment(comment, text)


def read(repository: Repository, comments: Iterable[tuple[int, Comment]]) -> _Found:
    """Read every record in comments of ours, each with the number where it stands."""
    found = _Found()
    for number, comment in comments:
        try:
            vote = vote_record.read(comment.body, world().sign)
            made = vote_record.read_decision(comment.body, world().sign)
        except seal.Broken as broken:
            found.problems.append(Problem(comment.url, broken.message))
            continue
        if vote:
            _take_vote(found, repository, (number, comment), vote)
        if made:
            _take_decision(found, repository, (number, comment), made)
        if state := checklist.read(comment.body):
            found.cases.append(Case(repository, number, comment.id, state))
    return found


def _take_vote(
    found: _Found, repository: Repository, place: tuple[int, Comment], vote: Vote
) -> None:
    number, comment = place
    here = replace(
        vote,
        installation=repository.installation,
        comment=comment.id,
        comment_url=comment.url,
        author=comment.author,
    )
    question = vote.motion.question
    away = vote.repository_id != repository.id or question.number != number
    if away or vote.comment not in {0, comment.id} or vote.key in found.votes:
        found.problems.append(
            Problem(comment.url, "This is a copy of a vote that stands elsewhere.")
        )
    else:
        found.votes[vote.key] = here


def _take_decision(
    found: _Found, repository: Repository, place: tuple[int, Comment], made: Decision
) -> None:
    number, comment = place
    away = made.repository.lower() != repository.full_name.lower() or made.number != number
    if away or made.digest in found.decisions:
        why = "This is a copy of a decision that stands elsewhere."
        found.problems.append(Problem(comment.url, why))
    else:
        found.decisions[made.digest] = Recorded(
            repository_id=repository.id,
            pull=_source(found, made),
            decision=made,
            comment=comment.id,
            comment_url=comment.url,
            author=comment.author,
        )


def _source(found: _Found, made: Decision) -> int:
    """Give the source pull request, which the vote names; it was written before its decision."""
    sources = (
        vote.pull
        for vote in found.votes.values()
        if vote.motion.question.number == made.number and vote.motion.question.commit == made.commit
    )
    return next(sources, made.number)


def _backports(case: Case) -> list[Backport]:
    rows = case.checklist.rows
    return [
        Backport(case.number, row.series, row.pull, bool(row.merged)) for row in rows if row.pull
    ]


async def _put_cases(found: _Found, repository: Repository) -> int:
    """Follow again what a checklist tells of, and see at the next look how far it is now."""
    known = {case.number for case in await cases.every(repository.id)}
    oldest = {case.number: case for case in reversed(found.cases) if not case.checklist.forecast}
    fresh = [case for number, case in oldest.items() if number not in known]
    for case in fresh:
        await cases.put(case)
    return len(fresh)


async def _put_votes(found: _Found, known: tuple[Vote, ...]) -> int:
    standing = {vote.key: vote for vote in known}
    fresh = [vote for vote in found.votes.values() if vote.key not in standing]
    for vote in fresh:
        await register.put_motion(vote, schedule.due_at(vote, vote.tally(world().clock())))
    for vote in found.votes.values():
        if vote.key in standing and _differ(vote, standing[vote.key]):
            why = "The record of this vote is not the one in the database, which is kept."
            found.problems.append(Problem(vote.comment_url, why))
    return len(fresh)


def _differ(one: Vote, other: Vote) -> bool:
    return (one.motion, one.seen, one.status, one.decision) != (
        other.motion,
        other.seen,
        other.status,
        other.decision,
    )


async def _put_decisions(found: _Found, known: tuple[Recorded, ...]) -> int:
    standing = {one.decision.digest for one in known}
    fresh = [one for digest, one in found.decisions.items() if digest not in standing]
    for one in fresh:
        await register.put_decision(one)
    return len(fresh)


def _gone(found: _Found, votes: tuple[Vote, ...], recorded: tuple[Recorded, ...]) -> list[Problem]:
    """Name the records that only the database has, and votes whose decision nobody has."""
    bad = {problem.url for problem in found.problems}
    gone = "The database has this record, but the comment that held it is gone."
    lost = "The decision on this vote was recorded, but its comment cannot be trusted or is gone."
    known = {one.decision.digest for one in recorded} | set(found.decisions)
    problems = [
        Problem(vote.comment_url, gone)
        for vote in votes
        if vote.key not in found.votes and vote.comment_url not in bad
    ]
    problems += [
        Problem(one.comment_url, gone)
        for one in recorded
        if one.decision.digest not in found.decisions and one.comment_url not in bad
    ]
    problems += [
        Problem(vote.comment_url, lost)
        for vote in found.votes.values()
        if vote.decision and vote.decision not in known
    ]
    return problems
