"""Filing a decision: a pull request with its file, in the repository of the project's choice."""

from __future__ import annotations

from bot.core import decision_comments
from bot.core.errors import UserError
from bot.core.model import NewPull
from bot.core.vote_record import Recorded, Vote
from bot.core.votes import exception_file
from bot.engine import exception
from bot.engine.world import github, world


async def file(vote: Vote, recorded: Recorded) -> None:
    """Open the pull request, where one is configured; done again it finds its own.

    What hinders it is logged: the decision stands without its file.
    """
    configuration = await exception.usable(github(vote.repository), vote.repository)
    place = configuration.exception.records if configuration.exception else ""
    if not place:
        return
    try:
        await _file(place, recorded)
    except UserError as error:
        world().observer.note("not filed", decision=recorded.decision.name, why=error.message)


async def _file(place: str, recorded: Recorded) -> None:
    owner, _, name = place.partition("/")
    found = await world().app.find(owner, name)
    if found is None:
        raise UserError(f"The App is not installed on {place}, where decisions are filed.")
    api, decision = github(found.repository), recorded.decision
    branch = f"exceptions/{decision.digest[:12]}"
    title = decision_comments.file_pull_title(decision)
    content = exception_file.text(decision).encode()
    base = await api.write_file(branch, exception_file.path(decision), content, title)
    body = decision_comments.file_pull_body(decision, recorded.comment_url)
    await api.open_pull(NewPull(title, body, head=branch, base=base))
