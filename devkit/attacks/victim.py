"""A process that stands for the service: it has what attackers want, and runs them in the sandbox.

`python -m devkit.attacks.victim FOLDER MODE PROGRAM… < names`: one line of JSON for each attempt.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import resource
import shutil
import socket
import sys
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bot.adapters import result_files
from bot.adapters.job import Job
from bot.adapters.process_family import family
from bot.adapters.result_files import ResultFiles
from bot.adapters.sandbox import Sandbox
from bot.core.outcome import Ending, Limits, Run
from devkit.attacks.facts import Facts

SECRET = "hunter2"  # noqa: S105 - what the attempts look for
_PROGRAM = ("__init__", "facts", "reaching", "exhausting", "inside")
_START = """
import sys
sys.path.insert(0, "/program")
from devkit.attacks.inside import main
main(*sys.argv[1:])
"""
_SHARED = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path("/usr"))  # noqa: S108 - looked at for traces
_SET_DUMPABLE = 4
_WALL = {"daemons": 2.0, "deep_folders": 10.0}
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt: whether it got through, by what it was stopped, what it left."""

    name: str
    through: bool
    said: str
    left: tuple[str, ...] = ()
    grown: int = 0


class Victim:
    """Database and key that are its own alone, a secret in its environment, and open sockets."""

    def __init__(self, folder: Path, doors: ExitStack) -> None:
        self.folder = folder
        (folder / "tree").mkdir()
        (folder / "tree/test.py").write_text("")
        for name in ("database", "key.pem"):
            (folder / name).write_text(f"{name} with {SECRET}\n" * 3)
            (folder / name).chmod(0o600)
        self.program = folder / "program"
        package = self.program / "devkit/attacks"
        package.mkdir(parents=True)
        for name in _PROGRAM:
            shutil.copy(Path(__file__).with_name(f"{name}.py"), package)
        self.abstract = uuid.uuid4().hex
        streams = [doors.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2)]
        datagrams = doors.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self.tcp = doors.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.udp = doors.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.udp.bind(("127.0.0.1", 0))
        streams[0].bind(str(folder / "socket"))
        streams[1].bind(f"\0{self.abstract}")
        datagrams.bind(str(folder / "datagrams"))
        for stream in streams:
            stream.listen()
        self.doors = [*streams, datagrams, self.tcp, self.udp]
        for door in self.doors:
            door.settimeout(0)

    def facts(self, mark: str) -> Facts:
        """Give what an attacker may know."""
        tcp, udp = (one.getsockname()[1] for one in (self.tcp, self.udp))
        results = f"{result_files.PLACE}/{result_files.JUNIT}"
        return Facts(os.getpid(), tcp, udp, str(self.folder), self.abstract, mark, results)

    def results(self, mark: str) -> Path:
        """Make a folder for the results of one attempt."""
        folder = self.folder / mark
        folder.mkdir()
        return folder

    def hurt(self, mark: str) -> str:
        """Say what reached the service or was changed of it, nothing if all is as it was."""
        if any(map(_knocked, self.doors)):
            return "something arrived"
        for name in ("database", "key.pem", "tree/test.py"):
            facts = (self.folder / name).stat()
            if facts.st_mtime < 2 or not facts.st_mode & 0o600 or facts.st_mode & 0o022:  # noqa: PLR2004 - what the attempt sets
                return f"{name} was changed"
        if (self.folder / "key.pem").read_text().count(SECRET) != 3:  # noqa: PLR2004 - as written
            return "the key was changed"
        folders = (self.folder, self.folder / "tree", *_SHARED)
        if any((folder / mark).exists() for folder in folders):
            return "a file was written"
        return ""


