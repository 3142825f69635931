"""The whole output of proofs, kept for some days in files whose names nobody can guess."""

from __future__ import annotations

import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_BYTES = 16  # 128 bits: nobody comes across one by trying
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_DAY = 86_400.0  # seconds


@dataclass(frozen=True, slots=True)
class LogFile:
    """One log, which can be read at `url` as it grows; that is empty where nobody serves it."""

    path: Path
    url: str

    def write(self, title: str, text: str) -> None:
        """Add a part under a title; where the disk is full, the log ends there."""
        with suppress(OSError), self.path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(f"===== {title}\n\n{text.strip(chr(10))}\n\n")


@dataclass(frozen=True, slots=True)
class LogFolder:
    """All logs of this machine; `url` is the service's own address, `days` how long one is kept."""

    folder: Path
    url: str
    days: float

    def begin(self) -> LogFile:
        """Begin a log under a new name."""
        token = secrets.token_urlsafe(_BYTES)
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LogFile(self._path(token), f"{self.url}/logs/{token}" if self.url else "")

    def find(self, token: str) -> Path | None:
        """Give the file of a log, None for a name that none has."""
        if not _TOKEN.fullmatch(token):
            return None
        path = self._path(token)
        return path if path.is_file() and not path.is_symlink() else None

    def sweep(self) -> int:
        """Remove the logs that nobody wrote to for longer than they are kept; give how many."""
        oldest = time.time() - self.days * _DAY
        old = [path for path in self.folder.glob("*.txt") if path.stat().st_mtime < oldest]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _path(self, token: str) -> Path:
        return self.folder / f"{token}.txt"
