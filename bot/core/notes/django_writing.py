"""Writing a bullet among Django's release notes: the right file, once, and listed in the index."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.core.errors import UserError
from bot.core.notes import django_file
from bot.core.notes.blocks import Text, parse, render
from bot.core.notes.contents import like, readable
from bot.core.notes.django_listings import listed
from bot.core.notes.django_version import (
    VERSION_FILE,
    Upcoming,
    following,
    numbers,
    previous,
    series_of,
    upcoming,
)
from bot.core.notes.django_words import bullet, newer_than
from bot.core.notes.paths import INDEX, path_of
from bot.core.release_notes import Change, Files, Fix, Held, Place, Shape, Written, refused


@dataclass(frozen=True, slots=True)
class _Edited:
    """One file with the note in it."""

    change: Change
    content: bytes
    remarks: tuple[str, ...] = ()


def wants(files: Files, version: str) -> Collection[str]:
    """Name the files that tell where a note of a version goes, and whether it may go there."""
    own = upcoming(files.get(VERSION_FILE))
    version = version or (own.version if own else "")
    if not version or (own and own.first and own.version == version):
        return (VERSION_FILE, *((path_of(version),) if version else ()))
    beside = (previous(version), version, following(version))
    return (VERSION_FILE, INDEX, *map(path_of, beside))


def place(files: Files) -> Place | None:
    """Give the file of a branch's next version, None where the branch tells no version."""
    own = upcoming(files.get(VERSION_FILE))
    if own is None:
        return None
    content = files.get(path_of(own.version))
    kind = django_file.shape(parse(content)) if content is not None else Shape.BUGFIX
    found = Shape.FIRST if own.first else kind
    return Place(path_of(own.version), content is not None, found, own.version)


def holds(fix: Fix, files: Files, version: str) -> Held | None:
    """Find a note in the file of its version: by its words, or by its ticket alone."""
    own = upcoming(files.get(VERSION_FILE))
    path = path_of(version or (own.version if own else ""))
    content = files.get(path)
    if content is None:
        return None
    text, words = parse(content), _words(fix)
    found = django_file.every_bullet(text)
    same = [old for old in found if old == words or (_roles(old) and _roles(old) == _roles(words))]
    if not same:
        return None
    return Held(path, same[0], words in same, django_file.remarks(text))


def write(fix: Fix, files: Files, version: str) -> Written:
    """Write a note, or say why it cannot or need not be written."""
    try:
        version = _open_version(upcoming(files.get(VERSION_FILE)), files, version)
        _once(fix, files, version)
        edited = (_notes(fix, files, version), *_index(files, version))
    except UserError as error:
        return refused(error.message)
    contents = {one.change.path: one.content for one in edited}
    said = (f"`{one.change.path}`: {text}" for one in edited for text in one.remarks)
    brought = newer_than(fix, version)
    newer = [f"It says that Django {brought} brought the bug, but is for {version}."]
    return Written(
        contents, tuple(one.change for one in edited), (*said, *(newer if brought else ()))
    )


def _open_version(own: Upcoming | None, files: Files, version: str) -> str:
    """Give the version that the note is for; raises UserError where none, or one that is out."""
    if own is None:
        raise UserError(f"`{VERSION_FILE}` has no `VERSION` that can be read.")
    version = version or own.version
    if own.first and own.version == version:
        raise UserError(f"{version} is not out yet: bugs of a pre-release need no note.")
    passed = series_of(own.version) == series_of(version) and not own.first
    if passed and numbers(version) < numbers(own.version):
        raise UserError(f"{version} is out; the note belongs in {own.version}.")
    if files.get(path_of(following(version))) is not None:
        raise UserError(f"{version} is out: there is a `{path_of(following(version))}` already.")
    return version


def _once(fix: Fix, files: Files, version: str) -> None:
    """Raise UserError where this version, or the one before it, has the note already."""
    words = _words(fix)
    for one in (version, previous(version)):
        content = files.get(path_of(one))
        found = django_file.bullets(parse(content)) if content else ()
        if words in found:
            raise UserError(f"`{path_of(one)}` has this note already.")
        same = [old for old in found if _roles(old) and _roles(old) == _roles(words)]
        if same and one == version:
            raise UserError(f"`{path_of(one)}` has a note of this ticket already: “{same[0]}”.")


def _words(fix: Fix) -> str:
    return b" ".join(line.strip() for line in bullet(fix)).decode()


def _roles(words: str) -> frozenset[str]:
    return frozenset(re.findall(r":ticket:`(\d+)`", words))


def _notes(fix: Fix, files: Files, version: str) -> _Edited:
    path, lines = path_of(version), bullet(fix)
    content = files.get(path)
    if content is None:
        text, _ = django_file.with_bullet(django_file.stub(version, fix.sentence), lines)
        new = render(text)
        return _Edited(Change(path, new.decode()), new, django_file.remarks(text))
    text, where = _with_bullet(path, content, lines)
    added = b"\n".join(lines).decode()
    return _Edited(
        Change(path, added, where), like(content, render(text)), django_file.remarks(text)
    )


def _with_bullet(path: str, content: bytes, lines: tuple[bytes, ...]) -> tuple[Text, str]:
    try:
        return django_file.with_bullet(parse(readable(path, content)), lines)
    except UserError as error:
        raise UserError(f"`{path}`: {error.message}") from None


def _index(files: Files, version: str) -> tuple[_Edited, ...]:
    """List the version; nothing where it is listed already."""
    content = files.get(INDEX)
    if content is None:
        return ()
    index = parse(readable(INDEX, content))
    new = listed(index, version)
    change = Change(INDEX, f"   {version}", "in the list of its series, newest first")
    if new is None:
        raise UserError(f"`{INDEX}` has no list of {series_of(version)} for {version}.")
    return (_Edited(change, like(content, render(new))),) if new != index else ()
