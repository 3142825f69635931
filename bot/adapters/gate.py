"""The gate: what no test needs to run to see is broken in the Python files of a pick."""

from __future__ import annotations

import ast
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyflakes import messages
from pyflakes.checker import Checker

from bot.core.diff import changes
from bot.core.finding import ChangedFile, Finding
from bot.core.imports import imported
from bot.core.modules import Lookup, Modules

SAID = {
    messages.UndefinedName: "uses {}, which nothing defines here",
    messages.UndefinedLocal: "uses {} before it is defined",
    messages.UndefinedExport: "lists {} in __all__, which nothing defines here",
    messages.RedefinedWhileUnused: "defines {} a second time, unused until then",
}
ALL_LINES = (range(1, sys.maxsize),)
UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def check(files: Iterable[ChangedFile], lookup: Lookup) -> tuple[Finding, ...]:
    """Check the changed files of a pick; `lookup` reads the picked tree.

    Only what the target's own version lacks is a finding: a file that does not parse with the
    Python that runs this, an unknown or doubled name, an import of the project's that is not in
    its tree. Takes milliseconds to seconds of processor time.
    """
    modules = Modules(lookup)
    found = (_check(file, modules) for file in files if file.path.endswith(".py"))
    return tuple(finding for findings in found for finding in findings)


def _check(file: ChangedFile, modules: Modules) -> Iterator[Finding]:
    try:
        after = ast.parse(file.after)
    except UNPARSABLE as error:
        if file.before is None or _parsed(file.before) is not None:
            yield _unparsable(file.path, error)
        return
    missing = [
        (one, said)
        for one in imported(after, _changed(file))
        if (said := modules.missing(one, file.path))
    ]
    broken = _broken_names(after)
    if not missing and not broken:
        return  # and the target's version need not be read
    before = _parsed(file.before or b"") or ast.Module([], [])
    known = {one.target for one in imported(before, ALL_LINES)}
    old = _broken_names(before)
    yield from (Finding(file.path, o.line, said) for o, said in missing if o.target not in known)
    yield from (Finding(file.path, line, said) for said, line in broken.items() if said not in old)


def _changed(file: ChangedFile) -> Sequence[range]:
    """Give the lines, counted from 1, that the target's version does not have."""
    if file.before is None:
        return ALL_LINES
    parts = changes(file.before.split(b"\n"), file.after.split(b"\n"))
    return [range(part.new_start + 1, part.new_end + 1) for part in parts]


def _parsed(data: bytes) -> ast.Module | None:
    try:
        return ast.parse(data)
    except UNPARSABLE:
        return None


def _unparsable(path: str, error: BaseException) -> Finding:
    line = getattr(error, "lineno", None) or 1
    said = getattr(error, "msg", None) or str(error)
    return Finding(path, line, f"does not parse with Python {platform.python_version()}: {said}")


def _broken_names(tree: ast.Module) -> Mapping[str, int]:
    """Give what is said of names, with the first line that it is said of."""
    found: dict[str, int] = {}
    for message in sorted(Checker(tree).messages, key=lambda message: message.lineno, reverse=True):
        if said := SAID.get(type(message)):
            found[said.format(message.message_args[0])] = message.lineno
    return dict(reversed(found.items()))
