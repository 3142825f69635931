"""The attempts, as a program that runs inside the sandbox with nothing but the standard library.

`python attempts.py NAME FACTS`, where FACTS is JSON. It prints `through: …` where the attempt got
anywhere, else `stopped: …`. What it uses is bounded by itself too, should the sandbox not hold:
1,500 processes, 3 GiB of memory, 2 GiB of files, 1 GiB of output, a minute.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import platform
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_MIB = 2**20
_PIECE = 64 * _MIB
_MINUTE = 60
_GET_SECCOMP, _SET_DUMPABLE, _FILTERED = 21, 4, 2  # linux/prctl.h
_ATTACH = 16  # linux/ptrace.h
_NEW_USER, _NEW_MOUNT, _NEW_NET = 0x10000000, 0x00020000, 0x40000000  # linux/sched.h
_X86 = platform.machine() == "x86_64"
_CLONE, _CLONE3, _VM_READ, _EXIT = (56, 435, 310, 60) if _X86 else (220, 435, 270, 93)
_OUTSIDE = ("192.0.2.1", 9)  # an address that is nobody's
_TEMPORARY = Path(os.environ.get("TMPDIR", "/nowhere"))


@dataclass(frozen=True)
class Facts:
    """What an attacker may well know: where the service is, what its files are called."""

    pid: int
    tcp: int
    udp: int
    folder: str
    abstract: str
    mark: str
    results: str


Attempt = Callable[[Facts], str | None]
ATTEMPTS: dict[str, Attempt] = {}


def attempt(function: Attempt) -> Attempt:
    """Take a function among the attempts: it gives what it got, or raises OSError, or None."""
    ATTEMPTS[function.__name__] = function
    return function


@attempt
def tcp_to_the_service(facts: Facts) -> str:
    """Connect to the service's port on loopback."""
    with socket.create_connection(("127.0.0.1", facts.tcp), 3):
        return "connected"


@attempt
def udp_to_the_service(facts: Facts) -> None:
    """Send the service a datagram on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"hello", ("127.0.0.1", facts.udp))


@attempt
def tcp_to_outside(_facts: Facts) -> str:
    """Connect to another machine."""
    with contextlib.suppress(TimeoutError), socket.create_connection(_OUTSIDE, 1):
        pass
    return "a packet left"


@attempt
def udp_to_outside(_facts: Facts) -> str:
    """Send another machine a datagram."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"hello", _OUTSIDE)
    return "a packet left"


@attempt
def unix_socket(facts: Facts) -> str:
    """Connect to the service's Unix socket by its path."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"{facts.folder}/socket")
    return "connected"


@attempt
def unix_datagram(facts: Facts) -> None:
    """Send to the service's Unix socket from one half of a pair."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.sendto(b"hello", f"{facts.folder}/datagrams")


@attempt
def abstract_socket(facts: Facts) -> str:
    """Connect to the service's abstract Unix socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"\0{facts.abstract}")
    return "connected"


@attempt
def database(facts: Facts) -> str:
    """Read the service's database."""
    return Path(facts.folder, "database").read_text()


@attempt
def key(facts: Facts) -> str:
    """Read the App's private key by way of a link."""
    link = _TEMPORARY / "link"
    link.symlink_to(f"{facts.folder}/key.pem")
    return link.read_text()


@attempt
def environment(_facts: Facts) -> None:
    """Find the secret in the environment of this or of any other process."""
    print(dict(os.environ))
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            print(entry.read_bytes())


@attempt
def proc_of_the_service(facts: Facts) -> str:
    """Open the service's memory, files and folders under `/proc`."""
    process = Path("/proc", str(facts.pid))
    for name in ("environ", "mem", "maps", "cwd/database", "root/etc/shadow"):
        with contextlib.suppress(OSError):
            (process / name).open("rb").close()
            return name
    return str((process / "cwd").readlink())


