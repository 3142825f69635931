"""Real Django source archives, fetched from the package index by pip and kept in a folder."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.core.errors import UserError

VERSIONS = ("3.2.16", "4.0.8", "4.1.4", "4.2a1")
"""The releases that stand beside the fix of ticket 34063, oldest first."""

Say = Callable[[str], None]
"""Receives one line of progress at a time."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a tree; `mode` is git's: `100644` or `100755`."""

    mode: str
    data: bytes


def silent(_line: str) -> None:
    """Show no progress."""


def fetch(version: str, cache: Path, say: Say = silent) -> Path:
    """Give the source archive of a Django release, asking the package index only once.

    What lies in the cache was verified before it was put there. Raises UserError when pip cannot
    fetch it or what it fetched is damaged. Callers that may run side by side hold a lock.
    """
    kept = cache / f"Django-{version}.tar.gz"
    if kept.exists():
        say(f"Django {version}: source archive found in {cache}")
        return kept
    say(f"Django {version}: fetching the source archive from the package index")
    with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as folder:
        archive = _download(version, Path(folder))
        verify(version, archive)
        size = archive.stat().st_size
        archive.replace(kept)
    say(f"Django {version}: {size / 1e6:.1f} MB verified")
    return kept


def unpack(archive: Path) -> dict[str, File]:
    """Give a source archive's files, keyed by path, less what only packaging put there."""
    files = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            path = member.name.partition("/")[2]
            content = tar.extractfile(member)
            if content is None or path == "PKG-INFO" or path.startswith("Django.egg-info/"):
                continue
            mode = "100755" if member.mode & 0o100 else "100644"
            files[path] = File(mode, content.read())
    return files


def verify(version: str, archive: Path) -> None:
    """Raise UserError unless this is the whole source archive of that Django release."""
    try:
        init = unpack(archive)["django/__init__.py"].data.decode()
    except (OSError, EOFError, KeyError, tarfile.TarError, zlib.error) as error:
        raise UserError(
            f"The package index gave a damaged source archive of Django {version}"
            f" ({type(error).__name__}). Start again; if it stays so, tell the index's keeper."
        ) from error
    says = _short(version_of(init))
    if says != version:
        raise UserError(f"The package index gave Django {says} where {version} was asked for.")


def version_of(init: str) -> tuple[int, int, int, str, int]:
    """Read `VERSION` from the text of `django/__init__.py`."""
    found = re.search(r"^VERSION = (\(.*\))$", init, re.MULTILINE)
    major, minor, micro, status, serial = ast.literal_eval(found[1]) if found else (0, 0, 0, "?", 0)
    return major, minor, micro, status, serial


def _download(version: str, folder: Path) -> Path:
    """Let pip find and fetch the archive, so that its own configuration of indexes holds."""
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
    what = ("--no-deps", "--no-binary", ":all:", "--dest", str(folder), f"Django=={version}")
    done = subprocess.run([*pip, *what], capture_output=True, text=True, check=False)
    found = sorted(folder.glob("*.tar.gz"))
    if done.returncode or not found:
        raise UserError(
            f"The source archive of Django {version} could not be fetched from the package index"
            f" (pip: {_reason(done.stderr)}). Connect this machine to the index, or set"
            " DJANGO=/path/to/a/clone of Django's repository, and start again."
        )
    return found[0]


def _reason(stderr: str) -> str:
    errors = [line for line in stderr.splitlines() if line.startswith("ERROR: ")]
    return errors[-1].removeprefix("ERROR: ").rstrip(".") if errors else "no reason given"


def _short(version: tuple[int, int, int, str, int]) -> str:
    """Write a version as a release's name has it: `4.1.4`, `4.2a1`."""
    major, minor, micro, status, serial = version
    number = f"{major}.{minor}.{micro}" if micro else f"{major}.{minor}"
    return number if status == "final" else f"{number}{status[0]}{serial}"
