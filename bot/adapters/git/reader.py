"""Ask one living git for objects, so that reading one costs no process of its own.

A read blocks for what an answer takes: some 30 microseconds from warm files, less than a change to
another task would. What may take long (merging, talking to GitHub) is not done here.
"""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.adapters.git.run import Git, GitFailedError
from bot.adapters.proc import Completed
from bot.core.errors import Transient

TIMEOUT = 30.0  # seconds without a sign of life
CHUNK = 1 << 16
HANDFUL = 12  # questions, which may hold paths of 4 kB and are read by git from a pipe of 64 kB


@dataclass(frozen=True, slots=True)
class Stored:
    """An object; `kind` is `commit`, `tree`, `blob` or `tag`, `size` in bytes.

    `data` is empty where only the size was asked for.
    """

    sha: str
    kind: str
    size: int
    data: bytes


class Reader:
    """A `git cat-file` that answers until it is closed; it is started when first asked."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._conversation: _Conversation | None = None

    def read(self, names: Sequence[bytes]) -> list[Stored | None]:
        """Give objects by name (`<sha>`, `<sha>:<path>`), None for each that is not there.

        All is asked before the first answer is read, which saves changes between two processes.
        """
        return [found for some in _handful(names) for found in self._ask(b"contents", some)]

    def measure(self, names: Sequence[bytes]) -> list[Stored | None]:
        """Give objects without their data."""
        return [found for some in _handful(names) for found in self._ask(b"info", some)]

    def close(self) -> None:
        """End the conversation; asked again, another one begins."""
        if self._conversation is not None:
            self._conversation.end()
            self._conversation = None

    def _ask(self, verb: bytes, names: Sequence[bytes]) -> list[Stored | None]:
        if self._conversation is None:
            self._conversation = _Conversation(self._git)
        try:
            self._conversation.say(b"".join(verb + b" " + name + b"\0" for name in names))
            return [_hear(self._conversation, verb, name) for name in names]
        except BaseException:
            self.close()  # what is still to come would be taken for the next answer
            raise


def _handful(names: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Cut questions into as many as a pipe holds: else both sides would wait for ever."""
    for at in range(0, len(names), HANDFUL):
        yield names[at : at + HANDFUL]


def _hear(conversation: _Conversation, verb: bytes, name: bytes) -> Stored | None:
    header, absent = conversation.line(), name + b" missing\n"
    while header != absent and absent.startswith(header):  # a line break in the name
        header += conversation.line()
    if header == absent:
        return None
    sha, kind, size = header.decode().split()
    data = conversation.take(int(size) + 1)[:-1] if verb == b"contents" else b""
    return Stored(sha, kind, int(size), data)


class _Conversation:
    """Two pipes and the process behind them; what it complains of goes to a file in memory."""

    def __init__(self, git: Git) -> None:
        self._complaints = os.memfd_create("stablehand")
        self._process = subprocess.Popen(
            ["git", "cat-file", "--batch-command", "-z"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            bufsize=0,
            env=git.environment(),
            start_new_session=True,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("git was started without pipes")
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._heard = bytearray()
        self._poll = select.poll()
        self._poll.register(self._stdout, select.POLLIN)

    def say(self, request: bytes) -> None:
        try:
            self._stdin.write(request)
        except BrokenPipeError:
            raise self._broken() from None

    def line(self) -> bytes:
        at = 0
        while (end := self._heard.find(b"\n", at)) < 0:
            at = len(self._heard)
            self._listen()
        return self.take(end + 1)

    def take(self, size: int) -> bytes:
        while len(self._heard) < size:
            self._listen()
        taken = bytes(self._heard[:size])
        del self._heard[:size]
        return taken

    def end(self) -> None:
        self._process.kill()
        self._stdin.close()
        self._stdout.close()
        self._process.wait()
        os.close(self._complaints)

    def _listen(self) -> None:
        if not self._poll.poll(TIMEOUT * 1000):
            raise Transient(f"git cat-file gave no answer for {TIMEOUT:.0f} s.")
        chunk = os.read(self._stdout.fileno(), CHUNK)
        if not chunk:
            raise self._broken()
        self._heard += chunk

    def _broken(self) -> GitFailedError:
        code = self._process.wait()
        said = os.pread(self._complaints, CHUNK, 0)
        return GitFailedError("cat-file", Completed(code, b"", said))