@attempt
def write_outside(facts: Facts) -> str | None:
    """Write to the service's folder, the tree, `/usr`, or what others have for temporary files."""
    folders = (facts.folder, f"{facts.folder}/tree", "/usr", "/var/tmp", "/dev/shm", "/src")  # noqa: S108 - the very places
    for folder in folders:
        with contextlib.suppress(OSError):
            Path(folder, facts.mark).write_text("here")
    for name in ("database", "key.pem"):
        with contextlib.suppress(OSError):
            os.truncate(f"{facts.folder}/{name}", 0)
    return None


@attempt
def change_modes(facts: Facts) -> None:
    """Open the service's files to everybody, or close them to itself."""
    for path in (f"{facts.folder}/database", f"{facts.folder}/tree/test.py"):
        with contextlib.suppress(OSError):
            os.chmod(path, 0)  # noqa: PTH101 - the call itself
        with contextlib.suppress(OSError):
            os.utime(path, (1, 1))


@attempt
def ptrace(facts: Facts) -> str:
    """Take the service over as a debugger, or read its memory."""
    libc = ctypes.CDLL(None, use_errno=True)
    local = ctypes.create_string_buffer(8)
    span = (ctypes.c_size_t * 2)(ctypes.addressof(local), 8)
    if libc.syscall(_VM_READ, facts.pid, span, 1, span, 1, 0) >= 0:
        return "read"
    _checked(libc.ptrace(_ATTACH, facts.pid, 0, 0))
    return "attached"


@attempt
def kill(facts: Facts) -> str:
    """End the service."""
    os.kill(facts.pid, signal.SIGKILL)
    return "killed"


@attempt
def strangle(facts: Facts) -> str:
    """Take the service's rights to files and processor time."""
    for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE):
        with contextlib.suppress(OSError):
            resource.prlimit(facts.pid, kind, (8, 8))
            return "limited"
    with contextlib.suppress(OSError):
        os.sched_setaffinity(facts.pid, {0})
        return "bound to one processor"
    os.setpriority(os.PRIO_PROCESS, facts.pid, 19)
    return "made to wait"


@attempt
def namespaces(_facts: Facts) -> str:
    """Become root in a namespace of one's own, in four ways."""
    libc = ctypes.CDLL(None, use_errno=True)
    for flags in (_NEW_USER, _NEW_USER | _NEW_MOUNT, _NEW_NET):
        if libc.unshare(flags) == 0:
            return "unshared"
    sized = (ctypes.c_uint64 * 8)(_NEW_USER, 0, 0, 0, signal.SIGCHLD)
    for number, first, second in ((_CLONE3, sized, 64), (_CLONE, _NEW_USER | signal.SIGCHLD, 0)):
        child = libc.syscall(number, first, second, 0, 0, 0)
        if child == 0:
            os._exit(0)
        if child > 0:
            os.waitpid(child, 0)
            return "cloned"
    raise OSError(ctypes.get_errno(), "clone")


@attempt
def rights(_facts: Facts) -> str:
    """Become root."""
    os.setresuid(0, 0, 0)
    return "root"


@attempt
def fork_bomb(_facts: Facts) -> str:
    """Start 1,500 processes."""
    most = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if os.getuid() == 0 or not 0 < most < 8192:  # noqa: PLR2004 - never without a bound of the kernel
        raise RuntimeError("nothing would bound a fork bomb here")
    for _ in range(1500):
        if os.fork() == 0:
            time.sleep(_MINUTE // 3)
            os._exit(0)
    return "1,500 processes"


@attempt
def memory(_facts: Facts) -> str:
    """Take 3 GiB of memory in one process."""
    _held(3072)
    return "3 GiB"


@attempt
def memory_of_four(_facts: Facts) -> str:
    """Take 3 GiB of memory in four processes."""
    return _in_four(lambda: None)


@attempt
def hidden_memory(_facts: Facts) -> str:
    """Take 3 GiB in four processes that hide their figures."""
    return _in_four(lambda: _checked(ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)))


@attempt
def headless_memory(_facts: Facts) -> str:
    """Take 3 GiB in four processes whose first thread has ended."""
    for _ in range(4):
        if os.fork() == 0:
            threading.Thread(target=_hold).start()
            ctypes.CDLL(None).syscall(_EXIT, 0)
    time.sleep(8)
    return "3 GiB"


