"""Virtual environments for test runs, built once for each interpreter and set of requirements.

They are built outside the sandbox, so nothing is installed but wheels that the configuration
names, nothing is compiled, and no code of theirs runs here.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from uv import find_uv_bin

from bot.adapters.interpreters import Interpreter
from bot.adapters.proc import Command, run
from bot.core.errors import Transient, UserError
from bot.core.printable import last_lines, printable, without_logins

_FORMAT = "v2"  # a change in how environments are built changes it
_KEPT = 10
# Runs cannot write byte code, so each would compile all that it imports.
_HOW = ("--only-binary", ":all:", "--compile-bytecode")
_SECONDS = 300
_ERROR_LINES = 12
_LOCK_PAUSE = 0.1
# A name, extras, versions, a marker: no option, no path, no address, nothing to be compiled.
_REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w., -]*\])?[^@/\\]*")
# How this machine reaches its package index; pip's own variables mean nothing to uv.
_INDEX = re.compile(
    r"UV_\w+|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|HOME|XDG_CONFIG_HOME", re.IGNORECASE
)


class Environments:
    """The environments under one folder; the least recently used of more than ten are removed."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = {
            "UV_CACHE_DIR": str(folder / "cache"),
            **{name: value for name, value in environ.items() if _INDEX.fullmatch(name)},
            # Linked files would let one environment change what is in the others.
            "UV_LINK_MODE": "copy",
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_NO_PROGRESS": "1",
        }

    @asynccontextmanager
    async def open(
        self, interpreter: Interpreter, requirements: Sequence[str]
    ) -> AsyncIterator[Path]:
        """Give the folder of an environment, which stays in place as long as it is open.

        Raises UserError, with uv's last lines, where it cannot be built, and Transient where that
        takes over five minutes.
        """
        _check(requirements)
        key = _key(interpreter, requirements)
        folder = self._folder / key
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._lock_file(key), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            await _acquire(lock, fcntl.LOCK_SH)
            if not _is_built(folder):
                await _acquire(lock, fcntl.LOCK_EX)
                if not _is_built(folder):  # by another, while we waited
                    await self._build(folder, interpreter, requirements)
                    await asyncio.to_thread(self._evict)
                await _acquire(lock, fcntl.LOCK_SH)
            os.utime(folder)
            yield folder
        finally:
            os.close(lock)

    async def _build(
        self, folder: Path, interpreter: Interpreter, requirements: Sequence[str]
    ) -> None:
        unfinished = folder.with_suffix(".unfinished")
        _remove(unfinished)
        python = str(interpreter.executable)
        await self._uv("venv", "--relocatable", "--no-project", "--python", python, str(unfinished))
        if requirements:
            target = ("--python", str(unfinished / "bin/python"))
            await self._uv("pip", "install", *_HOW, *target, "--", *requirements)
        await asyncio.to_thread(_protect, unfinished)
        unfinished.rename(folder)

    async def _uv(self, *arguments: str) -> None:
        command = Command(
            (find_uv_bin(), *arguments), self._environ, self._folder, timeout=_SECONDS
        )
        try:
            completed = await run(command)
        except TimeoutError:
            raise Transient(f"uv did not build a test environment in {_SECONDS} s") from None
        if completed.code:
            said = without_logins(last_lines(printable(completed.err), _ERROR_LINES))
            raise UserError(
                f"the test environment could not be built; check `requirements`{_blamed(said)}, "
                f"and whether this machine reaches its package index\n{said}"
            )

    def _evict(self) -> None:
        built = [
            path for path in self._folder.iterdir() if re.fullmatch(r"[0-9a-f]{64}", path.name)
        ]
        built.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for folder in built[_KEPT:]:
            lock = os.open(self._lock_file(folder.name), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(folder)
            except BlockingIOError:  # in use
                continue
            finally:
                os.close(lock)

    def _lock_file(self, key: str) -> Path:
        return self._folder / f"{key}.lock"


def _is_built(folder: Path) -> bool:
    return folder.exists()


def _check(requirements: Sequence[str]) -> None:
    for requirement in requirements:
        if not _REQUIREMENT.fullmatch(requirement):
            raise UserError(
                f"the requirement `{requirement}` is not allowed; "
                "change `requirements` to names of packages, with versions where needed"
            )


def _blamed(said: str) -> str:
    """Name the packages that uv's words are about: not there, or without a wheel that fits."""
    found = re.findall(
        r"([A-Za-z0-9][\w.-]*)(?:==\S+)? (?:was not found in|has no (?:usable )?wheels)", said
    )
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(found))
    return f", above all {names} (only what has a wheel can be installed)" if names else ""


def _key(interpreter: Interpreter, requirements: Sequence[str]) -> str:
    facts = (_FORMAT, str(interpreter.executable), interpreter.build, interpreter.platform)
    return hashlib.sha256("\n".join((*facts, *sorted(requirements))).encode()).hexdigest()


async def _acquire(lock: int, kind: int) -> None:
    """Wait for a lock between processes and tasks alike, in a way that can be cancelled."""
    while True:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(_LOCK_PAUSE)
        else:
            return


def _protect(folder: Path) -> None:
    """Take away everybody's right to write, and let any user read."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444)


def _remove(folder: Path) -> None:
    if not folder.exists():
        return
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)
    shutil.rmtree(folder)
