"""Where Django keeps its release notes: one file for each version, and two that list them."""

from __future__ import annotations

import re

FOLDER = "docs/releases/"
INDEX = f"{FOLDER}index.txt"
ARCHIVE = f"{FOLDER}security.txt"


def path_of(version: str) -> str:
    """Give the notes file of a version."""
    return f"{FOLDER}{version}.txt"


def first_of_series(path: str) -> str | None:
    """Give the file that opened the series of a notes file: 4.1.9.txt → 4.1.txt.

    A branch that lacks it knows nothing of the series. None where the file is of no version.
    """
    found = re.match(rf"{FOLDER}(\d+\.\d+)[^/]*\.txt$", path)
    return path_of(found.group(1)) if found else None
