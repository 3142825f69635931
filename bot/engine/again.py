"""One more proof of backports that stand, because somebody who may asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core import checklist as lists
from bot.core import comments, equality, marker, policy
from bot.core.checklist import Checklist, Row
from bot.core.commands import Asked, ProofAsked
from bot.core.config import Configuration
from bot.core.errors import UserError
from bot.core.model import Comment, Outcome, PullRequest, Repository
from bot.engine import durable, saying, testing
from bot.engine.errand import Errand
from bot.engine.exception import Remark, standing_of, usable
from bot.engine.report import Place
from bot.engine.testing import Round
from bot.engine.world import github, world
from bot.mirror_ports import Mirror

_HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Again:
    """The proofs that are asked for, and the checklist that shows what comes of them."""

    place: Place
    checklist: Checklist
    errands: tuple[Errand, ...]


@dataclass(frozen=True, slots=True)
class _Heard:
    """What came of GitHub's button: proofs, or a remark on the backport, or nothing."""

    pull: int = 0
    again: Again | None = None
    remark: Remark | None = None


async def carry_out(command: ProofAsked) -> None:
    """Do what GitHub's button asks; a commit that is no backport's is nobody's business of ours."""
    heard: _Heard = await durable.step("hear", _hear, command, returns=_Heard)
    if heard.remark:
        await durable.step(
            "say", saying.say_once, command.repository, heard.pull, heard.remark, returns=None
        )
    if heard.again:
        await start(heard.again)


async def start(again: Again) -> None:
    """Start the proofs; each ends in a check run of the same name, and in the checklist."""
    for errand in again.errands:
        await testing.start(errand, fresh=True)
    await testing.gather(Round(again.place, again.checklist, again.errands))


async def asked(command: Asked, configuration: Configuration) -> Again | None:
    """Find what a comment on the source asks for; None where no such backport can be tested."""
    comment, rows = await _rows(command.repository, command.pull)
    wanted = configuration.asked_targets(command.request.series, tuple(row.branch for row in rows))
    branches = {target.branch for target in wanted}
    chosen = [row for row in rows if row.branch in branches or not branches]
    request = f"comment-{command.comment}"
    return await _again(command.repository, command.pull, (comment, configuration, request), chosen)


async def _hear(command: ProofAsked) -> _Heard:
    """Find the backport, and judge whoever asks like the author of a command."""
    api = github(command.repository)
    pull = await _backport(command)
    source = marker.source_of(pull.body) if pull else None
    if pull is None or source is None:
        return _Heard()
    comment, rows = await _rows(command.repository, source)
    row = next((one for one in rows if one.pull == pull.number), None)
    if row is None:
        return _Heard()
    configuration = await usable(api, command.repository)
    standing = await standing_of(api, command.repository, configuration, command.author)
    verdict = policy.may(configuration, standing, "give this command")
    if verdict.answer is not policy.Answer.YES:
        remark = Remark(comments.COMMAND, comments.command_refused(verdict.why))
        return _Heard(pull.number, remark=remark)
    known = (comment, configuration, command.request)
    return _Heard(again=await _again(command.repository, source, known, [row]))


async def _backport(command: ProofAsked) -> PullRequest | None:
    """Give the open pull request of which the commit is the head."""
    api = github(command.repository)
    for found in await api.pulls_of_commit(command.sha):
        if found.is_open and found.head_sha == command.sha:
            return await api.pull(found.number)
    return None


async def _rows(repository: Repository, source: int) -> tuple[Comment | None, tuple[Row, ...]]:
    comment = marker.find(await github(repository).comments(source), lists.KIND)
    checklist = lists.read(comment.body) if comment else None
    return comment, checklist.rows if checklist else ()


_Known = tuple[Comment | None, Configuration, str]
"""The checklist's comment, the configuration, and the name of the request."""


async def _again(
    repository: Repository, source: int, known: _Known, rows: list[Row]
) -> Again | None:
    """Make the errands of what can be tested; None where nothing can."""
    comment, configuration, request = known
    checklist = lists.read(comment.body) if comment else None
    if comment is None or checklist is None:
        return None
    errands = []
    async with world().mirrors.open(repository) as mirror:
        for row in filter(_is_ready, rows):
            errand = await _errand(mirror, repository, checklist, (row, configuration, request))
            errands += [errand] if errand else []
    if not errands:
        return None
    place = Place(repository, source, comment.id, checklist.sources[-1])
    return Again(place, checklist, tuple(errands))


def _is_ready(row: Row) -> bool:
    over = row.merged or row.closed or row.outcome is Outcome.CONFLICT
    return row.pull is not None and not over


async def _errand(
    mirror: Mirror,
    repository: Repository,
    checklist: Checklist,
    wanted: tuple[Row, Configuration, str],
) -> Errand | None:
    row, configuration, request = wanted
    plan = configuration.test_plan(row.branch)
    if plan is None or row.pull is None:
        return None
    api = github(repository)
    pull = await api.pull(row.pull)
    head, target = _HEADS + pull.head_branch, _HEADS + row.branch
    refs = await mirror.fetch(await api.token(), (head, target))
    if head not in refs or target not in refs:
        raise UserError(f"The branch {row.branch} or the head branch of #{row.pull} is gone.")
    base = await mirror.merge_base(refs[head], refs[target]) or refs[target]
    likeness = await mirror.compare(checklist.sources, base, refs[head])
    return Errand(
        repository=repository,
        branch=row.branch,
        series=row.series,
        head_branch=pull.head_branch,
        sha=refs[head],
        onto=base,
        plan=plan,
        drift=equality.drift(likeness),
        asked=request,
    )
