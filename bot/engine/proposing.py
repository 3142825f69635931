"""A configuration that a pull request brings: its mistakes are said there, before the merge."""

from __future__ import annotations

from bot.core import comments, config, marker
from bot.core.commands import ConfigurationProposed
from bot.core.config import ConfigurationError
from bot.engine import durable, last_seen
from bot.engine.exception import Remark
from bot.engine.saying import say_once
from bot.engine.world import github


async def check(command: ConfigurationProposed) -> None:
    """Check the file where it differs from that of the default branch."""
    await durable.step("check configuration", _check, command, returns=None)


async def _check(command: ConfigurationProposed) -> None:
    api = github(command.repository)
    proposed = await api.configuration(command.head_sha)
    place = last_seen.head(command.pull)
    await last_seen.put(command.repository.id, place, command.head_sha)
    if proposed is None or proposed == await api.configuration():
        return
    problems = _problems(proposed)
    # A good file is worth a word only where a bad one was spoken of before.
    if problems or marker.find(await api.comments(command.pull), comments.PROPOSED):
        remark = Remark(comments.PROPOSED, comments.configuration_proposed(problems))
        await say_once(command.repository, command.pull, remark)


def _problems(text: str) -> tuple[str, ...]:
    try:
        config.parse(text)
    except ConfigurationError as error:
        return error.problems
    return ()
