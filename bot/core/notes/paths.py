"""What the name of a file among Django's release notes says."""

from __future__ import annotations

import re

FOLDER = "docs/releases/"


def path_of(version: str) -> str:
    """Give the notes file of a version."""
    return f"{FOLDER}{version}.txt"


INDEX = path_of("index")
ARCHIVE = path_of("security")


def is_note(path: str) -> bool:
    """Tell whether a path is a text file right in the folder of the release notes."""
    return re.fullmatch(rf"{FOLDER}[^/]+\.txt", path) is not None


def first_of_series(path: str) -> str | None:
    """Give the file that opened the series of a notes file: 4.1.9.txt → 4.1.txt.

    A branch that lacks it knows nothing of the series. None where the file is of no version.
    """
    found = re.match(rf"{FOLDER}(\d+\.\d+)[^/]*\.txt$", path)
    return path_of(found.group(1)) if found else None
