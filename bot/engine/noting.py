"""The release note of one target: what its branch has, asked by the project's style."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core import note_request, note_text, policy
from bot.core.config import Configuration
from bot.core.model import Comment, PullRequest, Repository, Target
from bot.core.note_request import NoteRequest
from bot.core.notes import STYLES
from bot.core.notes.style import NotesStyle
from bot.core.release_notes import Change, Files, Fix, Note, Place, Shape
from bot.engine.exception import standing_of
from bot.engine.world import github
from bot.mirror_ports import Mirror

_OWN_WORDS = "The words are made of the commit's; a person has to read them over, and fill gaps."

Read = Callable[[str], Awaitable[bytes | None]]


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be told of one exception, in a project's style.

    `branch` is the one that the source was merged into. `commit` says that the notes shall be
    committed. `at` is the moment that our commits carry: one
    that stays the same, so that making them again gives the same.
    """

    style: NotesStyle
    fix: Fix
    configuration: Configuration
    branch: str
    commit: bool
    at: datetime

    @property
    def worded(self) -> Fix:
        """Give the fix with a sentence: a person's, else what can be made of the commit's."""
        return replace(self.fix, sentence=self.fix.sentence or self.style.suggest(self.fix))

    @property
    def remarks(self) -> tuple[str, ...]:
        """Say what is not as it should be in the sentence."""
        return self.style.check(self.fix) if self.fix.sentence else (_OWN_WORDS,)

    @property
    def to_be_committed(self) -> bool:
        """Tell whether notes are to be committed, which have no gap for a person to fill."""
        return self.commit and "…" not in self.worded.sentence


@dataclass(frozen=True, slots=True)
class Draft:
    """What notes come to in some files: whole contents by path, changes, and what to look at."""

    files: Mapping[str, bytes]
    changes: tuple[Change, ...]
    remarks: tuple[str, ...]


async def told(
    mirror: Mirror,
    configuration: Configuration,
    source: PullRequest,
    sources: Sequence[str],
    asked: NoteRequest,
) -> Told:
    """Gather what is known of a fix for its notes, with the sentence that a person gave."""
    style = STYLES[configuration.release_notes]
    subject = await mirror.subject(sources[0]) if len(sources) == 1 else source.title
    moment = source.created_at.strftime("%Y-%m-%d-%H-%M-%S")
    fix = Fix(subject, source.number, asked.sentence, asked.kind, moment=moment)
    said = "\n".join([await mirror.message(one) for one in sources])
    fix = replace(fix, regression=await _regression(mirror, said, style, fix))
    commit = asked.commit or configuration.notes == "commit"
    return Told(style, fix, configuration, source.base_branch, commit, source.created_at)


async def draft(mirror: Mirror, what: Told, target: Target, onto: str, commit: str) -> Note | None:
    """Draft the note of one target, picked from `onto` to `commit`; None where none is wanted.

    Where it is to be committed this makes the commit, on top of the pick.
    """
    style, fix = what.style, what.worded
    files = await gather(style, fix, reads(mirror, onto))
    place = style.place(fix, files)
    if place is None:
        return None
    changed = [one.path for one in await mirror.difference(onto, commit)]
    if path := style.picked(place, changed, files):
        return Note(replace(place, path=path), picked=True, wording=style.wording)
    if place.shape is Shape.FIRST:
        return None
    made = await compose(what, reads(mirror, commit), ("",))
    remarks = (*what.remarks, *made.remarks)
    note = Note(place, False, made.changes, remarks, style.wording)  # noqa: FBT003 - a record
    if not made.files or commit == onto or not what.to_be_committed:
        return note
    message = note_text.subject(what.configuration, target.series, (place.version,))
    return replace(note, commit=await mirror.write(commit, made.files, message, what.at))


async def compose(what: Told, read: Read, versions: Sequence[str]) -> Draft:
    """Write the note into the files of some versions, one after the other; empty is the own one."""
    files: dict[str, bytes] = {}
    changes: list[Change] = []
    remarks: list[str] = []

    async def overlaid(path: str) -> bytes | None:
        return files[path] if path in files else await read(path)

    for version in versions:
        there = await gather(what.style, what.worded, overlaid, version)
        written = what.style.write(what.worded, there, version)
        files.update(written.files)
        changes += written.changes
        remarks += written.remarks
    return Draft(files, tuple(changes), tuple(dict.fromkeys(remarks)))


async def gather(style: NotesStyle, fix: Fix, read: Read, version: str = "") -> Files:
    """Read from a branch what a style asks for, until it asks for nothing more."""
    files: dict[str, bytes | None] = {}
    while missing := [path for path in style.wants(fix, files, version) if path not in files]:
        for path in missing:
            files[path] = await read(path)
    return files


def reads(mirror: Mirror, commit: str) -> Read:
    """Give a reader of the files at a commit."""
    return lambda path: mirror.read(commit, path)


async def place_at(what: Told, mirror: Mirror, commit: str) -> Place | None:
    """Give where a note goes at a commit; None where there is no place for one."""
    files = await gather(what.style, what.worded, reads(mirror, commit))
    return what.style.place(what.worded, files)


async def asked(
    repository: Repository, configuration: Configuration, comments: Sequence[Comment]
) -> NoteRequest:
    """Join what people asked of the note who may; costs nothing where nobody asked.

    Whoever edited a comment has to be one who may as well.
    """
    requests = [
        (comment, request)
        for comment in comments
        if not comment.by_bot and (request := note_request.read(comment.body))
    ]
    makers = [await hands(repository, comment) for comment, _ in requests]
    may = {
        login: (await may_word(repository, configuration, login)).answer is policy.Answer.YES
        for login in dict.fromkeys(login for logins in makers for login in logins)
    }
    pairs = zip(requests, makers, strict=True)
    return note_request.joined(
        request for (_, request), logins in pairs if all(may[login] for login in logins)
    )


async def hands(repository: Repository, comment: Comment) -> tuple[str, ...]:
    """Name who made a comment what it is: its author, and who edited it last."""
    editor = await github(repository).editor(comment.id)
    return (comment.author, editor) if editor else (comment.author,)


async def may_word(
    repository: Repository, configuration: Configuration, login: str
) -> policy.Verdict:
    """Tell whether a person may word release notes, and why."""
    standing = await standing_of(github(repository), repository, configuration, login)
    return policy.may(configuration, standing, "word the release note")


async def _regression(mirror: Mirror, said: str, style: NotesStyle, fix: Fix) -> str:
    """Give the version that was being made when the commit came that the fix says it mends."""
    found = re.search(r"\bRegression in ([0-9a-f]{40})\b", said)
    if not found or not await mirror.has(found[1]):
        return ""
    files = await gather(style, fix, reads(mirror, found[1]))
    place = style.place(fix, files)
    return place.version if place else ""
