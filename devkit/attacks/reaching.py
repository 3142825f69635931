"""Attempts to reach what is outside: network, files, processes and rights."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import signal
import socket
from pathlib import Path

from devkit.attacks.facts import TEMPORARY, Attempt, Facts, checked

_ATTACH = 16  # linux/ptrace.h
_NEW_USER, _NEW_MOUNT, _NEW_NET = 0x10000000, 0x00020000, 0x40000000  # linux/sched.h
_CLONE, _CLONE3, _VM_READ = (56, 435, 310) if platform.machine() == "x86_64" else (220, 435, 270)
_OUTSIDE = ("192.0.2.1", 9)  # an address that is nobody's


def tcp_to_the_service(facts: Facts) -> str:
    """Connect to the service's port on loopback."""
    with socket.create_connection(("127.0.0.1", facts.tcp), 3):
        return "connected"


def udp_to_the_service(facts: Facts) -> None:
    """Send the service a datagram on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"hello", ("127.0.0.1", facts.udp))


def tcp_to_outside(_facts: Facts) -> str:
    """Connect to another machine."""
    with contextlib.suppress(TimeoutError), socket.create_connection(_OUTSIDE, 1):
        pass
    return "a packet left"


def udp_to_outside(_facts: Facts) -> str:
    """Send another machine a datagram."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"hello", _OUTSIDE)
    return "a packet left"


def unix_socket(facts: Facts) -> str:
    """Connect to the service's Unix socket by its path."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"{facts.folder}/socket")
    return "connected"


def unix_datagram(facts: Facts) -> None:
    """Send to the service's Unix socket from one half of a pair."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.sendto(b"hello", f"{facts.folder}/datagrams")


def abstract_socket(facts: Facts) -> str:
    """Connect to the service's abstract Unix socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"\0{facts.abstract}")
    return "connected"


def database(facts: Facts) -> str:
    """Read the service's database."""
    return Path(facts.folder, "database").read_text()


def key(facts: Facts) -> str:
    """Read the App's private key by way of a link."""
    link = TEMPORARY / "link"
    link.symlink_to(f"{facts.folder}/key.pem")
    return link.read_text()


def environment(_facts: Facts) -> None:
    """Find the secret in the environment of this or of any other process."""
    print(dict(os.environ))
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            print(entry.read_bytes())


def proc_of_the_service(facts: Facts) -> str:
    """Open the service's memory, files and folders under `/proc`."""
    process = Path("/proc", str(facts.pid))
    for name in ("environ", "mem", "maps", "cwd/database", "root/etc/shadow"):
        with contextlib.suppress(OSError):
            (process / name).open("rb").close()
            return name
    return str((process / "cwd").readlink())


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


def change_modes(facts: Facts) -> None:
    """Open the service's files to everybody, or close them to itself."""
    for path in (f"{facts.folder}/database", f"{facts.folder}/tree/test.py"):
        with contextlib.suppress(OSError):
            os.chmod(path, 0)  # noqa: PTH101 - the call itself
        with contextlib.suppress(OSError):
            os.utime(path, (1, 1))


def ptrace(facts: Facts) -> str:
    """Take the service over as a debugger, or read its memory."""
    libc = ctypes.CDLL(None, use_errno=True)
    local = ctypes.create_string_buffer(8)
    span = (ctypes.c_size_t * 2)(ctypes.addressof(local), 8)
    if libc.syscall(_VM_READ, facts.pid, span, 1, span, 1, 0) >= 0:
        return "read"
    checked(libc.ptrace(_ATTACH, facts.pid, 0, 0))
    return "attached"


def kill(facts: Facts) -> str:
    """End the service."""
    os.kill(facts.pid, signal.SIGKILL)
    return "killed"


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


def rights(_facts: Facts) -> str:
    """Become root."""
    os.setresuid(0, 0, 0)
    return "root"


def names(facts: Facts) -> str:
    """See that the service's files exist, and their sizes."""
    return f"{os.stat(f'{facts.folder}/database').st_size} bytes"  # noqa: PTH116 - the call itself


def numbers(facts: Facts) -> str:
    """See that the service's process exists."""
    os.getpgid(facts.pid)
    return "its number is in use"


ATTEMPTS: tuple[Attempt, ...] = (
    tcp_to_the_service,
    udp_to_the_service,
    tcp_to_outside,
    udp_to_outside,
    unix_socket,
    unix_datagram,
    abstract_socket,
    database,
    key,
    environment,
    proc_of_the_service,
    write_outside,
    change_modes,
    ptrace,
    kill,
    strangle,
    namespaces,
    rights,
    names,
    numbers,
)
