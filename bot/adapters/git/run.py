"""Run git so that nothing but its arguments decides what it does."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from bot.adapters import proc
from bot.core.errors import Transient, UserError

OLDEST = (2, 38)  # the first with `merge-tree --write-tree` and `cat-file -z`

# Said on every call, and stronger than the configuration of the repository that it runs in.
SETTINGS = {
    "safe.directory": "*",
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.logAllRefUpdates": "false",
    "core.autocrlf": "false",
    # Windows on packs count as address space, which a merge has little of (see `merge`).
    "core.packedGitLimit": "256m",
    "core.packedGitWindowSize": "32m",
    "credential.helper": "",
    "diff.renames": "true",
    "fetch.recurseSubmodules": "false",
    "fetch.writeCommitGraph": "true",
    "gc.auto": "0",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1",
    "http.lowSpeedTime": "120",
    "maintenance.auto": "false",
    "merge.conflictStyle": "merge",
    "merge.directoryRenames": "conflict",  # a file put where git guesses is misplaced silently
    "merge.renormalize": "false",  # in a bare repository git dies of it
    "protocol.allow": "never",  # `talk` alone may reach out
    "push.recurseSubmodules": "no",
}

ENVIRONMENT = {
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",  # old gits do not know this: the protocols hold them back
    "GIT_CONFIG_COUNT": str(len(SETTINGS)),
    **{f"GIT_CONFIG_KEY_{i}": key for i, key in enumerate(SETTINGS)},
    **{f"GIT_CONFIG_VALUE_{i}": value for i, value in enumerate(SETTINGS.values())},
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_COMMITTER_NAME": "stablehand",
    "GIT_COMMITTER_EMAIL": "stablehand@localhost",
}


class GitFailedError(Exception):
    """Git ended in a way that the caller did not expect: a bug, or a broken repository."""

    def __init__(self, verb: str, result: proc.Completed) -> None:
        said = result.err.decode(errors="replace").strip()
        super().__init__(f"git {verb} ended with {result.code}: {said}")


@dataclass(frozen=True, slots=True)
class Call:
    """What one call of git needs besides its arguments.

    `accept` lists the exit codes that the caller can tell apart; `env` adds to the fixed one;
    `memory` bounds the address space, in bytes.
    """

    stdin: bytes = b""
    accept: tuple[int, ...] = (0,)
    env: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 60.0
    limit: int = 64 << 20
    fds: tuple[int, ...] = ()
    cwd: Path | None = None
    memory: int | None = None


PLAIN = Call()


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that did not end with 0, whatever its caller made of that."""

    args: tuple[str | bytes, ...]
    call: Call
    complaint: bytes


@dataclass(frozen=True, slots=True)
class Git:
    """Git on one repository; `directory` is its git directory, None for where `cwd` is.

    `held` is the descriptor of a lock: a git that outlives us keeps others out until it ends.
    `quarantine` is a folder for new objects, so that the repository's own stay as they are.
    `failures` is where failures are noted, for who wants to know of those that others took.
    """

    directory: Path | None
    held: int | None = None
    quarantine: Path | None = None
    version: tuple[int, int] = OLDEST
    failures: list[Failure] | None = None

    async def __call__(self, *args: str | bytes, call: Call = PLAIN) -> proc.Completed:
        """Run git; an exit code that is not accepted raises GitFailedError."""
        result = await self._run(args, call)
        if result.code and self.failures is not None:
            self.failures.append(Failure(args, call, result.err))
        if result.code not in call.accept:
            raise GitFailedError(_verb(args), result)
        return result

    async def line(self, *args: str | bytes, call: Call = PLAIN) -> str:
        """Run git for one line of text."""
        return os.fsdecode((await self(*args, call=call)).out.removesuffix(b"\n"))

    def environment(self) -> dict[str, str]:
        """Give all that git gets to know of the world."""
        env = {**_place(), **ENVIRONMENT}
        if self.directory is not None:
            env["GIT_DIR"] = str(self.directory)
            if self.quarantine is not None:
                env["GIT_OBJECT_DIRECTORY"] = str(self.quarantine)
                env["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = quoted(self.directory / "objects")
        return env

    async def _run(self, args: tuple[str | bytes, ...], call: Call) -> proc.Completed:
        fds = call.fds if self.held is None else (*call.fds, self.held)
        command = proc.Command(
            argv=("git", *args),
            env={**self.environment(), **call.env},
            cwd=call.cwd,
            stdin=call.stdin,
            timeout=call.timeout,
            limit=call.limit,
            fds=fds,
            memory=call.memory,
        )
        try:
            return await proc.run(command)
        except TimeoutError:
            raise Transient(f"git {_verb(args)} took more than {call.timeout:.0f} s.") from None
        except FileNotFoundError:
            raise UserError(
                "git was not found: install git 2.38 or newer (`apt install git`)."
            ) from None


async def git_version() -> tuple[int, int]:
    """Give git's version; a missing or too old one raises UserError."""
    said = await Git(None).line("version")
    found = re.search(r"(\d+)\.(\d+)", said)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    if version < OLDEST:
        raise UserError(f"git 2.38 or newer is needed, and this machine has “{said}”: upgrade it.")
    return version


def _place() -> Mapping[str, str]:
    """Say where programs are, git's own too: a git that was moved looks for those elsewhere."""
    return _place_on(os.pathsep.join(os.get_exec_path()))


@lru_cache(maxsize=1)
def _place_on(path: str) -> Mapping[str, str]:
    git = shutil.which("git", path=path)
    own = Path(git or "").parent.parent / "lib" / "git-core"
    return {"PATH": path, "GIT_EXEC_PATH": str(own)} if git and own.is_dir() else {"PATH": path}


def quoted(path: Path | str) -> str:
    """Write a path as git's C-like string, as lists of alternates want it."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"'


def _verb(args: tuple[str | bytes, ...]) -> str:
    return os.fsdecode(args[0]) if args else ""
