"""The release note of one target: what its branch has, asked by the project's style."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.core import note_request, policy
from bot.core.note_request import NoteRequest
from bot.core.notes import STYLES
from bot.core.notes.style import NotesStyle
from bot.core.release_notes import Files, Fix, Note, Shape
from bot.engine.exception import Job, standing_of
from bot.engine.world import github
from bot.mirror_ports import Mirror

_OWN_WORDS = "The words are made of the commit's; a person has to read them over, and fill gaps."

Read = Callable[[str], Awaitable[bytes | None]]


async def fix_of(mirror: Mirror, job: Job, subject: str, sources: Sequence[str]) -> Fix:
    """Gather what is known of the fix for its notes, with the sentence that a person gave."""
    style = STYLES[job.configuration.release_notes]
    asked = await _asked(job)
    moment = job.pull.created_at.strftime("%Y-%m-%d-%H-%M-%S")
    fix = Fix(subject, job.pull.number, asked.sentence, asked.kind, moment=moment)
    said = "\n".join([await mirror.message(source) for source in sources])
    return replace(fix, regression=await _regression(mirror, said, style, fix))


async def draft(mirror: Mirror, job: Job, fix: Fix, onto: str, commit: str) -> Note | None:
    """Draft the note of one target, picked from `onto` to `commit`; None where none is wanted."""
    style = STYLES[job.configuration.release_notes]
    said = style.check(fix) if fix.sentence else (_OWN_WORDS,)
    fix = replace(fix, sentence=fix.sentence or style.suggest(fix))
    files = await gather(style, fix, lambda path: mirror.read(onto, path))
    place = style.place(fix, files)
    if place is None:
        return None
    changed = [one.path for one in await mirror.difference(onto, commit)]
    if path := style.picked(place, changed, files):
        return Note(replace(place, path=path), picked=True, wording=style.wording)
    if place.shape is Shape.FIRST:
        return None
    written = style.write(fix, files)
    remarks = (*said, *written.remarks)
    return Note(place, False, written.changes, remarks, style.wording)  # noqa: FBT003 - a record


async def gather(style: NotesStyle, fix: Fix, read: Read) -> Files:
    """Read from a branch what a style asks for, until it asks for nothing more."""
    files: dict[str, bytes | None] = {}
    while missing := [path for path in style.wants(fix, files) if path not in files]:
        for path in missing:
            files[path] = await read(path)
    return files


async def _asked(job: Job) -> NoteRequest:
    """Give the last sentence that a person gave who may; an empty one where nobody did."""
    api = github(job.repository)
    for comment in reversed(job.timeline.comments or ()):
        request = None if comment.by_bot else note_request.read(comment.body)
        if request:
            standing = await standing_of(api, job.repository, job.configuration, comment.author)
            verdict = policy.may(job.configuration, standing, "word the release note")
            if verdict.answer is policy.Answer.YES:
                return request
    return NoteRequest("")


async def _regression(mirror: Mirror, said: str, style: NotesStyle, fix: Fix) -> str:
    """Give the version that was being made when the commit came that the fix says it mends."""
    found = re.search(r"\bRegression in ([0-9a-f]{40})\b", said)
    if not found or not await mirror.has(found[1]):
        return ""
    files = await gather(style, fix, lambda path: mirror.read(found[1], path))
    place = style.place(fix, files)
    return place.version if place else ""
