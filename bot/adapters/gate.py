"""The gate: what no test needs to run to see is broken in the Python files of a pick."""

from __future__ import annotations

import ast
import gc
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple

from pyflakes import messages
from pyflakes.checker import Checker

from bot.core.diff import changes
from bot.core.finding import ChangedFile, Finding
from bot.core.imports import Import, imported
from bot.core.modules import Lookup, Modules

SAID = {
    messages.UndefinedName: "uses {}, which nothing defines here",
    messages.UndefinedLocal: "uses {} before it is defined",
    messages.UndefinedExport: "lists {} in __all__, which nothing defines here",
    messages.RedefinedWhileUnused: "defines {} a second time, unused until then",
}
ALL_LINES = (range(1, sys.maxsize),)
NOTHING = ast.Module([], [])
KEPT = 32  # files with what was found in them
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
    read = _read(file.before, file.after)
    missing = [(o, said) for o in read.imports if (said := modules.missing(o, file.path))]
    known = _known(file.before) if missing else ()
    yield from (Finding(file.path, o.line, said) for o, said in missing if o.target not in known)
    yield from (Finding(file.path, line, said) for line, said in read.broken)


class _Read(NamedTuple):
    """What a file's text alone tells: what its changed lines import, and what is newly wrong."""

    imports: Sequence[Import] = ()
    broken: Sequence[tuple[int, str]] = ()


@lru_cache(KEPT)  # the targets of one fix often have a file in common
def _read(before: bytes | None, after: bytes) -> _Read:
    with _no_collection():
        try:
            tree = ast.parse(after)
        except UNPARSABLE as error:
            never_parsed = before is not None and _parsed(before) is None
            return _Read() if never_parsed else _Read(broken=[_unparsable(error)])
        imports = list(imported(tree, _changed(before, after)))
        broken = _broken_names(tree)
        old = _broken_names(_parsed(before) or NOTHING) if before and broken else {}
        return _Read(imports, [(line, said) for said, line in broken.items() if said not in old])


def _known(before: bytes | None) -> AbstractSet[tuple[str, str | None]]:
    """Give what the target's version imports."""
    return {one.target for one in imported(_parsed(before or b"") or NOTHING, ALL_LINES)}


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from looking for garbage among the many small parts of one syntax tree."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _changed(before: bytes | None, after: bytes) -> Sequence[range]:
    """Give the lines, counted from 1, that the target's version does not have."""
    if before is None:
        return ALL_LINES
    parts = changes(before.split(b"\n"), after.split(b"\n"))
    return [range(part.new_start + 1, part.new_end + 1) for part in parts]


def _parsed(data: bytes) -> ast.Module | None:
    try:
        return ast.parse(data)
    except UNPARSABLE:
        return None


def _unparsable(error: BaseException) -> tuple[int, str]:
    said = getattr(error, "msg", None) or str(error)
    line = getattr(error, "lineno", None) or 1
    return line, f"does not parse with Python {platform.python_version()}: {said}"


def _broken_names(tree: ast.Module) -> Mapping[str, int]:
    """Give what is said of names, with the first line that it is said of."""
    found: dict[str, int] = {}
    for message in sorted(Checker(tree).messages, key=lambda message: message.lineno, reverse=True):
        if said := SAID.get(type(message)):
            found[said.format(message.message_args[0])] = message.lineno
    return dict(reversed(found.items()))
