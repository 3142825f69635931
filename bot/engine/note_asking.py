"""A `/note` command: who gives it is checked, a reaction answers, and what the sentence lacks."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core import comments, marker, note_request, note_text, policy
from bot.core.commands import Noted
from bot.core.config import Configuration
from bot.core.model import Comment
from bot.core.note_request import NoteRequest
from bot.core.notes import STYLES
from bot.core.notes.style import NotesStyle
from bot.core.release_notes import Fix
from bot.engine import durable, messages, noting, saying, tracking
from bot.engine.exception import Remark, usable
from bot.engine.world import github

_DONE, _UNKNOWN, _REFUSED = "+1", "confused", "-1"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a command: a reaction, and perhaps a remark."""

    reaction: str
    remark: Remark | None = None


async def carry_out(command: Noted) -> None:
    """Answer a command, and look at the exception again, whose notes it may change.

    A comment that is gone, or asks for nothing any more, is not answered.
    """
    repository, number = command.repository, command.pull
    heard: Heard | None = await durable.step("hear note", _hear, command, returns=Heard | None)
    if heard:
        react = github(repository).react
        await durable.step("react", react, command.comment, heard.reaction, returns=None)
    if heard and heard.remark:
        await durable.step("say", saying.say_once, repository, number, heard.remark, returns=None)
    await tracking.start(repository, number, messages.own_id())


async def _hear(command: Noted) -> Heard | None:
    """Read the facts once and decide."""
    api = github(command.repository)
    comment = await api.comment(command.comment)
    request = note_request.read(comment.body) if comment and not comment.by_bot else None
    if comment is None or request is None:
        return None
    configuration = await usable(api, command.repository)
    if why := await _refused(command, configuration, comment):
        return Heard(_REFUSED, Remark(comments.COMMAND, comments.command_refused(why)))
    if configuration.release_notes == "none":
        return Heard(_UNKNOWN, Remark(note_text.WORDS, note_text.unwanted()))
    if request.strange:
        return Heard(_UNKNOWN, Remark(note_text.HELP, note_text.usage()))
    style = STYLES[configuration.release_notes]
    return Heard(_DONE, await _checked(command, request, style))


async def _refused(command: Noted, configuration: Configuration, comment: Comment) -> str:
    """Say why somebody who had a hand in a comment may not; empty where all may."""
    for login in await noting.hands(command.repository, comment):
        verdict = await noting.may_word(command.repository, configuration, login)
        if verdict.answer is not policy.Answer.YES:
            return verdict.why
    return ""


async def _checked(command: Noted, request: NoteRequest, style: NotesStyle) -> Remark | None:
    """Check the sentence; where it lacks nothing that is only said of one that lacked something."""
    if not request.sentence:
        return None
    api = github(command.repository)
    pull = await api.pull(command.pull)
    fix = Fix(pull.title, pull.number, request.sentence, request.kind)
    remarks = style.check(fix)
    said: tuple[Comment, ...] = () if remarks else await api.comments(command.pull)
    if not remarks and marker.find(said, note_text.WORDS) is None:
        return None
    return Remark(note_text.WORDS, note_text.checked(fix, remarks, style.wording))
