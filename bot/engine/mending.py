"""One pull request or issue compared with what is known of it: what was missed is made up for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from pydantic import TypeAdapter

from bot.core import checklist as lists
from bot.core import decision_comments, marker, missed, vote_record
from bot.core.checklist import Checklist
from bot.core.commands import BackportChanged, Claim, Command, Delivery, Spoke, Unclaimed
from bot.core.config import BOT_EMAIL
from bot.core.errors import UserError
from bot.core.missed import Found
from bot.core.model import Comment, PullRequest, Repository
from bot.core.vote_record import Recorded, Status, Vote
from bot.engine import accept, cases, durable, last_seen, register, tampering, tracking
from bot.engine.cases import Case
from bot.engine.durable import Json
from bot.engine.exception import usable
from bot.engine.world import github, world
from bot.ports import GitHub

_REPOSITORY = TypeAdapter(Repository)
_WAITING = frozenset({"ENQUEUED", "PENDING"})


@dataclass(frozen=True, slots=True)
class Missing:
    """What no webhook told of one pull request or issue.

    A `claim` without an answer is tried once a day, however long nothing comes of it. `followed`
    tells whether an exception is under way there.
    """

    deliveries: tuple[Delivery, ...]
    followed: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a number, and what is said there now."""

    repository: Repository
    number: int
    case: Case | None
    votes: tuple[Vote, ...]
    decisions: tuple[Recorded, ...]
    said: tuple[Comment, ...]

    @property
    def checklist(self) -> Checklist | None:
        if self.case:
            return self.case.checklist
        comment = marker.find(self.said, lists.KIND)
        return lists.read(comment.body) if comment else None


async def claimed(repository: Repository, number: int, when: str) -> bool:
    """Note that a look is about to `start`, unless an earlier one still waits; call it in a step.

    So what is held up for hours is not looked at once for each of them.
    """
    place = f"mend:{number}"
    last = await last_seen.get(repository.id, place)
    earlier = await durable.outcome(_name(repository, number, last)) if last else None
    if last != when and earlier and earlier.status in _WAITING:
        return False
    await last_seen.put(repository.id, place, when)
    return True


def _name(repository: Repository, number: int, when: str) -> str:
    return f"mend:{repository.id}:{number}:{when}"


async def start(repository: Repository, number: int, when: str) -> None:
    """Have one number compared, after what happens to it now; `when` names the look."""
    await durable.spawn(
        mend,
        _name(repository, number, when),
        {"repository": _REPOSITORY.dump_python(repository), "number": number, "when": when},
        queue="branches",
        partition=f"{repository.id}:{number}",
    )


@durable.workflow("mend")
async def mend(job: Json) -> None:
    """Make up for what was missed, and have an exception that is under way looked at."""
    repository, number = _REPOSITORY.validate_python(job["repository"]), job["number"]
    missing: Missing = await durable.step(
        "compare", _compare, repository, number, job["when"], returns=Missing
    )
    for delivery in missing.deliveries:
        await accept.pass_on(delivery)
    if missing.followed:
        await tracking.start(repository, number, f"repair:{job['when']}")


async def _compare(repository: Repository, number: int, when: str) -> Missing:
    api = github(repository)
    known = _Known(
        repository=repository,
        number=number,
        case=await cases.find(repository.id, number),
        votes=await register.motions_at(repository.id, number),
        decisions=await register.decisions_at(repository.id, number),
        said=await api.comments(number),
    )
    pull = await _pull(api, number)
    commands: list[Command] = [*await _of_votes(api, known)]
    reviews: tuple[Delivery, ...] = ()
    claim: Delivery | None = None
    if pull:
        reviews = await _of_reviews(known)
        commands += await _of_backports(api, known, pull)
        claim = await _claim(api, known, pull)
    guid = f"missed:{repository.id}:{number}:{when}"
    told = Delivery(guid, "repair", None, repository, tuple(commands))
    found = tuple(one for one in (*reviews, told, claim) if one and one.commands)
    return Missing(found, known.case is not None and not known.case.ended)


async def _pull(api: GitHub, number: int) -> PullRequest | None:
    try:
        return await api.pull(number)
    except UserError:
        return None  # an issue, on which there is a vote


