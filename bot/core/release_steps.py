"""Recognise the steps of a release by what the files of a branch say, never by a commit's words."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from bot.core.notes.django_version import YEARS, following
from bot.core.notes.paths import path_of
from bot.core.release_order import Version, version
from bot.core.shipping import Step, StepDone

MAN_PAGES = "docs/man/"
_STATUS = {"final": "", "alpha": "a", "beta": "b", "rc": "rc"}
_VERSION_FILES = re.compile(
    r"(?:src/)?[^/]+/(?:__init__|_?version)\.py|pyproject\.toml|setup\.(?:py|cfg)|VERSION"
)
_TUPLE = re.compile(r"^VERSION[^=\n]*=[ \t]*(\([^)]*\))", re.MULTILINE)
_ASSIGNED = re.compile(
    r"""^[ \t]*(?:__version__|version)[ \t]*[:=][ \t]*["']?([^"'\s,#]+)""",
    re.MULTILINE | re.IGNORECASE,
)
_DAY = re.compile(rb"^\*(Expected )?[A-Z][a-z]+ \d{1,2}, \d{4}\*[ \t\r]*$", re.MULTILINE)
_MAN_TITLE = re.compile(rb"^\.TH .*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FileStep:
    """A file before and after one commit of a history; None where it is not there."""

    sha: str
    path: str
    before: bytes | None
    after: bytes | None


def tells(path: str, wanted: str) -> bool:
    """Tell whether a file may show a step of the release of a version."""
    names = {path_of(wanted), path_of(next_of(wanted))}
    return path in names or path.startswith(MAN_PAGES) or _VERSION_FILES.fullmatch(path) is not None


def seen(history: Sequence[FileStep], wanted: str) -> tuple[StepDone, ...]:
    """Give the steps that a history shows, oldest change first; what was taken back is not done."""
    bumped, post_bumped = _bumps(history, wanted)
    notes, stub = path_of(wanted), path_of(next_of(wanted))
    found = {
        Step.DATED: _last(history, notes, _is_dated),
        Step.MAN_PAGE: _man_page(takewhile(lambda one: one.sha != post_bumped, history)),
        Step.BUMPED: bumped,
        Step.POST_BUMPED: post_bumped,
        Step.STUBBED: _last(history, stub, _is_there),
    }
    return tuple(StepDone(step, found[step]) for step in Step if found.get(step))


def next_of(wanted: str) -> str:
    """Give the version that comes after one: 4.1.6 → 4.1.7, 4.1 → 4.1.1, 2028.0 → 2028.1."""
    read = version(wanted)
    is_first = read is not None and wanted.count(".") == 1 and not _by_year(read)
    return f"{wanted}.1" if is_first else following(wanted)


def stated(content: bytes | None) -> Version | None:
    """Read the version that a file states: `VERSION = (4, 1, 6, "final", 0)`, `version = "4.1"`."""
    text = (content or b"").decode(errors="replace")
    bare = version(text.strip())
    return bare or _from_tuple(text) or _from_text(text)


def _by_year(read: Version) -> bool:
    return read.numbers[0] >= YEARS


def _from_tuple(text: str) -> Version | None:
    found = _TUPLE.search(text)
    try:
        parts = ast.literal_eval(found[1]) if found else ()
    except (ValueError, SyntaxError):
        return None
    if not isinstance(parts, tuple) or len(parts) < len(("numbers", "status", "count")):
        return None
    *numbers, status, count = parts
    phase = _STATUS.get(str(status))
    if phase is None:
        return None
    return version(".".join(map(str, numbers)) + (f"{phase}{count}" if phase else ""))


def _from_text(text: str) -> Version | None:
    found = _ASSIGNED.search(text)
    return version(found[1]) if found else None


def _bumps(history: Sequence[FileStep], wanted: str) -> tuple[str, str]:
    """Give the commits after which a file states the version, and a later one; empty for none."""
    paths = dict.fromkeys(one.path for one in history if _VERSION_FILES.fullmatch(one.path))
    found = [_bumps_of([one for one in history if one.path == path], wanted) for path in paths]
    return next(filter(any, found), ("", ""))


def _bumps_of(history: Iterable[FileStep], wanted: str) -> tuple[str, str]:
    goal, bumped, post_bumped = version(wanted), "", ""
    for one in history:
        now = stated(one.after)
        if now is None or goal is None:
            continue
        if now <= goal:
            bumped = "" if now < goal else bumped or one.sha
            post_bumped = ""
        else:
            post_bumped = post_bumped or one.sha
    return bumped, post_bumped


def _last(history: Iterable[FileStep], path: str, holds: Callable[[bytes | None], bool]) -> str:
    """Give the commit since which something holds of a file, empty where it does not in the end."""
    since = ""
    for one in history:
        if one.path == path:
            since = (since or one.sha) if holds(one.after) else ""
    return since


def _is_there(content: bytes | None) -> bool:
    return content is not None


def _is_dated(content: bytes | None) -> bool:
    day = _DAY.search(content or b"")
    return day is not None and day[1] is None


def _man_page(history: Iterable[FileStep]) -> str:
    pages = (one for one in history if one.path.startswith(MAN_PAGES) and one.after)
    return next((one.sha for one in pages if _head(one.before) != _head(one.after)), "")


def _head(page: bytes | None) -> bytes:
    found = _MAN_TITLE.search(page or b"")
    return found[0] if found else b""
