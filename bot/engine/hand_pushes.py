"""A person's push to a target branch: the team is told of what nothing allows, once for a push.

A commit that was judged on a branch is not judged there again, however it is told of.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core import gate_form, gate_scope, hand_push, marker
from bot.core.commands import Pushed
from bot.core.errors import UserError
from bot.core.gate_policy import Standard
from bot.core.hand_push import MOST, PushedCommit, Strange
from bot.core.model import Repository
from bot.engine import durable, gate_book, last_seen
from bot.engine.exception import Remark
from bot.engine.gating import in_force
from bot.engine.saying import say_once
from bot.engine.world import github, world


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said, and where: on a pull request, or (0) on the last of the commits."""

    kind: str
    body: str
    pull: int
    sha: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A push to a target branch was judged; `note` is None where all of it is allowed."""

    note: Note | None


async def carry_out(command: Pushed) -> None:
    """Look at a push, and say what has to be said of it."""
    judged: Judged | None = await durable.step(
        "look at push", _look, command, returns=Judged | None
    )
    if judged and judged.note:
        await durable.step("note push", _say, command.repository, judged.note, returns=None)
    if judged:
        await durable.step("remember push", _remember, command, returns=None)


async def standard(repository: Repository) -> Standard | None:
    """Give by what pushes are judged, None where none is; a broken file is told elsewhere."""
    today = world().clock().date()
    text = await github(repository).configuration()
    found = gate_scope.standard(text, repository.full_name, today)
    return found if isinstance(found, Standard) and _team(found, repository) else None


async def known(repository: Repository, branch: str) -> tuple[str, ...]:
    """Give the newest commits of a branch that were judged, oldest first."""
    return tuple((await last_seen.get(repository.id, last_seen.judged(branch))).split())


async def _remember(command: Pushed) -> None:
    before = await known(command.repository, command.branch)
    found = dict.fromkeys((*before, *(one.sha for one in command.commits)))
    place = last_seen.judged(command.branch)
    await last_seen.put(command.repository.id, place, " ".join([*found][-MOST:]))


async def _look(command: Pushed) -> Judged | None:
    """Judge by what the commits say; only where that is too little the source is looked at."""
    by = await standard(command.repository)
    if by is None or not gate_scope.is_target(by.configuration, command.branch):
        return None
    return Judged(await _note(command, by))


async def _note(command: Pushed, standard: Standard) -> Note | None:
    repository, team = command.repository, _team(standard, command.repository)
    commits = await _unknown(command, standard)
    decisions = await in_force(repository, hand_push.sources(commits, standard))
    at = command.branch, standard
    found = hand_push.strange(commits, *at, decisions)
    pull, labels = await _source(repository, found)
    if labels:
        found = hand_push.strange(commits, *at, decisions, labels)
    if not found:
        return None
    body = hand_push.note(found, command.branch, team, command.by)
    return Note(hand_push.kind(found), body, pull, found[-1].commit.sha)


def _team(standard: Standard, repository: Repository) -> str:
    table = standard.configuration.policy
    if table is None or table.team is None:
        return ""
    return table.team if "/" in table.team else f"{repository.owner}/{table.team}"


async def _unknown(command: Pushed, standard: Standard) -> tuple[PushedCommit, ...]:
    """Leave out what was judged before, and what came by a pull request that the gate let pass."""
    before = await known(command.repository, command.branch)
    entries = await gate_book.of_branch(command.repository.id, command.branch)
    passed = [entry for entry in entries if entry.passed]
    copies = {source for entry in passed for source in entry.sources}
    heads = {entry.proposal.head_sha for entry in passed}
    heads |= {commit.sha for entry in passed for commit in entry.evidence.commits}
    return tuple(
        one
        for one in command.commits
        if one.sha not in {*heads, *before}
        and not copies & set(gate_form.sources(one.message, standard.configuration)[-1:])
    )


async def _source(
    repository: Repository, found: tuple[Strange, ...]
) -> tuple[int, tuple[str, ...]]:
    """Find the pull request of the first commit that is a copy, with its labels; 0 for none."""
    api = github(repository)
    source = next((one.source for one in found if one.source), "")
    pulls = await api.pulls_of_commit(source) if source else ()
    if not pulls:
        return 0, ()
    pull = await api.pull(pulls[0].number)
    return pull.number, pull.labels


async def _say(repository: Repository, note: Note) -> None:
    """Say it on the source pull request, or on the commit where that is unknown or locked."""
    if note.pull:
        try:
            await say_once(repository, note.pull, Remark(note.kind, note.body))
        except UserError:
            world().observer.note("locked", pull=note.pull)
        else:
            return
    api = github(repository)
    standing = () if durable.first_time() else await api.commit_comments(note.sha)
    if marker.find(standing, note.kind) is None:
        await api.post_commit_comment(note.sha, note.body)