async def _of_votes(api: GitHub, known: _Known) -> list[Spoke]:
    """Find the ballots that are gone, and comments of ours that other hands touched."""
    found: list[Spoke] = []
    for vote in known.votes:
        if vote.status is Status.OPEN:
            found += missed.gone_ballots(vote, known.said)
        if vote.comment and vote.status is not Status.WITHDRAWN:
            comment = _by_id(known.said, vote.comment)
            if comment is None or not _holds(vote, comment):
                place = (vote.comment, vote.comment_url, vote.author)
                found.append(await _touched(api, known, place, comment))
    for one in known.decisions:
        comment = _by_id(known.said, one.comment)
        if _is_touched(one, comment, known.said):
            place = (one.comment, one.comment_url, one.author)
            found.append(await _touched(api, known, place, comment))
    return found


async def _of_reviews(known: _Known) -> tuple[Delivery, ...]:
    """Find the reviews on which an open vote has not counted, or not as they are now."""
    vote = next((one for one in known.votes if one.status is Status.OPEN), None)
    if vote is None:
        return ()
    changes = world().app.changes(known.repository)
    return await changes.reviews(known.number, partial(missed.review_action, vote))


def _by_id(said: Sequence[Comment], number: int) -> Comment | None:
    return next((one for one in said if one.id == number), None)


def _holds(vote: Vote, comment: Comment) -> bool:
    """Tell whether the comment of a vote is one that we signed."""
    try:
        found = vote_record.read(comment.body, world().sign)
    except UserError:
        return False
    return found is not None and found.key == vote.key


def _is_touched(one: Recorded, comment: Comment | None, said: Sequence[Comment]) -> bool:
    """Tell whether it is news that a decision's comment is not as it was; gone, it stays gone."""
    if comment:
        return not tampering.holds(one, comment)
    return marker.find(said, decision_comments.tampered_kind(one.comment)) is None


async def _touched(
    api: GitHub, known: _Known, place: tuple[int, str, str], comment: Comment | None
) -> Spoke:
    number, url, author = place
    editor = await api.editor(number) if comment else ""
    found = Found(number, url, author, editor, world().clock(), gone=comment is None)
    return missed.touched(known.repository, known.number, found)


async def _of_backports(api: GitHub, known: _Known, pull: PullRequest) -> list[Command]:
    """Find pushes of people to open backports; whether these may still go in is looked at anew."""
    rows = missed.open_rows(known.checklist) if known.checklist else ()
    found: list[Command] = []
    for row in rows:
        backport = await api.pull(row.pull or 0)
        if backport.is_open and await _is_news(api, known.repository, backport):
            number, head = backport.number, backport.head_sha
            found.append(BackportChanged(known.repository, number, known.number, head))
    if rows:
        commit = pull.merge_commit_sha or ""
        found.append(Unclaimed(known.repository, known.number, commit))
    return found


async def _is_news(api: GitHub, repository: Repository, backport: PullRequest) -> bool:
    """Tell whether a person pushed what nobody looked at yet; our own pushes are no news."""
    place, head = last_seen.head(backport.number), backport.head_sha
    if await last_seen.get(repository.id, place) == head:
        return False
    commits = await api.pull_commits(backport.number)
    ours = bool(commits) and commits[-1].committer_email == BOT_EMAIL
    if ours:
        await last_seen.put(repository.id, place, head)
    return not ours


async def _claim(api: GitHub, known: _Known, pull: PullRequest) -> Delivery | None:
    """Find a label of which nothing came."""
    repository, number = known.repository, known.number
    if not pull.labels:
        return None
    try:
        configuration = await usable(api, repository)
    except UserError:
        configuration = None
    if not missed.is_unanswered(pull, configuration, known.checklist, known.said):
        return None
    state = f"{sorted(pull.labels)} {pull.is_open} {pull.merged} {pull.head_sha}"
    digest = hashlib.sha256(state.encode()).hexdigest()[:16]
    guid = f"missed:{repository.id}:{number}:claim:{digest}:{world().clock():%Y%m%d}"
    command = Claim(repository, number, None)
    return Delivery(guid, "repair", None, repository, (command,))