@attempt
def memory_of_nobody(_facts: Facts) -> str:
    """Take memory that belongs to no process."""
    with contextlib.suppress(OSError):
        os.close(os.memfd_create("held"))
        return "a file in memory"
    libc = ctypes.CDLL(None, use_errno=True)
    segment = libc.shmget(0, _MIB, 0o1600)
    _checked(segment)
    libc.shmctl(segment, 0, None)
    return "a shared segment"


@attempt
def files(facts: Facts) -> str:
    """Write 2 GiB of files."""
    for number in range(32):
        (_TEMPORARY / f"{facts.mark}-{number}").write_bytes(b"x" * _PIECE)
    time.sleep(1)
    return "2 GiB"


@attempt
def deleted_files(facts: Facts) -> str:
    """Write 1 GiB of files that are deleted but open."""
    held = []
    for number in range(16):
        path = _TEMPORARY / f"{facts.mark}-{number}"
        file = path.open("wb")
        path.unlink()
        file.write(b"x" * _PIECE)
        file.flush()
        held.append(file)
    time.sleep(1)
    return "1 GiB"


@attempt
def output(_facts: Facts) -> str:
    """Write 1 GiB of output."""
    for _ in range(1024):
        sys.stdout.write("x" * _MIB)
    return "1 GiB"


@attempt
def daemons(_facts: Facts) -> str:
    """Loop for ever, with daemons that left the session."""
    for _ in range(5):
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            time.sleep(_MINUTE)
            os._exit(0)
    end = time.monotonic() + _MINUTE
    while time.monotonic() < end:
        pass
    return "a minute"


@attempt
def deep_folders(_facts: Facts) -> str | None:
    """Leave 3,000 folders in each other, the last closed to everybody, in the temporary folder."""
    os.chdir(_TEMPORARY)
    for _ in range(3000):
        os.mkdir("d")  # noqa: PTH102 - relative to where we are
        os.chdir("d")
    os.mkdir("closed", 0)  # noqa: PTH102 - the same
    return None


@attempt
def planted_link(facts: Facts) -> None:
    """Put a link to the App's key in the place of the file with the results."""
    with contextlib.suppress(OSError):
        Path(facts.results).unlink()
    Path(f"{facts.results}.new").symlink_to(f"{facts.folder}/key.pem")
    Path(f"{facts.results}.new").rename(facts.results)


@attempt
def billion_laughs(facts: Facts) -> None:
    """Leave results that grow a billion times when they are read."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    text = f'<!DOCTYPE testsuite [{entities}]><testsuite><testcase name="&l9;"/></testsuite>'
    Path(facts.results).write_text(text)


@attempt
def names(facts: Facts) -> str:
    """See that the service's files exist, and their sizes."""
    return f"{os.stat(f'{facts.folder}/database').st_size} bytes"  # noqa: PTH116 - the call itself


@attempt
def numbers(facts: Facts) -> str:
    """See that the service's process exists."""
    os.getpgid(facts.pid)
    return "its number is in use"


def main(name: str, facts: Facts) -> None:
    """Make one attempt and say what came of it."""
    if ctypes.CDLL(None).prctl(_GET_SECCOMP, 0, 0, 0, 0) != _FILTERED:
        sys.exit("this is no sandbox: nothing is tried")
    try:
        got = ATTEMPTS[name](facts)
        said = f"through: {got}" if got else "stopped: no effect"
    except OSError as error:
        said = f"stopped: {errno.errorcode.get(error.errno or 0, 'time')}"
    except MemoryError:
        said = "stopped: ENOMEM"
    print(f"\n{said}", flush=True)


def _held(size: int) -> list[bytes]:
    return [b"x" * _PIECE for _ in range(size * _MIB // _PIECE)]


def _hold() -> None:
    held = _held(768)
    time.sleep(_MINUTE // 6)
    held.clear()


def _in_four(prepare: Callable[[], None]) -> str:
    for _ in range(4):
        if os.fork() == 0:
            prepare()
            _hold()
            os._exit(0)
    time.sleep(_MINUTE // 6)
    return "3 GiB"


def _checked(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")


if __name__ == "__main__":
    main(sys.argv[1], Facts(**json.loads(sys.argv[2])))
