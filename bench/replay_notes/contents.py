"""Files of any commit of a clone, read through one git process."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import IO, Self

from devkit.history import environment


class Contents:
    """Reads files; to be left as a context, which ends the process."""

    def __init__(self, clone: Path) -> None:
        self._git = subprocess.Popen(
            ["git", "-C", str(clone), "cat-file", "--batch"],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._git.communicate()

    def read(self, commit: str, path: str) -> bytes | None:
        """Give a file's bytes, None if it is not there."""
        asking, answering = _pipe(self._git.stdin), _pipe(self._git.stdout)
        asking.write(f"{commit}:{path}\n".encode())
        asking.flush()
        header = answering.readline().split()
        if header[-1:] == [b"missing"]:
            return None
        content = answering.read(int(header[2]))
        answering.read(1)
        return content


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise BrokenPipeError("git was started without a pipe")
    return pipe
