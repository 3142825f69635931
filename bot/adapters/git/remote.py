"""Speak with GitHub by git: who we are, what it answered, and what a failure means."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.adapters.git.run import Call, Git
from bot.adapters.proc import Completed
from bot.core.errors import Transient, UserError

TIMEOUT = 1800.0  # seconds: a first fetch brings the whole history
ANY_CODE = tuple(range(-64, 256))  # below 0: a signal ended it
STATUS = re.compile(rb"<= Recv header: HTTP/[0-9.]+ ([0-9]{3})")
MAX_WORDS = 600

# Said here and in no other call, so that no other git ever reaches out, asked or not.
PROTOCOLS = b"".join(
    b'[protocol "%s"]\n\tallow = always\n' % name for name in (b"https", b"http", b"file")
)

REFUSALS = {
    401: "did not accept the App's token: an owner must check that the App is still installed",
    403: "denied access: an owner must grant the App “Contents: write”, or unarchive it",
    404: "has no such repository for the App: an owner must install the App on it",
}


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository on GitHub; `url` carries no credentials, an empty token means none.

    `filtered` asks it to leave out the contents of files that are not asked for by name.
    """

    name: str
    url: str
    token: str
    filtered: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one talk; `status` is the last HTTP status, None where none arrived."""

    result: Completed
    status: int | None

    @property
    def words(self) -> str:
        """Give what the other side wrote for people, on one line."""
        lines = self.result.err.decode(errors="replace").splitlines()
        said = [
            line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")
        ]
        return " ".join(line for line in said if line)[:MAX_WORDS]


async def talk(git: Git, remote: Remote, *args: str, stdin: bytes = b"") -> Answer:
    """Run git against the network.

    The token stands in a file without a name, in memory, that only this child and its own
    children can open: in no argument, no variable, no configuration and on no disk. Git says some
    HTTP statuses in English only, so its trace of headers goes to a second such file.
    """
    with _memory_file(_configuration(remote)) as config, _memory_file(b"") as trace:
        env = {
            "GIT_CONFIG_GLOBAL": f"/proc/self/fd/{config}",
            "GIT_TRACE_CURL": f"/proc/self/fd/{trace}",
            "GIT_TRACE_CURL_NO_DATA": "1",
        }
        call = Call(stdin, accept=ANY_CODE, env=env, timeout=TIMEOUT, fds=(config, trace))
        result = await git(*args, call=call)
        headers = os.pread(trace, os.fstat(trace).st_size, 0)
    statuses = STATUS.findall(headers)
    return Answer(result, int(statuses[-1]) if statuses else None)


def failure(remote: Remote, doing: str, answer: Answer) -> UserError | Transient:
    """Say what a failed talk means and who must act; what may pass by itself is Transient."""
    status = answer.status or 0
    words = f" It said: {answer.words}" if answer.words else ""
    if status in REFUSALS:
        return UserError(f"{doing} {remote.name}: GitHub {REFUSALS[status]} ({status}).{words}")
    if status // 100 == 3:  # noqa: PLR2004 - the class of redirections
        return UserError(f"{doing} {remote.name}: the repository has moved ({status}).{words}")
    code = f"HTTP {status}" if status else f"git ended with {answer.result.code}"
    return Transient(f"{doing} {remote.name} failed ({code}).{words}")


def _configuration(remote: Remote) -> bytes:
    return PROTOCOLS + _credentials(remote) + _filter(remote)


def _filter(remote: Remote) -> bytes:
    """Have git leave contents out, and know that whatever comes so may refer to what is not here.

    Said here and not in the mirror's configuration: so no other git knows where to get them.
    """
    if not remote.filtered:
        return b""
    lines = f'[remote "{remote.url}"]', "promisor = true", "partialCloneFilter = blob:none"
    return "\n".join((*lines, "")).encode()


def _credentials(remote: Remote) -> bytes:
    if not remote.token:
        return b""
    secret = base64.b64encode(f"x-access-token:{remote.token}".encode()).decode()
    header = f"Authorization: basic {secret}"
    return f'[http "{remote.url}"]\n\textraHeader = "{header}"\n'.encode()


@contextmanager
def _memory_file(content: bytes) -> Iterator[int]:
    descriptor = os.memfd_create("stablehand")
    try:
        os.write(descriptor, content)
        yield descriptor
    finally:
        os.close(descriptor)
