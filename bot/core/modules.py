"""Finding in a tree of files what an import means, as far as its text tells."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache

from bot.core.imports import Import, given

Lookup = Callable[[str], bytes | None]
"""Gives a file of the tree by its path, None if it is not there."""

SOURCES = (".py", "/__init__.py")
COMPILED = (".pyx", ".pyi", "/__init__.pyi", ".c")
SOURCE_FOLDERS = ("src", "lib")


class Modules:
    """The modules of one tree; each is read once."""

    def __init__(self, lookup: Lookup) -> None:
        self._read = cache(lookup)
        self._given = cache(self._parse)

    def missing(self, wanted: Import, path: str) -> str | None:
        """Say what of an import in the module at `path` is not in the tree, None if nothing.

        Modules of other projects are never missing: only what lies in a package of the tree can.
        """
        places = list(self._places(wanted.module, path))
        if not places or any(self._has(place, wanted.name) for place in places):
            return None
        if wanted.name is None or not any(self._source(place) for place in places):
            return f"imports {wanted.module}, which is not on this branch"
        return f"imports {wanted.name} from {wanted.module}, which does not have it on this branch"

    def _places(self, module: str, path: str) -> Iterator[str]:
        """Give where the module would be, without its suffix; none if it is another project's."""
        bare = module.lstrip(".")
        if level := len(module) - len(bare):
            folders = _folders(path)[level - 1 : level]
            yield from (_join(folder, *bare.split(".")) for folder in folders)
            return
        for root in self._roots(path):
            top = _join(root, bare.partition(".")[0])
            if any(self._read(top + suffix) is not None for suffix in SOURCES):
                yield _join(root, *bare.split("."))

    def _roots(self, path: str) -> Iterator[str]:
        """Give the folders that absolute imports may start from: those that are no package."""
        yield from SOURCE_FOLDERS
        for folder in _folders(path):
            if self._read(_join(folder, "__init__.py")) is None:
                yield folder

    def _has(self, place: str, name: str | None) -> bool:
        if any(self._read(place + suffix) is not None for suffix in COMPILED):
            return True
        source = self._source(place)
        if name is None or name == "*":
            return source is not None
        if source is not None:
            names = self._given(source)
            if names is None or name in names or name.startswith("__"):
                return True
        submodule = _join(place, name)
        return any(self._read(submodule + end) is not None for end in (*SOURCES, *COMPILED))

    def _source(self, place: str) -> str | None:
        return next((place + s for s in SOURCES if self._read(place + s) is not None), None)

    def _parse(self, path: str) -> frozenset[str] | None:
        try:
            return given(ast.parse(self._read(path) or b""))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _folders(path: str) -> list[str]:
    """Give the folders that a path lies in, the innermost first; the last is the tree itself."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:depth]) for depth in range(len(parts), -1, -1)]


def _join(*parts: str) -> str:
    return "/".join(filter(None, parts))
