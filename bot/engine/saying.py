"""Saying a thing once: comments are found again by their mark and brought up to date."""

from __future__ import annotations

from bot.core import marker
from bot.core.errors import UserError
from bot.core.model import Repository
from bot.engine import durable
from bot.engine.exception import Remark
from bot.engine.world import github, world


async def say_once(
    repository: Repository, number: int, remark: Remark, *, fresh: bool = False
) -> None:
    """Write a comment of one kind, or edit the one that stands.

    `fresh` says that the conversation cannot hold one yet, unless this step ran before.
    """
    api = github(repository)
    sure = fresh and durable.first_time()
    standing = None if sure else marker.find(await api.comments(number), remark.kind)
    if standing is None:
        await api.post_comment(number, remark.body)
    elif standing.body != remark.body:
        await api.edit_comment(standing.id, remark.body)


async def try_to_say(name: str, repository: Repository, number: int, remark: Remark) -> None:
    """Say a thing once, in a step of this name; a conversation that is closed to us stops nothing.

    It is for workflows, not for steps.
    """
    try:
        await durable.step(name, say_once, repository, number, remark, returns=None)
    except UserError as error:
        world().observer.note("not said", step=name, why=error.message)


async def take_off(repository: Repository, number: int, label: str) -> None:
    """Take a label off; one that is gone already is no error."""
    await github(repository).remove_label(number, label)
