"""A formatter of Python as a child process that gets a text and gives it back formatted."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ruff import find_ruff_bin
from uv import find_uv_bin

from bot.adapters.proc import Command, OutputTooLargeError, run
from bot.core.code_style import CodeStyle

SECONDS = 20.0
# The launcher that uv makes is a shell script; an index out of reach must not cost long.
FOR_UV = {"PATH": os.defpath, "UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "5"}


@dataclass(frozen=True, slots=True)
class Formatter:
    """A program that reads standard input and writes standard output; `seconds` for each text."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    seconds: float = SECONDS

    async def format(self, text: str) -> str | None:
        """Give the text formatted; None where the program fails, hangs or is not there."""
        command = Command(self.argv, self.env, Path("/"), text.encode(), self.seconds)
        try:
            completed = await run(command)
            return completed.out.decode() if completed.code == 0 else None
        except (TimeoutError, OutputTooLargeError, OSError, UnicodeDecodeError):
            return None


def formatters(style: CodeStyle, environ: Mapping[str, str]) -> tuple[Formatter, ...]:
    """Give those to try in turn: the Black that a branch keeps to, then ours.

    `environ` is for uv, which gets Black from the package index and keeps it; without the index
    there is no Black.
    """
    length = ("--line-length", str(style.line_length), "-")
    own = Formatter((find_ruff_bin(), "format", "--isolated", "--no-cache", "--quiet", *length))
    if style.black is None:
        return (own,)
    uv = (find_uv_bin(), "tool", "run", "--no-config", "--no-build", "--quiet")
    python = ("--python", sys.executable, "--no-python-downloads")
    black = ("--from", f"black=={style.black}", "black", "--quiet", "--config", "/dev/null")
    return Formatter((*uv, *python, *black, *length), {**FOR_UV, **environ}), own
