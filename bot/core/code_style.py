"""How the Python of a branch is formatted, as far as its own files say."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any

LINE_LENGTH = 88
POSSIBLE = range(1, 321)  # what ruff takes
_BLACK_HOOK = re.compile(
    r"repo:\s*['\"]?https://github\.com/(?:psf|ambv)/black(?:-pre-commit-mirror)?(?:\.git)?['\"]?"
    r"\s+rev:\s*['\"]?v?(\d+(?:\.\d+)+)['\"]?\s"
)


@dataclass(frozen=True, slots=True)
class CodeStyle:
    """The longest line that a formatter makes, and the Black that the branch keeps to, if any."""

    line_length: int = LINE_LENGTH
    black: str | None = None


def code_style(pyproject: bytes | None, hooks: bytes | None) -> CodeStyle:
    """Read `pyproject.toml` and `.pre-commit-config.yaml`; what they leave open is as usual.

    The limit of a linter does not count: it is a limit, and formatters would fill lines up to it.
    """
    pinned = _BLACK_HOOK.search((hooks or b"").decode(errors="replace"))
    tools = _tools(pyproject or b"")
    lengths = (_length(tools, "black", "line-length"), _length(tools, "ruff", "line-length"))
    given = (length for length in lengths if length is not None)
    return CodeStyle(next(given, LINE_LENGTH), pinned[1] if pinned else None)


def _tools(pyproject: bytes) -> dict[str, Any]:
    try:
        tools = tomllib.loads(pyproject.decode()).get("tool")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}
    return tools if isinstance(tools, dict) else {}


def _length(tools: dict[str, Any], tool: str, key: str) -> int | None:
    table = tools.get(tool)
    found = table.get(key) if isinstance(table, dict) else None
    return found if type(found) is int and found in POSSIBLE else None
