"""Which system calls a command that is shut up may not make, and why, by their numbers."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

NEWEST = 462  # the last call that was looked at; it has one number on every machine

# Numbers on x86_64 and on aarch64, None where that machine has no such call.
NUMBERS = MappingProxyType(
    {
        "add_key": (248, 217),
        "bind": (49, 200),
        "bpf": (321, 280),
        "chmod": (90, None),
        "chown": (92, None),
        "chroot": (161, 51),
        "clone": (56, 220),
        "clone3": (435, 435),
        "connect": (42, 203),
        "fanotify_init": (300, 262),
        "fchmod": (91, 52),
        "fchmodat": (268, 53),
        "fchmodat2": (452, 452),
        "fchown": (93, 55),
        "fchownat": (260, 54),
        "fcntl": (72, 25),
        "fremovexattr": (199, 16),
        "fsetxattr": (190, 7),
        "fsopen": (430, 430),
        "futimesat": (261, None),
        "inotify_init": (253, None),
        "inotify_init1": (294, 26),
        "io_uring_enter": (426, 426),
        "io_uring_register": (427, 427),
        "io_uring_setup": (425, 425),
        "ioctl": (16, 29),
        "ioprio_set": (251, 30),
        "kcmp": (312, 272),
        "keyctl": (250, 219),
        "kill": (62, 129),
        "lchown": (94, None),
        "listen": (50, 201),
        "lremovexattr": (198, 15),
        "lsetxattr": (189, 6),
        "memfd_create": (319, 279),
        "memfd_secret": (447, 447),
        "migrate_pages": (256, 238),
        "mount": (165, 40),
        "mount_setattr": (442, 442),
        "move_mount": (429, 429),
        "move_pages": (279, 239),
        "mq_open": (240, 180),
        "msgget": (68, 186),
        "name_to_handle_at": (303, 264),
        "open_by_handle_at": (304, 265),
        "open_tree": (428, 428),
        "perf_event_open": (298, 241),
        "pidfd_getfd": (438, 438),
        "pidfd_send_signal": (424, 424),
        "pivot_root": (155, 41),
        "prlimit64": (302, 261),
        "process_madvise": (440, 440),
        "process_vm_readv": (310, 270),
        "process_vm_writev": (311, 271),
        "ptrace": (101, 117),
        "removexattr": (197, 14),
        "request_key": (249, 218),
        "rt_sigqueueinfo": (129, 138),
        "rt_tgsigqueueinfo": (297, 240),
        "sched_setaffinity": (203, 122),
        "sched_setattr": (314, 274),
        "sched_setparam": (142, 118),
        "sched_setscheduler": (144, 119),
        "semget": (64, 190),
        "setns": (308, 268),
        "setpriority": (141, 140),
        "setxattr": (188, 5),
        "shmget": (29, 194),
        "socket": (41, 198),
        "socketpair": (53, 199),
        "tgkill": (234, 131),
        "tkill": (200, 130),
        "umount2": (166, 39),
        "unshare": (272, 97),
        "userfaultfd": (323, 282),
        "utime": (132, None),
        "utimensat": (280, 88),
        "utimes": (235, None),
    }
)


class Test(Enum):
    """What an argument is compared by; only its lower 32 bits are looked at."""

    __test__ = False

    HAS_ANY_BIT = auto()
    EQUALS = auto()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that is answered with `error` and not made; 0 says that it went well.

    With a `test` that is so only where the argument at the place `argument` passes it.
    """

    call: str
    error: int = errno.EPERM
    argument: int = 0
    test: Test | None = None
    value: int = 0


def _all(calls: str, error: int = errno.EPERM) -> tuple[Refusal, ...]:
    return tuple(Refusal(call, error) for call in calls.split())


def _of_others(calls: str) -> tuple[Refusal, ...]:
    """Refuse what names another process; 0 means the caller itself."""
    return tuple(Refusal(call, test=Test.HAS_ANY_BIT, value=0xFFFFFFFF) for call in calls.split())


_NEW_NAMESPACES = 0x7E020000  # all of the flags CLONE_NEW… that clone() takes
_DATAGRAM = 2  # a bit of SOCK_DGRAM and SOCK_RAW, not of SOCK_STREAM and SOCK_SEQPACKET
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_SIOCSPGRP, _FIOSETOWN = 0x8902, 0x8901
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX = 8, 10, 15

# In every sandbox: namespaces in which one would be root, memory that belongs to no process and
# so is not seen by the watch, and what tests do not need of the kernel but attacks on it do.
ALWAYS = (
    Refusal("clone", test=Test.HAS_ANY_BIT, value=_NEW_NAMESPACES),
    *_all("clone3", errno.ENOSYS),  # its flags lie in memory; the C library takes clone instead
    *_all("unshare setns mount umount2 pivot_root chroot fsopen open_tree move_mount"),
    *_all("mount_setattr"),
    *_all("memfd_create memfd_secret shmget", errno.ENOSYS),
    *_all("io_uring_setup io_uring_enter io_uring_register", errno.ENOSYS),
    *_all("bpf perf_event_open userfaultfd keyctl add_key request_key"),
    *_all("name_to_handle_at open_by_handle_at"),
    *(Refusal("ioctl", argument=1, test=Test.EQUALS, value=v) for v in (_TIOCSTI, _TIOCLINUX)),
)

# Where there are no namespaces: all that reaches other processes of the same user or leaves the
# machine, and kernel objects that would outlive the run. A pair of sockets is for itself alone,
# except that a datagram socket may send to any address.
ALONE = (
    *_all("socket connect bind listen"),
    Refusal("socketpair", argument=1, test=Test.HAS_ANY_BIT, value=_DATAGRAM),
    *_all("ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd"),
    *_all("setpriority ioprio_set migrate_pages move_pages"),
    *_of_others("prlimit64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler"),
    *_all("msgget semget mq_open inotify_init inotify_init1 fanotify_init"),
    # Landlock has no say in these. They are said to have gone well, because copying a file asks
    # for them by the way.
    *_all("chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat", 0),
    *_all("utime utimes futimesat utimensat", 0),
    *_all("setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr", 0),
)

# Where Landlock does not keep signals in: none at all, not even to oneself or by way of a file.
NO_SIGNALS = (
    *_all("kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal"),
    *(
        Refusal("fcntl", argument=1, test=Test.EQUALS, value=value)
        for value in (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX)
    ),
    *(Refusal("ioctl", argument=1, test=Test.EQUALS, value=v) for v in (_SIOCSPGRP, _FIOSETOWN)),
)
