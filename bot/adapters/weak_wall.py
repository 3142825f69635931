"""Shutting a command up without namespaces, by Landlock and seccomp: weaker, and named so.

Nothing can be mounted, so the command works with the paths of the host: the places that its job
names are put in their stead, and in its output the other way round.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.adapters import landlock
from bot.adapters.hostile_folder import empty
from bot.adapters.job import ENVIRON, NICE, Job, Launch, Mode, Strength, in_memory
from bot.adapters.keeper import Confinement
from bot.adapters.proc import Command, run
from bot.adapters.scratch import scratch
from bot.adapters.seccomp import known_machine
from bot.core.errors import UserError
from bot.core.outcome import Limits

_ROOT = Path(__file__).parents[2]
_START = f"""
import sys
sys.path.insert(0, {str(_ROOT)!r})
from bot.adapters.keeper import main
main(int(sys.argv[1]))
"""
_SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"),
    *("/etc/ld.so.cache", "/etc/alternatives", "/etc/mime.types", "/etc/localtime"),
    *("/dev/zero", "/dev/random", "/dev/urandom"),
)
_DEVICES = ("/dev/null", "/dev/full")
_TEMPORARY = "/tmp"  # noqa: S108 - the place that a job speaks of
_FIRST_STAND_IN = 2**30 + 2**29
_STAND_INS = 2**20
_PROBE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Weak:
    """Landlock of a version, and where temporary folders go if there is no room in memory."""

    landlock: int
    spare: Path

    @property
    def mode(self) -> Mode:
        """Name what it is."""
        name = f"weak: Landlock ABI {self.landlock} + seccomp (no namespaces, no network)"
        return Mode(name, strength=Strength.WEAK)

    @contextmanager
    def launch(self, job: Job, states: int) -> Iterator[Launch]:
        """Give what starts a job, and a temporary folder as long as it runs."""
        with scratch("tmp", self.spare) as temporary, _emptied(temporary):
            user = _stand_in()
            os.chown(temporary, -1 if user is None else user, -1)
            places = _Places(job, temporary)
            confinement = _confinement(job, places, user, states)
            with in_memory(json.dumps(asdict(confinement)).encode()) as given:
                yield Launch(
                    (sys.executable, "-I", "-S", "-c", _START, str(given), str(temporary)),
                    (given, states),
                    keeps=True,
                    temporary=temporary,
                    named=places.named,
                )


@contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    try:
        yield
    finally:
        empty(folder)


async def choose(spare: Path) -> tuple[Weak | None, str]:
    """Try it with all that a real run has; give it, or the reason why it does not work here."""
    version = landlock.abi()
    if version < landlock.LEAST:
        return None, f"Landlock has ABI {version} here, {landlock.LEAST} is needed"
    if not known_machine():
        return None, "seccomp: no filter is written for this machine"
    weak = Weak(version, spare)
    try:
        await _try(weak)
    except (OSError, TimeoutError) as error:
        return None, f"Landlock and seccomp do not work together here: {error}"
    return weak, ""


async def _try(weak: Weak) -> None:
    states, for_states = os.pipe()
    try:
        with weak.launch(Job(("true",)), for_states) as launch:
            done = await run(Command(launch.argv, ENVIRON, timeout=_PROBE_SECONDS, fds=launch.fds))
    finally:
        os.close(for_states)
        os.close(states)
    if done.code:
        raise OSError((done.out + done.err).decode(errors="replace").strip()[-500:])


class _Places:
    """The places that a job speaks of, and the paths of the host behind them."""

    def __init__(self, job: Job, temporary: Path) -> None:
        pairs = [*job.readable, *job.writable, (temporary, _TEMPORARY)]
        self._hosts = {place: str(path.resolve()) for path, place in pairs}
        moved = sorted((p for p, host in self._hosts.items() if p != host), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<![\w./-])({'|'.join(map(re.escape, moved))})(?![\w.-])")
        self._moved = moved

    def real(self, text: str) -> str:
        """Put the host's paths for the places in a text."""
        return self._pattern.sub(lambda found: self._hosts[found[1]], text)

    def named(self, output: bytes) -> bytes:
        """Put the places for the host's paths in an output."""
        for place in self._moved:
            output = output.replace(self._hosts[place].encode(), place.encode())
        return output


def _confinement(job: Job, places: _Places, user: int | None, states: int) -> Confinement:
    return Confinement(
        command=tuple(map(places.real, job.command)),
        env={name: places.real(value) for name, value in job.env},
        folder=places.real(job.folder),
        readable=(*_SYSTEM, *_paths(job.readable)),
        writable=(*_DEVICES, *_paths(job.writable), places.real(_TEMPORARY)),
        limits=_limits(job.limits, user),
        nice=NICE,
        landlock=landlock.abi(),
        user=user,
        parent=os.getpid(),
        states=states,
    )


def _paths(pairs: Sequence[tuple[Path, str]]) -> list[str]:
    try:
        return [str(path.resolve(strict=True)) for path, _ in pairs]
    except OSError as error:
        raise UserError(f"the sandbox could not be set up\n{error}") from None


def _limits(limits: Limits, user: int | None) -> dict[str, int]:
    # A user of the run's own has no other tasks; otherwise the service's count too.
    others = 0 if user is not None else _tasks_of(os.geteuid())
    return {
        "CORE": 0,
        "FSIZE": limits.file_size,
        "AS": limits.address_space,
        "CPU": limits.cpu,
        "NOFILE": limits.open_files,
        "NPROC": limits.processes + others,
    }


def _stand_in() -> int | None:
    """Give a user of this run's own, where we are root: nothing bounds root's processes."""
    return _FIRST_STAND_IN + secrets.randbelow(_STAND_INS) if os.geteuid() == 0 else None


def _tasks_of(user: int) -> int:
    count = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if entry.stat().st_uid == user:
                count += len(os.listdir(entry / "task"))  # noqa: PTH208 - only their number
        except OSError:  # it ended meanwhile
            continue
    return count
