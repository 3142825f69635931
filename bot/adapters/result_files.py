"""The files in which a run leaves what became of its tests; hostile code wrote them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from bot.core.junit import read_junit
from bot.core.outcome import MIB, Evidence
from bot.core.results import LONGEST_LINE, Results, UnreadableError, read_lines

PLACE = "/out"
"""Where the command sees the folder of its results."""

LINES, JUNIT = "results.jsonl", "junit.xml"
_LARGEST = 64 * MIB
_CHUNK = 64 * 1024
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class ResultFiles:
    """Empty files in a folder; the command writes to these and can make no others.

    So what a run leaves is bounded by the kernel: two files, none larger than one may be.
    """

    folder: Path

    @property
    def writable(self) -> tuple[tuple[Path, str], ...]:
        """Pair the files with the places where the command sees them."""
        return tuple((self.folder / name, f"{PLACE}/{name}") for name in (LINES, JUNIT))

    def evidence(self, wanted: str, trees: Sequence[str]) -> Evidence:
        """Read what a run left; `wanted` is `auto`, `junit` or `exit`, `trees` name its tree."""
        if wanted == "exit":
            return Evidence(status_alone=True)
        try:
            if wanted == "auto" and (results := self._lines()):
                return Evidence(results)
            results = self._junit(trees)
        except UnreadableError as error:
            return Evidence(complaint=f"The JUnit file `{PLACE}/{JUNIT}` {error}")
        if wanted == "junit" and results is None:
            return Evidence(complaint=f"The command wrote no JUnit file `{PLACE}/{JUNIT}`")
        return Evidence(results)

    def _lines(self) -> Results | None:
        with _opened(self.folder / LINES) as file:
            return read_lines(_lines(file)) if file else None

    def _junit(self, trees: Sequence[str]) -> Results | None:
        with _opened(self.folder / JUNIT) as file:
            return read_junit(_chunks(file), trees) if file else None


def make(folder: Path) -> ResultFiles:
    """Make the files, empty, in an empty folder."""
    files = ResultFiles(folder)
    for path, _ in files.writable:
        path.touch()
        path.chmod(0o666)  # the command runs as another user
    return files


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader | None]:
    """Open a plain file that has something in it, None where it is empty, gone or no such file."""
    try:
        number = os.open(path, _OPEN)
    except OSError:  # gone, a link, or a socket
        yield None
        return
    facts = os.fstat(number)
    if not stat.S_ISREG(facts.st_mode) or not facts.st_size:
        os.close(number)
        yield None
        return
    with os.fdopen(number, "rb") as file:
        yield file


def _lines(file: BufferedReader) -> Iterator[bytes]:
    """Give the lines; one that is too long, or beyond what is read, comes without its end."""
    left = _LARGEST
    while left > 0 and (line := file.readline(LONGEST_LINE)):
        left -= len(line)
        yield line
    if left <= 0:
        yield b"..."


def _chunks(file: BufferedReader) -> Iterator[bytes]:
    left = _LARGEST
    while chunk := file.read(_CHUNK):
        left -= len(chunk)
        if left < 0:
            raise UnreadableError(f"is larger than {_LARGEST // MIB} MiB")
        yield chunk
