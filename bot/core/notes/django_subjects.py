"""Subjects of Django's commits that name several releases, told for a branch that has only some."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_VERSION = rb"\d{1,4}\.\d{1,4}(?:\.\d{1,4})?"
_JOINT = rb",? and |, |/"
_RELEASES = re.compile(
    rb"(?P<before>.*(?:\b(?:for|from|in|of|Django) |docs/releases/))"
    rb"(?P<list>%b(?:(?:%b)%b)+)(?P<after>(?![.\d]*[\d+]).*)" % (_VERSION, _JOINT, _VERSION)
)
"""Versions in a row that are Django's own; "Python 3.6 and 3.7" or "3.8.4+" is something else."""

_STUBS = {
    b"stub release notes and release date": b"stub release notes",
    b"release date and stub release notes": b"stub release notes",
    b"Set date and added stub": b"Added stub",
}
"""The date that is told beside stubs is that of the newest release, which is named first."""


def trimmed(subject: bytes, keeps: Callable[[bytes], bool]) -> bytes:
    """Leave out the versions that a branch does not keep notes of, and what hung on them.

    A subject that is not about releases, or would lose all its versions, stays as it is.
    """
    found = _RELEASES.fullmatch(subject)
    if not found or b"release" not in subject:
        return subject
    versions = re.findall(_VERSION, found["list"])
    kept = [version for version in versions if keeps(version)]
    if not kept or kept == versions:
        return subject
    before, after = found["before"], found["after"]
    if versions[0] not in kept:
        before = _without_date(before)
    if len(kept) == 1:
        before = before.replace(b"release dates", b"release date")
        after = re.sub(rb"^ releases\b", b" release", after)
    return before + _listed(kept, re.findall(_JOINT, found["list"])) + after


def _without_date(text: bytes) -> bytes:
    for told, left in _STUBS.items():
        text = text.replace(told, left)
    return text


def _listed(versions: Sequence[bytes], joints: Sequence[bytes]) -> bytes:
    """Join versions as the whole list was joined: by slashes, by commas, or with an "and"."""
    if b"and" not in joints[-1]:
        return joints[-1].join(versions)
    last = joints[-1] if len(versions) > 2 else b" and "  # noqa: PLR2004 - no comma between two
    return last.join(filter(None, (b", ".join(versions[:-1]), versions[-1])))
