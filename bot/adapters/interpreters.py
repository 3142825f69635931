"""Finding the Python interpreters of this machine, never downloading one."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from bot.adapters.proc import Command, OutputTooLargeError, run
from bot.core.errors import UserError

_SECONDS = 20
_ANSWER = 64 * 1024
_ASK = """
import json, os, platform, sys, sysconfig
print(json.dumps({
    "executable": os.path.realpath(sys.executable),
    "prefix": os.path.realpath(sys.base_prefix),
    "implementation": platform.python_implementation(),
    "version": platform.python_version(),
    "build": sys.version,
    "platform": sysconfig.get_platform(),
}))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python as it describes itself; `prefix` is the folder that holds all of it."""

    executable: Path
    prefix: Path
    implementation: str
    version: str
    build: str
    platform: str

    @property
    def name(self) -> str:
        """Give `CPython 3.10.13`."""
        return f"{self.implementation} {self.version}"

    @property
    def series(self) -> str:
        """Give `3.10`."""
        return ".".join(self.version.split(".")[:2])

    def is_a(self, version: str) -> bool:
        """Tell whether this is a 3.10, or a 3.10.13, whatever was asked for."""
        return f"{self.version}.".startswith(f"{version}.")


@dataclass(frozen=True, slots=True)
class Choice:
    """The interpreter to use, and a note where it is not the one that was wanted first."""

    interpreter: Interpreter
    note: str = ""


class Interpreters:
    """Those of pyenv, of the system, of uv, and the one that runs us.

    Of `environ` it reads `PYENV_ROOT`, `HOME` and what uv needs to find its own.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        home = Path(environ.get("HOME", "/"))
        self._pyenv = Path(environ.get("PYENV_ROOT", home / ".pyenv"))
        self._environ = {
            name: value
            for name, value in environ.items()
            if name in {"HOME", "PATH", "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR"}
        }

    async def choose(self, versions: Sequence[str], *, substitute: bool = False) -> Choice:
        """Give the first version that is here; none asked for means the one that runs us.

        That one is also what takes their place if none of them is here and a substitute may.
        Raises UserError where none may.
        """
        own = await _described(Path(sys.executable))
        if not versions and own:
            return Choice(own)
        for version in versions:
            if found := await self._find(version, own):
                return Choice(found, _note(versions, version) if version != versions[0] else "")
        if substitute and own:
            return Choice(own, _note(versions, own.series))
        raise UserError(
            f"interpreter {' or '.join(versions)} not found; install it or change `python`"
        )

    async def _find(self, version: str, own: Interpreter | None) -> Interpreter | None:
        if own and own.is_a(version):
            return own
        for path in self._usual_places(version):
            found = await _described(path)
            if found and found.is_a(version):
                return found
        return await self._found_by_uv(version)

    def _usual_places(self, version: str) -> list[Path]:
        """Give real interpreters only; pyenv's shims stand for versions that are switched off."""
        pyenv = [
            path / "bin/python"
            for path in (self._pyenv / "versions").glob(f"{version}*")
            if f"{path.name}.".startswith(f"{version}.")
        ]
        system = [Path(folder) / f"python{version}" for folder in ("/usr/bin", "/usr/local/bin")]
        return sorted(pyenv, key=_numbers, reverse=True) + system

    async def _found_by_uv(self, version: str) -> Interpreter | None:
        options = ("--no-python-downloads", "--no-project", "--no-config", "--system", "--offline")
        said = await _said((find_uv_bin(), "python", "find", *options, version), self._environ)
        found = await _described(Path(said)) if said else None
        return found if found and found.is_a(version) else None


def _note(wanted: Sequence[str], given: str) -> str:
    return f"interpreter {wanted[0]} not found, ran with {given}"


async def _described(path: Path) -> Interpreter | None:
    """Ask an interpreter for its description; None where there is none that works."""
    said = await _said((str(path), "-I", "-c", _ASK), {})
    if not said:
        return None
    facts = json.loads(said)
    return Interpreter(Path(facts.pop("executable")), Path(facts.pop("prefix")), **facts)


async def _said(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    try:
        completed = await run(Command(argv, environ, timeout=_SECONDS, limit=_ANSWER))
    except (OSError, TimeoutError, OutputTooLargeError):
        return ""
    return completed.out.decode(errors="replace").strip() if completed.code == 0 else ""


def _numbers(path: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", path.parts[-3]))
