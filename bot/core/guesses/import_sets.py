"""The guess "imports": import statements are sets, to which either side adds and takes away."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import dedent, indent

from bot.core.merge3 import Region

WIDTH = 79
_ITEM = re.compile(r"[ \t]*from[ \t][^\n(#]*\([^()#]*\)[ \t]*\n|[^\n]*\n|[^\n]+")
_MARGIN = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class _Statement:
    """An import and its text; `source` is None in `import name`."""

    source: str | None
    names: frozenset[str]
    text: str

    @property
    def place(self) -> tuple[bool, str]:
        """Give what the statements of a block are sorted by."""
        return self.source is not None, (self.source or min(self.names)).lower()

    @property
    def pairs(self) -> frozenset[tuple[str | None, str]]:
        """Give each name with its source."""
        return frozenset((self.source, name) for name in self.names)


def items(text: str) -> list[str]:
    """Cut a text into lines, an import in brackets being one."""
    return _ITEM.findall(text)


def import_sets(region: Region[str]) -> Sequence[str] | None:
    """Merge a region of items that holds nothing but imports; None for any other."""
    sides = [_statements(side) for side in (region.base, region.ours, region.theirs)]
    base, ours, theirs = sides
    if base is None or ours is None or theirs is None:
        return None
    was, now = _pairs(base), _pairs(theirs)
    result = [_without(one, was - now) for one in ours]
    margin = _MARGIN.match((*region.ours, *region.theirs)[0])
    for statement in theirs:
        _add(result, _without(statement, was | _pairs(ours)))
    left = [one.text for one in result if one.names]
    return items(indent("".join(left), margin[0] if margin else ""))


def _pairs(statements: Sequence[_Statement]) -> frozenset[tuple[str | None, str]]:
    return frozenset[tuple[str | None, str]]().union(*(one.pairs for one in statements))


def _statements(side: Sequence[str]) -> list[_Statement] | None:
    """Read the imports, None where there is anything else, were it a comment."""
    text = dedent("".join(side))
    try:
        nodes = ast.parse(text).body
    except SyntaxError:
        return None
    found = [_statement(node, text) for node in nodes]
    read = [one for one in found if one is not None]
    return read if "".join(one.text for one in read) == text else None


def _statement(node: ast.stmt, text: str) -> _Statement | None:
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return None
    names = frozenset(f"{a.name} as {a.asname}" if a.asname else a.name for a in node.names)
    own = f"{ast.get_source_segment(text, node)}\n"
    if isinstance(node, ast.Import):
        return _Statement(None, names, own)
    return _Statement("." * node.level + (node.module or ""), names, own)


def _without(statement: _Statement, pairs: frozenset[tuple[str | None, str]]) -> _Statement:
    names = frozenset(name for source, name in statement.pairs - pairs)
    return statement if names == statement.names else _written(statement.source, names)


def _add(result: list[_Statement], statement: _Statement) -> None:
    """Put new names to the statement of their source, or as a statement in its place."""
    for index, one in enumerate(result):
        if one.source == statement.source is not None:
            if statement.names:
                result[index] = _written(one.source, one.names | statement.names)
            return
    if statement.names:
        later = (i for i, one in enumerate(result) if one.names and one.place > statement.place)
        result.insert(next(later, len(result)), statement)


def _written(source: str | None, names: frozenset[str]) -> _Statement:
    in_order = sorted(names, key=_kind)
    start = f"from {source} import " if source else "import "
    text = f"{start}{', '.join(in_order)}\n"
    if source and len(text) > WIDTH + 1:
        text = "".join([start, "(\n", *(f"    {name},\n" for name in in_order), ")\n"])
    return _Statement(source, names, text)


def _kind(name: str) -> tuple[int, str]:
    """Sort constants before classes before functions."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1 if name[:1].isupper() else 2), name
