"""Write objects into a folder as git keeps single ones, and hand them on to a repository.

A process for each object would cost more than all the rest of a pick.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path

FASTEST = 1  # zlib's level: most of these objects live for a moment


def write(folder: Path, kind: str, data: bytes) -> str:
    """Write an object (`commit`, `tree`, `blob`) and give its name."""
    raw = b"%s %d\0%s" % (kind.encode(), len(data), data)
    sha = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
    place = path_of(folder, sha)
    if not place.exists():
        _put(place, zlib.compress(raw, FASTEST))
    return sha


def copy(sha: str, source: Path, into: Path) -> None:
    """Copy an object from one folder to another, if it is not there yet."""
    place = path_of(into, sha)
    if not place.exists():
        _put(place, path_of(source, sha).read_bytes())


def path_of(folder: Path, sha: str) -> Path:
    """Say where a folder of objects keeps one."""
    return folder / sha[:2] / sha[2:]


def _put(place: Path, data: bytes) -> None:
    """Write under another name first, so that nobody ever sees a part of it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    new = place.with_name(f"tmp_obj_{place.name}")  # git clears such names away
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    new.rename(place)
