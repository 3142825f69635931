"""Branch names and the series they carry: templates such as `stable/{series}`, and their order.

Nothing here assumes how many numbers a series has (`4.1.x`, `2028.x`, `v3-1-test` all work).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.core.model import Target

_PLACE = "{series}"


def match(template: str, text: str) -> str | None:
    """Give the series that `text` carries where `template` says `{series}`, None if it differs."""
    before, _, after = template.partition(_PLACE)
    found = re.fullmatch(f"{re.escape(before)}(.+){re.escape(after)}", text)
    return found.group(1) if found else None


def fill(template: str, series: str) -> str:
    """Put a series into a template."""
    return template.replace(_PLACE, series)


def age_key(series: str) -> tuple[tuple[int, int, str], ...]:
    """Give a sort key under which newer series are greater: numbers compare as numbers."""
    parts = re.findall(r"\d+|[^\d.]+", series)
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)


def newest_first(targets: Iterable[Target]) -> tuple[Target, ...]:
    """Order targets as people do backports: the newest series first."""
    return tuple(sorted(targets, key=lambda target: age_key(target.series), reverse=True))


def of_revision(template: str, revision: str) -> str:
    """Name the series of any revision a person may write: branch, remote branch, tag or sha.

    `stable/4.1.x`, `origin/stable/4.1.x` and the tag `4.1.4` all give `4.1.x`; whatever carries
    no series gives its own last part.
    """
    short = re.sub(r"^refs/(heads|remotes|tags)/", "", revision)
    for name in (short, short.partition("/")[2]):
        if series := match(template, name):
            return series
    if tag := re.fullmatch(r"v?(\d+(?:\.\d+)*)\.\d+", short):
        return f"{tag.group(1)}.x"
    return short.rpartition("/")[2]


def of_branch(template: str, name: str) -> str | None:
    """Give the series in the name of a branch, where the template may hold a `{sha}` beside it."""
    pattern = re.escape(template).replace(r"\{sha\}", "[0-9a-f]+").replace(r"\{series\}", "(.+)", 1)
    found = re.fullmatch(pattern, name)
    return found.group(1) if found else None


def of_subject(prefix: str, subject: str) -> str | None:
    """Give the series that stands before a subject (`[4.1.x] Fixed …`), None if none does."""
    before, place, after = prefix.partition(_PLACE)
    found = re.match(f"{re.escape(before)}(.+?){re.escape(after) or '$'}", subject)
    return found.group(1) if found and place else None