async def attack(victim: Victim, sandbox: Sandbox, name: str) -> Outcome:
    """Let one attempt run in the sandbox, and look at what came of it."""
    mark = f"attempt-{uuid.uuid4().hex}"
    before = _resident("VmRSS")
    files = result_files.make(victim.results(mark))
    own = _standing()
    run = await sandbox.run(_job(victim, files, name, mark))
    evidence = files.evidence("junit", ("/src",))
    shutil.rmtree(files.folder)
    outcome = _judged(name, run, victim.hurt(mark))
    if SECRET in repr(evidence):
        outcome = replace(outcome, through=True, said="the results were read from the key")
    if own != _standing():
        outcome = replace(outcome, through=True, said="the service's limits were changed")
    grown = (_resident("VmRSS") - before) // _KIB
    return replace(outcome, left=tuple(_left(mark)), grown=grown)


def _job(victim: Victim, files: ResultFiles, name: str, mark: str) -> Job:
    prefix = Path(sys.base_prefix).resolve()
    python = () if prefix.is_relative_to("/usr") else ((prefix, str(prefix)),)
    facts = json.dumps(asdict(victim.facts(mark)))
    return Job(
        (str(Path(sys.executable).resolve()), "-I", "-c", _START, name, facts),
        readable=(*python, (victim.folder / "tree", "/src"), (victim.program, "/program")),
        writable=files.writable,
        env=(("HOME", "/tmp"), ("TMPDIR", "/tmp")),  # noqa: S108 - the sandbox's own
        limits=Limits(wall=_WALL.get(name, 20.0)),
        allow_weak=True,
    )


def _standing() -> tuple[object, ...]:
    """Give what of the service other processes of its user could change."""
    limits = (resource.getrlimit(kind) for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE))
    return (os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0), *limits)


def _judged(name: str, run: Run, hurt: str) -> Outcome:
    said = run.output.decode(errors="replace").rpartition("\n")[0].rpartition("\n")[2]
    if hurt or SECRET in run.output.decode(errors="replace"):
        return Outcome(name, through=True, said=hurt or "the secret was read")
    if run.ending is not Ending.EXITED:
        return Outcome(name, through=False, said=f"ended: {run.ending.name.lower()}")
    if run.status > 128:  # noqa: PLR2004 - a signal
        return Outcome(name, through=False, said=f"signal {run.status - 128}")
    what, mark, detail = said.partition(": ")
    if not mark or what not in {"through", "stopped"}:
        raise RuntimeError(f"{name} was not tried: {run.output[-2000:].decode(errors='replace')}")
    return Outcome(name, through=what == "through", said=detail)


def _left(mark: str) -> list[str]:
    """Name the processes and files that an attempt left behind."""
    own = f"-{os.getpid()}-"
    found = [f"file {path.name}" for path in Path("/dev/shm").iterdir() if own in path.name]  # noqa: S108 - where scratch folders are
    found += [f"file {path}" for folder in _SHARED for path in folder.glob(f"*{mark}*")]
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (entry / "cmdline").read_bytes():
                found.append(f"process {entry.name}")
        except OSError:
            continue
    return found + [f"process {one.pid}" for one in family(os.getpid()) if one.pid != os.getpid()]


def _knocked(door: socket.socket) -> bool:
    try:
        if door.type == socket.SOCK_DGRAM:
            return bool(door.recv(1))
        door.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def _resident(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * _KIB for line in lines if line.startswith(field))


async def _main(folder: Path, mode: str, programs: Sequence[str], names: Sequence[str]) -> None:
    sandbox = Sandbox([Path(one) for one in programs] if mode == "strong" else ())
    found = await sandbox.probe()
    if found.strength != mode:
        sys.exit(f"no {mode} sandbox here: {found.name} {found.reason}")
    print(json.dumps({"mode": found.name}), flush=True)
    with ExitStack() as doors:
        victim = Victim(folder, doors)
        began = _resident("VmRSS")
        for name in names:
            print(json.dumps(asdict(await attack(victim, sandbox, name))), flush=True)
        added = (_resident("VmHWM") - began) // _KIB
    print(json.dumps({"added": added}), flush=True)


if __name__ == "__main__":
    ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)  # as the service does
    asyncio.run(_main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:], sys.stdin.read().split()))
