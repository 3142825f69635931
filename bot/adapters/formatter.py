"""A formatter of Python as a child process that gets a text and gives it back formatted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ruff import find_ruff_bin

from bot.adapters.proc import Command, OutputTooLargeError, run

LINE_LENGTH = 88
SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Formatter:
    """A program that reads standard input and writes standard output; `seconds` for each text."""

    argv: tuple[str, ...]
    seconds: float = SECONDS

    async def format(self, text: str) -> str | None:
        """Give the text formatted; None where the program fails, hangs or is not there."""
        command = Command(self.argv, {"LANG": "C.UTF-8"}, Path("/"), text.encode(), self.seconds)
        try:
            completed = await run(command)
            return completed.out.decode() if completed.code == 0 else None
        except (TimeoutError, OutputTooLargeError, OSError, UnicodeDecodeError):
            return None


def ruff(line_length: int = LINE_LENGTH) -> Formatter:
    """Give the formatter that we bring, untouched by any configuration."""
    argv = (find_ruff_bin(), "format", "--isolated", "--no-cache", "--quiet")
    return Formatter((*argv, "--line-length", str(line_length), "-"))


def black(program: Path, line_length: int = LINE_LENGTH) -> Formatter:
    """Give a Black of the version that a branch keeps to."""
    argv = (str(program), "--quiet", "--config", "/dev/null", "--line-length", str(line_length))
    return Formatter((*argv, "-"))
