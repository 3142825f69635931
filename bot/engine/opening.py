"""The effects on one backport pull request, each safe to do twice.

A look before the act is left out only where nothing of ours can stand there yet: on a pull
request that this job opened, in a step that never ran before.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core import comments, note_text, pick_text, pull_text
from bot.core.errors import UserError
from bot.core.model import NewPull, PullRef, Push, PushState, Target
from bot.core.pull_text import Source
from bot.engine import durable
from bot.engine.exception import Job, Remark
from bot.engine.picking import Picked
from bot.engine.saying import say_once
from bot.engine.world import github, world

_APP = "[bot]"  # ends the login of each App, whom nobody can ask for a review


@dataclass(frozen=True, slots=True)
class Opened:
    """A backport pull request; `ours` is false if it stood there before this job.

    `fresh` is true if this job opened it; `closed` says that it was closed without a merge.
    """

    target: Target
    number: int
    url: str
    head_sha: str
    ours: bool
    merged: bool = False
    closed: bool = False
    fresh: bool = False


async def open_pull(job: Job, picked: Picked, source: Source) -> Opened | None:
    """Open the pull request, or find the one that there is for this head branch.

    One that was closed stays closed, also where its branch is gone and had to be made again. A
    branch that a person made is left to that person: None where it has no pull request, and where
    there is no branch.
    """
    api, target, push = github(job.repository), picked.target, picked.push
    created = push is not None and push.state is PushState.CREATED
    if not (created and job.is_first and durable.first_time()):
        found = await api.find_pull(picked.head_branch, target.branch)
        if found:
            return _found(target, found, push)
        if push is None or push.state in {PushState.FOREIGN, PushState.REFUSED}:
            return None
    new = NewPull(
        title=pull_text.title(source, target, job.configuration),
        body=_body(job, picked, source),
        head=picked.head_branch,
        base=target.branch,
        draft=pick_text.needs_a_person(picked.pick),
    )
    pull = await api.open_pull(new)
    world().observer.note("opened", series=target.series, backport=pull.number)
    return Opened(target, pull.number, pull.url, pull.head_sha, ours=True, fresh=True)


def _body(job: Job, picked: Picked, source: Source) -> str:
    head = pull_text.body(source, picked.target, job.configuration)
    return f"{head}\n\n{pick_text.sections(picked.about)}"


def _found(target: Target, found: PullRef, push: Push | None) -> Opened:
    """Describe a pull request that was found; with a branch just created, only we can own it."""
    created = push is not None and push.state is PushState.CREATED
    return Opened(
        target,
        found.number,
        found.url,
        push.sha if created and push and push.sha else found.head_sha,
        ours=created and found.is_open,
        merged=found.merged,
        closed=not found.is_open and not found.merged,
    )


async def dress(job: Job, opened: Opened) -> None:
    """Give the pull request the source's labels and milestone, in one call."""
    api, source = github(job.repository), job.pull
    claimed = job.configuration.label_matches
    labels = tuple(name for name in source.labels if not claimed(name))
    if not durable.first_time():
        now = await api.pull(opened.number)
        labels = tuple(dict.fromkeys(now.labels + labels))
        if labels == now.labels and now.milestone == source.milestone:
            return
    if labels or source.milestone is not None:
        await api.update_issue(opened.number, labels=labels, milestone=source.milestone)


async def ask_for_review(job: Job, opened: Opened) -> str:
    """Ask the merger who labelled, or who merged the source where an App labelled.

    Gives why nobody could be asked, else nothing.
    """
    merger = job.pull.merged_by if job.actor.endswith(_APP) else job.actor
    if not merger or merger.endswith(_APP):
        return "no review was asked for; a merger must choose a reviewer"
    try:
        await github(job.repository).request_review(opened.number, merger)
    except UserError as error:
        return f"no review was asked for: {error.message}"
    return ""


async def say_note(job: Job, opened: Opened, picked: Picked) -> None:
    """Comment the release-note stub, once."""
    if picked.note is None:
        return
    remark = Remark(comments.STUB, note_text.release_note(picked.note, picked.target))
    await say_once(job.repository, opened.number, remark, fresh=opened.ours)


async def renew(job: Job, opened: Opened, picked: Picked) -> None:
    """Bring a draft of ours up to what its branch holds now: text, and whether it is a draft."""
    api = github(job.repository)
    pull = await api.pull(opened.number)
    body = pick_text.write_into(pull.body, picked.about)
    if pull.body != body:
        await api.update_pull(opened.number, body=body)
    if pull.draft and not pick_text.needs_a_person(picked.pick):
        await api.set_draft(pull, draft=False)


def stands(push: Push | None) -> bool:
    """Tell whether a head branch was left as it stood, with something else than this pick."""
    return push is not None and push.state in {PushState.KEPT, PushState.FOREIGN}


def standing(push: Push | None) -> str:
    """Say what became of a head branch that was not simply created."""
    if push is None or push.state in {PushState.CREATED, PushState.UNCHANGED}:
        return ""
    words = {
        PushState.KEPT: "an earlier pick stands on the branch and is kept",
        PushState.FOREIGN: "the branch holds commits by others and is left alone",
        PushState.REFUSED: f"GitHub refused the push: {push.detail}",
    }
    return words[push.state]
